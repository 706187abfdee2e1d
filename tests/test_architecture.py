"""The rules that hold the whole package together, read from the source."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path
from sys import stdlib_module_names

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "skill"
MODULES = sorted(PACKAGE.rglob("*.py"))
FLOORS = {
    "skill.cli": 9,
    "skill.commands": 8,
    "skill.web": 7,
    "skill.aws": 8,
    "skill.function": 7,
    "skill.speaker": 7,
    "skill.service": 6,
    "skill.skill": 5,
    "skill.logs": 5,
    "skill.package": 5,
    "skill.understanding": 4,
    "skill.intents": 4,
    "skill.audio": 3,
    "skill.render": 2,
    "skill.content": 2,
    "skill.store": 2,
    "skill.coach": 1,
    "skill.config": 1,
    "skill.metrics": 1,
    "skill.secret": 2,
    "skill.routine": 0,
    "skill": 0,
}
"""Each may import from lower floors and from itself: the stair of the design, never up or round."""
PURE = ("skill.routine", "skill.coach", "skill.content.phrases", "skill.content.store_page")
PURE_IMPORTS = {
    *("abc", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"),
    *("hashlib", "heapq", "itertools", "math", "operator", "re", "statistics", "string", "types", "typing"),
    *("__future__", "skill"),
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
CLOCKS = {"now", "today", "utcnow"}
"""What `datetime` reads a clock with; else it only counts."""
BROUGHT_ALONG = {"ask_sdk_model": "ask-sdk-core", "botocore": "boto3", "werkzeug": "flask"}
"""Imported beside what is declared, and part of its interface."""
CODE = (".py", ".js", ".css", ".html")


def floor_of(module: str) -> str:
    """The entry of FLOORS that `module` stands on."""
    found = [name for name in FLOORS if name != "skill" and (module == name or module.startswith(f"{name}."))]
    if not found and module != "skill":
        raise AssertionError(f"{module} stands on no floor: give it one in FLOORS")
    return max(found, key=len, default="skill")


def module_name(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in functions too; `from a import b` names a.b if that is one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out in full"
            base = str(node.module)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if _is_module(inner) else base


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def ids(path: Path) -> str:
    """A file as it is told in a report."""
    return str(path.relative_to(ROOT))


every_module = pytest.mark.parametrize("path", MODULES, ids=ids)


@every_module
def test_imports_run_down_the_stair(path: Path) -> None:
    here = floor_of(module_name(path))
    for imported in imports(path):
        if imported.partition(".")[0] == "skill":
            there = floor_of(imported)
            assert there == here or FLOORS[there] < FLOORS[here], (
                f"{path.name} imports {imported}, up the stair"
            )


def is_pure(module: str) -> bool:
    """Whether the purity rule holds for `module`."""
    return any(module == name or module.startswith(f"{name}.") for name in PURE)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        module_name(path): {name for name in imports(path) if name.startswith("skill.")} - {module_name(path)}
        for path in MODULES
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", [p for p in MODULES if is_pure(module_name(p))], ids=ids)
def test_the_pure_core_reads_no_file_clock_network_or_environment(path: Path) -> None:
    assert {name.partition(".")[0] for name in imports(path)} <= PURE_IMPORTS
    called = {node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    assert not {func.id for func in called if isinstance(func, ast.Name)} & IMPURE_CALLS
    assert not {func.attr for func in called if isinstance(func, ast.Attribute)} & CLOCKS


@every_module
def test_everything_public_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "the module"
    for node in _public(tree(path)):
        assert ast.get_docstring(node), f"{node.name} in line {node.lineno}"


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Classes, functions and methods whose name has no underscore in front."""
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


@pytest.mark.parametrize("path", [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in CODE], ids=ids)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@every_module
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 40, f"{node.name} has {length} lines"


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = [each for group in project.get("optional-dependencies", {}).values() for each in group]
    declared = {_normal(re.split(r"[\s<>=!~;\[]", each)[0]) for each in project["dependencies"]}
    may = declared | {_normal(re.split(r"[\s<>=!~;\[]", each)[0]) for each in optional}
    imported = {name.partition(".")[0] for path in MODULES for name in imports(path)}
    third_party = imported - set(stdlib_module_names) - {"skill"}
    known = packages_distributions()
    used = {_normal(BROUGHT_ALONG.get(name, known.get(name, [name])[0])) for name in third_party}
    assert used <= may, f"imported, not declared: {used - may}"
    assert declared <= used, f"declared, not imported: {declared - used}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def repository() -> tuple[Path, ...]:
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git repository")
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def test_nothing_is_left_half_done() -> None:
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "Not" + "ImplementedError")))
    assert [ids(path) for path in repository() if PACKAGE in path.parents and words.search(_text(path))] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    folders = "|".join(("work", "root", "home"))
    words = re.compile(rf"(?<![\w./~}}-])/({folders})/\w|{'pypi'}\.org|--(extra-)?index-url|--find-{'links'}")
    found = {
        f"{ids(path)}:{number}"
        for path in repository()
        if path != Path(__file__).resolve()
        for number, line in enumerate(_text(path).splitlines(), 1)
        if words.search(line)
    }
    assert found == set()


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")
