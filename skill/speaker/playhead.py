"""A playhead: which frame is on at a moment."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from skill.render.screen import Frame


@dataclass(frozen=True, slots=True)
class Showing:
    """A frame, and how many milliseconds of it are over."""

    frame: Frame
    elapsed: int

    @property
    def in_routine(self) -> bool:
        """Whether this is part of the routine, not something said between."""
        return self.frame.offset_ms >= 0

    @property
    def offset(self) -> int:
        """Milliseconds of the routine that are over."""
        return self.frame.offset_ms + self.elapsed

    @property
    def hold_left(self) -> int:
        """Whole seconds left of the hold, the one that runs counted; 0 outside."""
        left = self.frame.hold_left_ms - self.elapsed if self.frame.hold_ms else 0
        return max(-(-left // 1000), 0)


class Playhead:
    """Frames one after the other, each for exactly as long as it lasts."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames
        self._starts = (0, *accumulate(frame.ms for frame in frames))

    @property
    def length(self) -> int:
        """Milliseconds that all frames last."""
        return self._starts[-1]

    def at(self, ms: int) -> Showing | None:
        """What is on `ms` milliseconds after the start; None when all is over."""
        if ms >= self.length:
            return None
        index = bisect_right(self._starts, ms) - 1
        return Showing(self._frames[index], ms - self._starts[index])
