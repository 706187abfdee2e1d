"""A voice: how long it takes to say something."""

import re
from dataclasses import dataclass
from typing import Protocol

from skill.routine.settings import Pace
from skill.routine.units import DurationMs, seconds

SLOW_RATE_PERCENT = 85
"""Speaking rate at the slow pace, in percent of the voice's own."""

_INNER_COMMA = re.compile(r"[,;:](?=\s)")
_INNER_STOP = re.compile(r"[.!?](?=\s)")


class Voice(Protocol):
    """Tells how long speech lasts."""

    @property
    def delay(self) -> DurationMs:
        """From the moment an answer leaves until it sounds."""

    def speech_ms(self, text: str, pace: Pace) -> DurationMs:
        """How long `text` lasts at `pace`."""


@dataclass(frozen=True, slots=True)
class ModelledVoice:
    """A voice nobody has measured: a formula fitted to eight voices, times the voice's own pace `r`.

    Median error 0.14 s a sentence once `r` is right; errors of many sentences cancel out.
    """

    r: float = 1.0
    delay: DurationMs = DurationMs(0)

    def speech_ms(self, text: str, pace: Pace) -> DurationMs:
        """How long `text` lasts at `pace`; 0 for no text."""
        if not text:
            return DurationMs(0)
        commas, stops = len(_INNER_COMMA.findall(text)), len(_INNER_STOP.findall(text))
        normal_s = 0.18 + 0.051 * len(text) + 0.25 * commas + 0.30 * stops
        slower = 100 / SLOW_RATE_PERCENT if pace is Pace.SLOW else 1
        return seconds(self.r * normal_s * slower)
