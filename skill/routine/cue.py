"""A cue: the atom of a routine. Words, or a silence."""

from dataclasses import dataclass
from enum import StrEnum

from skill.routine.units import DurationMs, Side


class CueKind(StrEnum):
    """What a cue sounds like."""

    SPEECH = "speech"
    WAIT = "wait"
    """Silence to move, breathe or rest in."""
    HOLD = "hold"
    """Silence inside a hold."""


class Step(StrEnum):
    """What a cue is for, in the order the steps come."""

    ARRIVE = "arrive"
    TITLE = "title"
    SETUP = "setup"
    INTO = "into"
    HOLD_LINE = "hold_line"
    HOLDING = "holding"
    RELEASE = "release"
    REST = "rest"
    SWITCH = "switch"
    LEAVE = "leave"
    ANSWER = "answer"
    """Not part of a plan: what the coach says in a turn of the conversation."""
    PROMPT = "prompt"
    """Not part of a plan: what it says last, before it listens."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One atom of a plan.

    kind: what it sounds like. step: what it is for.
    text: the words; "" for a silence.
    stretch: the stretch's id; "" before the first and after the last.
    side: None where the stretch has no sides.
    repetition: counted from 1 on each side; 0 outside the stretches.
    duration: of a silence; None where the silence takes what the speech in its hold leaves,
    and for speech, whose length a Voice knows.
    hold: the dose of the hold that this cue is inside of, else None.
    """

    kind: CueKind
    step: Step
    text: str = ""
    stretch: str = ""
    side: Side | None = None
    repetition: int = 0
    duration: DurationMs | None = None
    hold: DurationMs | None = None

    @property
    def set_key(self) -> tuple[str, Side | None, int]:
        """Which repetition of which side of which stretch."""
        return (self.stretch, self.side, self.repetition)
