"""The content files as they lie on disk, read without the code under test."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import skill.content

ENGLISH = Path(skill.content.__file__).parent / "en"
TOP = sorted(ENGLISH.glob("*.toml"))
COACHING = sorted([*ENGLISH.glob("routines/*.toml"), *ENGLISH.glob("stretches/*.toml")])


def table(file: Path) -> dict[str, object]:
    return tomllib.loads(file.read_text("utf-8"))


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in `value`, with the keys that lead to it."""
    match value:
        case str():
            yield path, " ".join(value.split())
        case dict():
            for key, inner in value.items():
                yield from texts(inner, f"{path}.{key}".lstrip("."))
        case list():
            for inner in value:
                yield from texts(inner, path)


def texts_of(files: list[Path]) -> list[tuple[str, str, str]]:
    """Every text in `files`: the file's name, its keys, the text."""
    return [(file.name, key, text) for file in files for key, text in texts(table(file))]
