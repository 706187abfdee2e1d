"""Scripts: coaching lines with their pauses, written as `Breathe in. [3s] And out. [1.5s]`."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from string import Formatter

from skill.routine.units import DurationMs, seconds

_PAUSE = re.compile(r"\[(\d+(?:\.\d+)?)s\]")
_BRACKETS = re.compile(r"[\[\]<>&]")


@dataclass(frozen=True, slots=True)
class Say:
    """Words to be spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A silence of fixed length."""

    duration: DurationMs


Script = tuple[Say | Wait, ...]


def spoken(source: str) -> Iterator[str]:
    """The words of `source`, between its waits. Raises as parse_script."""
    return (part.text for part in parse_script(source) if isinstance(part, Say))


def parse_script(source: str) -> Script:
    """Split `source` into words and waits.

    Raises ValueError for a bracket that is not a pause such as `[3s]`, and for a pause of nothing.
    """
    parts: list[Say | Wait] = []
    for index, piece in enumerate(_PAUSE.split(source)):
        if index % 2:
            if not float(piece):
                raise ValueError("a pause must be longer than nothing")
            parts.append(Wait(seconds(float(piece))))
        elif text := " ".join(piece.split()):
            if _BRACKETS.search(text):
                raise ValueError(f"a pause is written like [3s], and no other brackets: {text!r}")
            parts.append(Say(text))
    return tuple(parts)


def check_placeholders(text: str, allowed: Collection[str]) -> None:
    """Raises ValueError unless every brace in `text` belongs to a plain placeholder of `allowed`."""
    listed = ", ".join(f"{{{name}}}" for name in allowed) or "none"
    try:
        fields = [field for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        raise ValueError(f"a brace without its other half; allowed: {listed}") from None
    for _, name, spec, conversion in fields:
        if name not in allowed or spec or conversion:
            raise ValueError(f"unknown placeholder {{{name}}}; allowed: {listed}")


def fill(script: Script, **words: str) -> Script:
    """`script` with its {placeholders} replaced, and a capital after each full stop."""
    return tuple(
        Say(sentence_case(part.text.format(**words))) if isinstance(part, Say) else part for part in script
    )


def sentence_case(text: str) -> str:
    """`text` with a capital letter at the start of each sentence."""
    return re.sub(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)
