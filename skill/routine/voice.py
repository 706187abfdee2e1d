"""A voice: how long it takes to say something."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from skill.routine.marks import Marks
from skill.routine.settings import Pace
from skill.routine.units import DurationMs, seconds

SLOW_RATE_PERCENT = 85
"""Speaking rate at the slow pace, in percent of the voice's own."""

_INNER_COMMA = re.compile(r"[,;:](?=\s)")
_INNER_STOP = re.compile(r"[.!?](?=\s)")


class Voice(Hashable, Protocol):
    """Tells how long speech lasts."""

    @property
    def delay(self) -> DurationMs:
        """From the moment an answer leaves until it sounds."""

    @property
    def bell(self) -> DurationMs:
        """How long a bell at the end of a hold keeps the next words waiting; 0 where there is none."""

    def speech_ms(self, text: str, pace: Pace) -> DurationMs:
        """How long `text` lasts at `pace`."""


@dataclass(frozen=True, slots=True)
class ModelledVoice:
    """A voice nobody has measured: a formula fitted to eight voices, times the voice's own pace `r`.

    Median error 0.14 s a sentence once `r` is right; errors of many sentences cancel out.
    """

    r: float = 1.0
    delay: DurationMs = DurationMs(0)
    bell: DurationMs = DurationMs(0)

    def speech_ms(self, text: str, pace: Pace) -> DurationMs:
        """How long `text` lasts at `pace`; 0 for no text."""
        if not text:
            return DurationMs(0)
        commas, stops = len(_INNER_COMMA.findall(text)), len(_INNER_STOP.findall(text))
        normal_s = 0.18 + 0.051 * len(text) + 0.25 * commas + 0.30 * stops
        slower = 100 / SLOW_RATE_PERCENT if pace is Pace.SLOW else 1
        return seconds(self.r * normal_s * slower)


@dataclass(frozen=True, slots=True)
class RecordedVoice:
    """A voice whose sentences are recorded, so that how long they last is known and not estimated.

    name: as in SCIATICA_VOICE. edition: changes when any recording does.
    lengths: of every sentence there is a recording of. otherwise: who says the others.
    """

    name: str
    edition: str
    marks: Marks
    lengths: Mapping[tuple[str, Pace], DurationMs] = field(compare=False, repr=False)
    otherwise: ModelledVoice = ModelledVoice()

    @property
    def delay(self) -> DurationMs:
        """As long as it takes the other voice to begin."""
        return self.otherwise.delay

    @property
    def bell(self) -> DurationMs:
        """How long a bell at the end of a hold keeps the next words waiting."""
        return self.marks.bell

    def has(self, text: str, pace: Pace) -> bool:
        """Whether `text` is recorded."""
        return (text, pace) in self.lengths

    def speech_ms(self, text: str, pace: Pace) -> DurationMs:
        """How long `text` lasts at `pace`; 0 for no text."""
        recorded = self.lengths.get((text, pace))
        return self.otherwise.speech_ms(text, pace) if recorded is None else recorded
