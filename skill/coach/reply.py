"""A reply: what the coach says and plays in one turn."""

from dataclasses import dataclass

from skill.routine.cue import CueKind
from skill.routine.settings import Pace
from skill.routine.timeline import Position, TimedCue, Timeline
from skill.routine.units import DurationMs, EpochMs
from skill.routine.voice import SLOW_RATE_PERCENT


@dataclass(frozen=True, slots=True)
class Recording:
    """A stretch of a routine in a recorded voice: from `start` up to the cue at `end`."""

    timeline: Timeline
    start: Position
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What one turn sounds like, in order, and whether the session stays open.

    lead: the answer. passage: the part of the routine that follows it.
    prompt: what is said last before listening; "" exactly where the session ends.
    reprompt: what is said if nobody answers.
    pace: how fast all of it is spoken.
    length: of the whole routine, for a screen to show how far this is.
    situation: where the person is while this sounds, as `help.toml` sorts what can be said, or "alarm"
    where the session ends because stretching is not safe now;
    then: and once it is over.
    recording: where the passage is to be heard from; None where the coach's own voice speaks.
    stream: the number of the stream in which the passage goes on after the session; None within one.
    forgets: whether it says that all that is kept of the person is deleted. It may be said only once it is.
    """

    lead: tuple[TimedCue, ...] = ()
    passage: tuple[TimedCue, ...] = ()
    prompt: tuple[TimedCue, ...] = ()
    reprompt: tuple[TimedCue, ...] = ()
    pace: Pace = Pace.NORMAL
    length: DurationMs = DurationMs(0)
    situation: str = "idle"
    then: str = "idle"
    recording: Recording | None = None
    stream: EpochMs | None = None
    forgets: bool = False

    @property
    def rate(self) -> int:
        """The speaking rate, in percent of the voice's own."""
        return SLOW_RATE_PERCENT if self.pace is Pace.SLOW else 100

    @property
    def ends(self) -> bool:
        """Whether the session ends with this reply."""
        return not self.prompt

    @property
    def cues(self) -> tuple[TimedCue, ...]:
        """All that sounds before listening, or in a stream."""
        return self.lead + self.passage + self.prompt

    @property
    def spoken(self) -> tuple[TimedCue, ...]:
        """All that sounds in the session."""
        return self.cues if self.stream is None else self.lead

    @property
    def silence(self) -> DurationMs:
        """How much of it is silence."""
        return DurationMs(sum(c.duration for c in self.cues if c.cue.kind is not CueKind.SPEECH))
