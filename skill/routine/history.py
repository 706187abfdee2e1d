"""A history: what a person has done, by day."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from skill.routine.units import EpochMs

History: TypeAlias = Mapping[str, Mapping[str, int]]
"""How often what was done, by day (UTC, as in "2026-11-23") and by name."""


def day_of(moment: EpochMs) -> date:
    """The day that `moment` is in, UTC."""
    return date(1970, 1, 1) + timedelta(milliseconds=moment)


def added(*histories: History) -> History:
    """All of them together."""
    days: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for history in histories:
        for day, counts in history.items():
            days[day].update(counts)
    return {day: dict(counts) for day, counts in days.items()}


def totals(history: History, first: date, last: date) -> list[int]:
    """How much was done on each day from `first` to `last` on which anything was."""
    days = (sum(counts.values()) for day, counts in history.items() if str(first) <= day <= str(last))
    return [total for total in days if total > 0]


def history_from(record: Any) -> History:
    """The history that was written so. Raises AttributeError, OverflowError, TypeError or ValueError where
    that is none.
    """
    return {
        str(date.fromisoformat(day)): {str(name): int(count) for name, count in counts.items()}
        for day, counts in record.items()
    }
