"""The coach's lines and the code that says them fit together, both ways."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

import skill
from skill.coach.content import Region
from skill.coach.events import Flow
from skill.coach.state import Question
from skill.understanding.understand import understand
from tests.routine.choices import CONTENT

SKILL = Path(skill.__file__).parent
COACH = sorted((SKILL / "coach").glob("*.py"))

FAMILIES: dict[str, Iterable[str]] = {"ask_": Question, "again_": Question, "flow_": Flow}
"""Keys put together from a prefix and a value."""

BY_STARS = {
    # key: the words that reach it in a ** argument
    "left_in_hold": {"hold", "stretch", "whole"},
    "left_in_stretch": {"stretch", "whole"},
    "ask_": {"stretch", "here", "left"},
}


@dataclass(frozen=True)
class Call:
    """One `line(...)` in the code, with one of the keys it may ask for."""

    file: str
    number: int
    key: str
    words: frozenset[str]


def constants(node: ast.AST) -> Iterator[str]:
    """Every key that `node` may be: its texts, and those of a family's members."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from constants(one)
            yield from constants(other)
        case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), *_]) if prefix in FAMILIES:
            yield from (f"{prefix}{value}" for value in FAMILIES[prefix])


def assigned(function: ast.AST, name: ast.Name) -> Iterator[str]:
    """What `name` may be: the last thing that `function` made it before."""
    made = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and node.lineno < name.lineno
        and ast.unparse(node.targets[0]) == name.id
    ]
    yield from constants(max(made, key=lambda node: node.lineno).value) if made else ()


def calls() -> Iterator[Call]:
    for file in COACH:
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from calls_in(file.name, function)


def calls_in(file: str, function: ast.FunctionDef) -> Iterator[Call]:
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="line"), args=[asked, *_]):
                keys = assigned(function, asked) if isinstance(asked, ast.Name) else constants(asked)
                named = {word.arg for word in node.keywords if word.arg}
                starred = any(word.arg is None for word in node.keywords)
                for key in keys:
                    extra = BY_STARS.get(key, set()) if starred else set()
                    yield Call(file, node.lineno, key, frozenset(named | extra))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


SAID_WHEN_ALL_FAILS = {"apology", "again_apology"}
"""By skill/skill.py, which must not depend on a state."""

CALLS = list(calls())
REGION = set(Region.__dataclass_fields__)


def test_the_code_was_read() -> None:
    assert len({call.key for call in CALLS}) > 60


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.file}:{call.number}:{call.key}")
def test_a_line_that_is_said_exists_and_gets_its_words(call: Call) -> None:
    assert call.key in CONTENT.lines
    for variant in CONTENT.lines[call.key]:
        assert placeholders(variant) <= call.words | REGION


@pytest.mark.parametrize("key", [key for key in CONTENT.lines if key.startswith("ask_")])
def test_a_question_knows_its_words_and_is_asked_again_with_none(key: str) -> None:
    words = {"next"} if key == "ask_ready" else BY_STARS["ask_"]
    for variant in CONTENT.lines[key]:
        assert placeholders(variant) <= words | REGION


@pytest.mark.parametrize("question", Question)
def test_every_question_can_be_asked_and_asked_again(question: Question) -> None:
    assert f"ask_{question}" in CONTENT.lines
    for variant in CONTENT.lines[f"again_{question}"]:
        assert placeholders(variant) <= REGION


def test_every_line_in_the_file_is_said_somewhere() -> None:
    said = {call.key for call in CALLS} | SAID_WHEN_ALL_FAILS
    for file in COACH:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                said.update(key for argument in node.args for key in constants(argument))
            if isinstance(node, ast.Return) and node.value:
                said.update(constants(node.value))
    assert set(CONTENT.lines) <= said


def test_the_words_of_variants_are_the_same() -> None:
    for key, variants in CONTENT.lines.items():
        assert len({frozenset(placeholders(text)) for text in variants}) == 1, key


@pytest.mark.parametrize(
    ("situation", "phrase"), [(where, text) for where, texts in CONTENT.help.items() for text in texts]
)
def test_what_help_suggests_is_understood(situation: str, phrase: str) -> None:
    assert understand(phrase).intent != "AMAZON.FallbackIntent"
