"""Units and closed sets of values that the whole coach shares."""

from enum import StrEnum
from typing import NewType

DurationMs = NewType("DurationMs", int)
"""A length of time in milliseconds, never negative."""

EpochMs = NewType("EpochMs", int)
"""A moment: milliseconds since 1970-01-01 UTC."""


def seconds(count: float) -> DurationMs:
    """`count` seconds as a duration."""
    return DurationMs(round(count * 1000))


class Side(StrEnum):
    """A side of the body, or the direction the knees go where a stretch says so."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT
