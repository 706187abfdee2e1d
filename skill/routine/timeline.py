"""A timeline: when each cue of a plan starts, in a given voice."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, groupby

from skill.routine.cue import Cue, CueKind, Step
from skill.routine.plan import Plan
from skill.routine.settings import Pace
from skill.routine.units import DurationMs
from skill.routine.voice import Voice


@dataclass(frozen=True, slots=True)
class Position:
    """A place on a timeline: `ms` milliseconds into the cue at `index`."""

    index: int
    ms: DurationMs = DurationMs(0)


@dataclass(frozen=True, slots=True)
class TimedCue:
    """A cue, or what is left of one, and how long that lasts."""

    cue: Cue
    duration: DurationMs
    held: DurationMs = DurationMs(0)
    """Inside a hold: how much of the hold is over when this starts."""
    offset: DurationMs | None = None
    """When it starts on the timeline; None for what is not on one."""


class Timeline:
    """When each cue of `plan` starts in `voice`.

    A hold lasts exactly its dose: the speech inside it is taken out of its silences.
    Where a bell ends it, the first cue of the release begins with that bell.
    """

    def __init__(self, plan: Plan, voice: Voice) -> None:
        self.plan = plan
        self.voice = voice
        self.durations = tuple(_durations(plan, voice))
        self._starts = (0, *accumulate(self.durations))
        self._held = tuple(_held(plan, self.durations))

    def __len__(self) -> int:
        return len(self.durations)

    @property
    def end(self) -> Position:
        """Just after the last cue."""
        return Position(len(self))

    @property
    def length(self) -> DurationMs:
        """How long the whole plan lasts."""
        return DurationMs(self._starts[-1])

    def start(self, index: int) -> DurationMs:
        """When the cue at `index` starts; the length of the plan for the end."""
        return DurationMs(self._starts[index])

    def offset(self, position: Position) -> DurationMs:
        """Milliseconds from the start of the plan to `position`."""
        return DurationMs(self._starts[position.index] + position.ms)

    def at(self, offset: int) -> Position:
        """The position `offset` milliseconds after the start; the end, where that is later."""
        if offset >= self.length:
            return self.end
        index = bisect_right(self._starts, max(offset, 0)) - 1
        return Position(index, DurationMs(max(offset, 0) - self._starts[index]))

    def cue(self, position: Position) -> Cue | None:
        """The cue at `position`; None at the end."""
        return self.plan.cues[position.index] if position.index < len(self) else None

    def held(self, position: Position) -> DurationMs:
        """How much of the hold around `position` is over; 0 outside a hold."""
        cue = self.cue(position)
        inside = cue is not None and cue.step is Step.HOLDING
        return DurationMs(self._held[position.index] + position.ms if inside else 0)

    def left(self, position: Position, end: int) -> DurationMs:
        """Milliseconds from `position` to the start of the cue at `end`."""
        return DurationMs(max(self.start(end) - self.offset(position), 0))

    def cut(self, start: Position, end: int) -> tuple[TimedCue, ...]:
        """What sounds from `start` up to the cue at `end`. Of a cut speech only its time is left."""
        if start.index >= end:
            return ()
        cue = self.plan.cues[start.index]
        if start.ms and cue.text:
            cue = replace(cue, kind=CueKind.HOLD if cue.hold else CueKind.WAIT, text="")
        rest = DurationMs(self.durations[start.index] - start.ms)
        first = TimedCue(cue, rest, self.held(start), self.offset(start))
        return (first, *(self._whole(i) for i in range(start.index + 1, end)))

    def _whole(self, index: int) -> TimedCue:
        cue, duration = self.plan.cues[index], self.durations[index]
        return TimedCue(cue, duration, self._held[index], self.start(index))


@lru_cache(maxsize=256)
def make_timeline(plan: Plan, voice: Voice) -> Timeline:
    """The timeline of `plan` in `voice`, remembered."""
    return Timeline(plan, voice)


def _durations(plan: Plan, voice: Voice) -> list[DurationMs]:
    durations: list[DurationMs] = []
    for _, cues in groupby(plan.cues, key=lambda cue: (cue.set_key, cue.step)):
        durations += _group(list(cues), plan.settings.pace, voice)
    return durations


def _group(cues: list[Cue], pace: Pace, voice: Voice) -> list[DurationMs]:
    """The durations of one step; in a hold, open silences share evenly what the rest leaves."""
    known = [voice.speech_ms(cue.text, pace) if cue.text else cue.duration for cue in cues]
    if cues[0].step is Step.RELEASE and known[0] is not None:
        known[0] = DurationMs(known[0] + voice.bell)
    left = max((cues[0].hold or 0) - sum(ms for ms in known if ms is not None), 0)
    open_count = known.count(None)
    filled: list[DurationMs] = []
    for ms in known:
        if ms is None:
            ms, open_count = DurationMs(left // open_count), open_count - 1
            left -= ms
        filled.append(ms)
    return filled


def _held(plan: Plan, durations: tuple[DurationMs, ...]) -> list[DurationMs]:
    """For each cue: how much of its hold is over when it starts."""
    held: list[DurationMs] = []
    over = 0
    for cue, duration in zip(plan.cues, durations, strict=True):
        over = over if cue.step is Step.HOLDING else 0
        held.append(DurationMs(over))
        over += duration if cue.step is Step.HOLDING else 0
    return held
