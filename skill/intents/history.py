"""A history: what a person has done, as the core counts it and as a store keeps it."""

from datetime import date

from skill.coach.state import Did
from skill.routine.units import EpochDay
from skill.store.store import History

_FIRST = date(1970, 1, 1).toordinal()


def date_of(day: EpochDay) -> date:
    """The date of `day`."""
    return date.fromordinal(_FIRST + day)


def to_history(did: Did) -> History:
    """`did` as a store takes it."""
    days: dict[str, dict[str, int]] = {}
    for (day, name), count in did.items():
        days.setdefault(date_of(day).isoformat(), {})[name] = count
    return days


def from_history(history: History) -> Did:
    """What a store tells. Raises AttributeError, TypeError or ValueError where that is no History."""
    return {
        (EpochDay(date.fromisoformat(day).toordinal() - _FIRST), name): int(count)
        for day, counts in history.items()
        for name, count in counts.items()
    }
