"""State: all that the coach knows of one person on one device."""

from dataclasses import dataclass, field
from enum import StrEnum

from skill.routine.history import History
from skill.routine.pace import LearnedPace, Sounding
from skill.routine.playback import Playback
from skill.routine.settings import Leg, Settings
from skill.routine.units import EpochMs


class Question(StrEnum):
    """What the coach has asked and not had an answer to."""

    SAFETY = "safety"
    """Any red flags? Before the first stretch, and after a red flag."""
    NUMB_WHERE = "numb_where"
    NUMB_NEW = "numb_new"
    BOTH_NEW = "both_new"
    BOTH_CHECKED = "both_checked"
    STRETCH = "stretch"
    HURTS = "hurts"
    LEG = "leg"
    AFTER_PAIN = "after_pain"
    GO_ON = "go_on"
    """Ready for what comes next?"""
    PICK_UP = "pick_up"
    START = "start"
    ANYTHING_ELSE = "anything_else"
    FORGET = "forget"
    """Delete all that is kept? Nothing but a yes deletes it."""

    @property
    def about_safety(self) -> bool:
        """Whether it is about a red flag: no answer to it is no all-clear."""
        return self in _ABOUT_SAFETY

    @property
    def comes_first(self) -> bool:
        """Whether no stretch may begin before it is answered."""
        return self in _ABOUT_SAFETY | _ABOUT_PAIN


_ABOUT_SAFETY = {
    Question.SAFETY,
    Question.NUMB_WHERE,
    Question.NUMB_NEW,
    Question.BOTH_NEW,
    Question.BOTH_CHECKED,
}
_ABOUT_PAIN = {Question.HURTS, Question.AFTER_PAIN}


@dataclass(frozen=True, slots=True)
class Stream:
    """A recording that the device plays on its own, whether a session is open or not.

    number: tells streams of one device apart. interrupted: when the device stopped it though nobody had
    asked us to, as it does to listen; 0 where it did not. started: whether the device has told that it plays.
    """

    number: EpochMs
    interrupted: EpochMs = EpochMs(0)
    started: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """All that the coach knows of one person on one device.

    settings: what the person has chosen.
    visit_leg: a leg asked for just this time.
    playback: where they are.
    question: what they were asked last. wish: whether to play as soon as that is answered.
    cleared: whether the safety question has been answered since the last red flag.
    misses: turns in a row that were not understood.
    turn: counts turns, so that small phrases vary.
    pace: the learned pace of this device's voice; sounding: what it is saying now.
    stream: the recording that was begun last; None where the device speaks itself since.
    did: the holds that were finished, as in "hamstring 10", and are not kept yet. Whoever keeps the state
    takes them from there.
    """

    settings: Settings = field(default_factory=Settings)
    visit_leg: Leg | None = None
    playback: Playback = field(default_factory=Playback)
    question: Question | None = None
    wish: bool = False
    cleared: bool = False
    misses: int = 0
    turn: int = 0
    pace: LearnedPace = field(default_factory=LearnedPace)
    sounding: Sounding | None = None
    stream: Stream | None = None
    did: History = field(default_factory=dict)

    @property
    def still_cleared(self) -> bool:
        """Whether a session that ends now leaves nothing open about safety: no answer is no all-clear."""
        return self.cleared and not (self.question and self.question.about_safety)
