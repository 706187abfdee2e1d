"""What is saved of a person: refused, written and read alike by every store."""

import json
from datetime import date
from typing import Any

from skill.store.failures import RefusedError, UnreadableRecordError

BESIDE = ("revision", "upon", "did")
"""Given with a record, and not in it."""
MOST_COUNTS = 100
"""In one save. DynamoDB takes 300 operators in an expression."""
MOST_TIMES = 1_000_000
"""That one count may be: a person's whole history stays within 32 bits."""
MOST_LETTERS = 200
"""In the name of what was done: PostgreSQL indexes 2.7 kB."""
_MOST_REVISIONS = 2**63

Count = tuple[date, str, int]
"""A day, what was done, and how often."""


def written(attributes: dict[str, Any]) -> tuple[str, list[Count]]:
    """The record in `attributes` as JSON, and the counts beside it.

    Raises RefusedError, which quotes nothing, for what a store does not take.
    """
    try:
        record = {name: value for name, value in attributes.items() if name not in BESIDE}
        text = json.dumps(record, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise RefusedError(f"store: the record is no JSON: {type(error).__name__}") from None
    for name, least in (("revision", 1), ("upon", 0)):
        number = attributes.get(name)
        if number is not None and not (type(number) is int and least <= number < _MOST_REVISIONS):
            raise RefusedError(f"store: {name} is no revision")
    return text, _counts(attributes.get("did"))


def read(text: str | bytes, revision: int) -> dict[str, Any]:
    """The record that `written` wrote. Raises UnreadableRecordError, with that revision."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise UnreadableRecordError("store: the record is damaged", revision)
    return record


def _counts(did: Any) -> list[Count]:
    try:
        counts = [(_day(day), name, n) for day, names in (did or {}).items() for name, n in names.items()]
    except (AttributeError, TypeError, ValueError):
        raise RefusedError("store: what was done is no history") from None
    if len(counts) > MOST_COUNTS:
        raise RefusedError(f"store: {len(counts)} things were done; allowed in one save: {MOST_COUNTS}")
    if not all(_is_name(name) and type(n) is int and 1 <= n <= MOST_TIMES for _, name, n in counts):
        raise RefusedError("store: what was done is no history")
    return counts


def _day(text: str) -> date:
    """Raises TypeError or ValueError, for other ways to write a day, too."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError
    return day


def _is_name(name: object) -> bool:
    """PostgreSQL keeps no NUL, and UTF-8 no half of a pair: neither can be printed."""
    return isinstance(name, str) and 1 <= len(name) <= MOST_LETTERS and name.isprintable()
