"""Events: what a person said, or what happened, freed of any platform."""

from dataclasses import dataclass
from enum import StrEnum

from skill.routine.settings import Flow, Guide, Leg


class Change(StrEnum):
    """A step up or down."""

    UP = "up"
    DOWN = "down"


class Ending(StrEnum):
    """Why a session ended without us."""

    UNANSWERED = "unanswered"
    """Nobody spoke in either listening window: the whole answer was played."""
    LEFT = "left"
    """The person left while the answer may still have been playing."""
    NOT_PLAYED = "not played"
    """The answer could not be played."""


class StreamChange(StrEnum):
    """What became of a stream."""

    STARTED = "started"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    REFUSED = "refused"
    """What we answered last was not accepted: a stream in it has not begun."""


class Event:
    """Something the coach answers."""


@dataclass(frozen=True, slots=True)
class Launch(Event):
    """The skill was opened without a wish."""


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """The session is over; nothing can be said any more."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class StartRoutine(Event):
    """Start the routine from the beginning."""


@dataclass(frozen=True, slots=True)
class GoTo(Event):
    """Go to a stretch. stretch: its id, "" where none was heard, None where it is unknown."""

    stretch: str | None
    leg: Leg | None = None


@dataclass(frozen=True, slots=True)
class Next(Event):
    """Go on to the next stretch."""


@dataclass(frozen=True, slots=True)
class Previous(Event):
    """Go back to the stretch before."""


@dataclass(frozen=True, slots=True)
class Repeat(Event):
    """Do this again."""


@dataclass(frozen=True, slots=True)
class StartOver(Event):
    """From the top."""


@dataclass(frozen=True, slots=True)
class Pause(Event):
    """Stop the clock here."""


@dataclass(frozen=True, slots=True)
class Resume(Event):
    """Go on from here."""


@dataclass(frozen=True, slots=True)
class Ready(Event):
    """In position, or ready to go on."""


@dataclass(frozen=True, slots=True)
class TimeLeft(Event):
    """How long left?"""


@dataclass(frozen=True, slots=True)
class WhereAmI(Event):
    """Which stretch is this, and what is next?"""


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """What have I done?"""


@dataclass(frozen=True, slots=True)
class HowTo(Event):
    """How is a stretch done? stretch: as in GoTo; "" means this one."""

    stretch: str | None = ""


@dataclass(frozen=True, slots=True)
class Why(Event):
    """What is a stretch for? stretch: as in GoTo; "" means this one."""

    stretch: str | None = ""


@dataclass(frozen=True, slots=True)
class ListStretches(Event):
    """Which stretches are there?"""


@dataclass(frozen=True, slots=True)
class SetHold(Event):
    """Hold for so many seconds; None where no number was heard."""

    seconds: int | None


@dataclass(frozen=True, slots=True)
class ChangeHold(Event):
    """Hold longer or shorter; None where neither was heard."""

    change: Change | None


@dataclass(frozen=True, slots=True)
class SetRepetitions(Event):
    """Do so many repetitions; None where no number was heard."""

    count: int | None


@dataclass(frozen=True, slots=True)
class ChangeRepetitions(Event):
    """More or fewer repetitions; None where neither was heard."""

    change: Change | None


@dataclass(frozen=True, slots=True)
class ChangePace(Event):
    """Speak slower, faster or normally. UP is faster; None is back to normal."""

    change: Change | None


@dataclass(frozen=True, slots=True)
class ChangeTalk(Event):
    """More or less explaining; None where neither was heard."""

    change: Change | None


@dataclass(frozen=True, slots=True)
class ChooseGuide(Event):
    """Play the recorded voice, or speak yourself."""

    guide: Guide


@dataclass(frozen=True, slots=True)
class ChooseLeg(Event):
    """It is my left leg, my right leg, both; None where none was heard."""

    leg: Leg | None


@dataclass(frozen=True, slots=True)
class ChooseFlow(Event):
    """Where to stop; None where nothing known was heard."""

    flow: Flow | None


@dataclass(frozen=True, slots=True)
class Pain(Event):
    """It hurts. kind: an id of `safety.toml`, "" where none was heard, None where it is unknown.

    leg: which one, if it was named.
    """

    kind: str | None = ""
    leg: Leg | None = None


@dataclass(frozen=True, slots=True)
class RedFlag(Event):
    """A sign that needs a doctor. sign: as in Pain."""

    sign: str | None = ""


@dataclass(frozen=True, slots=True)
class Yes(Event):
    """Yes."""


@dataclass(frozen=True, slots=True)
class No(Event):
    """No."""


@dataclass(frozen=True, slots=True)
class Help(Event):
    """What can I say?"""


@dataclass(frozen=True, slots=True)
class Stop(Event):
    """Stop, cancel, that is enough for today."""


@dataclass(frozen=True, slots=True)
class Home(Event):
    """Back to the device's home screen."""


@dataclass(frozen=True, slots=True)
class ForgetMe(Event):
    """Delete all that is kept about me."""


@dataclass(frozen=True, slots=True)
class KeepMyData(Event):
    """Delete nothing."""


@dataclass(frozen=True, slots=True)
class NotForgotten(Event):
    """Whether all is deleted that a reply was to say is, nobody knows. Nobody said this."""


@dataclass(frozen=True, slots=True)
class LoopOrShuffle(Event):
    """Loop or shuffle, on or off: not for a routine."""


@dataclass(frozen=True, slots=True)
class NotUnderstood(Event):
    """Something else was said."""


@dataclass(frozen=True, slots=True)
class StreamChanged(Event):
    """The device tells what became of its stream; nothing can be said."""

    to: StreamChange
