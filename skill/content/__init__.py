"""What is said, as data, one folder a language. This module only reads it."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from skill.coach.content import Content, parse_lines, parse_regions, parse_safety
from skill.routine.routine import parse_routine
from skill.routine.schema import ContentError, Table
from skill.routine.stretch import parse_stretch
from skill.routine.words import parse_words


@cache
def load_content(language: str = "en") -> Content:
    """Everything in `content/<language>`. Raises ContentError."""
    return read_content(files(__name__) / language, language)


def read_content(folder: Traversable, language: str) -> Content:
    """Everything in `folder`. Raises ContentError."""
    stretches = {name: parse_stretch(name, table) for name, table in _tables(folder / "stretches").items()}
    return Content(
        language=language,
        routines={
            name: parse_routine(name, table, stretches)
            for name, table in _tables(folder / "routines").items()
        },
        words=parse_words(_table(folder / "words.toml")),
        lines=parse_lines(_table(folder / "lines.toml")),
        regions=parse_regions(_table(folder / "regions.toml")),
        safety=parse_safety(_table(folder / "safety.toml")),
        help=parse_lines(_table(folder / "help.toml")),
    )


def _tables(folder: Traversable) -> dict[str, Table]:
    try:
        found = sorted(folder.iterdir(), key=lambda file: file.name)
    except OSError as wrong:
        raise ContentError(folder.name, "folder", f"cannot be read: {wrong.strerror}") from None
    return {file.name.removesuffix(".toml"): _table(file) for file in found}


def _table(file: Traversable) -> Table:
    name = f"{file.name}" if not hasattr(file, "parts") else "/".join(file.parts[-2:])
    try:
        return Table(name, tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ContentError(name, "file", f"is not TOML: {wrong}") from None
    except OSError as wrong:
        raise ContentError(name, "file", f"cannot be read: {wrong.strerror}") from None
