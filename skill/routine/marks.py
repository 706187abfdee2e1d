"""Marks: what is heard at the edges of a hold, and in it, beside the words."""

from enum import StrEnum

from skill.routine.units import DurationMs

BELL_MS = DurationMs(720)
"""From the stroke of the bell that ends a hold until somebody speaks again."""


class Marks(StrEnum):
    """How a recording marks its holds."""

    BELL = "bell"
    """A bell where a hold begins, and one where it ends."""
    TICK = "tick"
    """The bells, and a soft tick each second between them."""
    SILENCE = "silence"

    @property
    def bell(self) -> DurationMs:
        """How long the bell at the end of a hold keeps the next words waiting."""
        return DurationMs(0) if self is Marks.SILENCE else BELL_MS
