"""People and devices for tests: a conversation with an injected clock, and a voice nobody has measured."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from skill.coach import events
from skill.coach.coach import respond
from skill.coach.events import Event
from skill.coach.moment import Coach, Moment, Player, StreamReport
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.content import load_content
from skill.render.ssml import ROOM
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.marks import Marks
from skill.routine.place import Place, place_of
from skill.routine.plan import Plan
from skill.routine.settings import Leg, Pace, Settings
from skill.routine.timeline import TimedCue
from skill.routine.units import DurationMs, EpochMs, Side, seconds
from skill.routine.voice import ModelledVoice, RecordedVoice

CONTENT = load_content()
ROUTINE = CONTENT.routine("sciatica")


def recorded(plan: Plan) -> RecordedVoice:
    """A recording of `plan`, somewhat slower than the coach's model."""
    pace, slow = plan.settings.pace, ModelledVoice(1.1)
    lengths = {(cue.text, pace): slow.speech_ms(cue.text, pace) for cue in plan.cues if cue.text}
    return RecordedVoice("espeak", plan.id, Marks.BELL, lengths)


COACH = Coach(CONTENT, ROUTINE, ROOM, seconds(120), recorded)
START = EpochMs(1_800_000_000_000)


@dataclass
class Person:
    """Talks to the coach; `now` is theirs to move."""

    state: State = field(default_factory=State)
    now: EpochMs = START
    locale: str = "en-US"
    delay: DurationMs = DurationMs(0)
    reply: Reply = field(default_factory=Reply)
    player: Player = Player.NONE
    heard: StreamReport | None = None
    kept: bool = True

    def moment(self) -> Moment:
        """This very moment."""
        region = CONTENT.region(self.locale)
        m = Moment(COACH, region, self.delay, self.now, self.state, player=self.player, heard=self.heard)
        return replace(m, kept=self.kept)

    def hears_stream(self, offset_ms: int) -> "Person":
        """The device tells where the stream is that was begun last; of an older one, if there is none."""
        timeline, stream = self.moment().timeline, self.state.stream
        number = stream.number if stream else EpochMs(1)
        self.heard = StreamReport(number, place_of(timeline, timeline.at(offset_ms)))
        return self

    def after(self, length_s: float) -> "Person":
        """Let time pass."""
        self.now = EpochMs(self.now + round(length_s * 1000))
        return self

    def says(self, event: Event) -> Reply:
        """One turn."""
        self.state, self.reply = respond(event, self.moment())
        return self.reply

    @property
    def place(self) -> Place:
        """Where the coach has them."""
        return place_of(self.moment().timeline, self.state.playback.position)

    @property
    def text(self) -> str:
        """What was said last, before listening."""
        return " ".join(cue.cue.text for cue in self.reply.cues if cue.cue.text)


def cleared(settings: Settings | None = None, **kwargs: object) -> Person:
    """A person who has been through the safety question and told a leg."""
    state = State(settings=settings or Settings(leg=Leg.RIGHT), cleared=True)
    return replace(Person(state=state), **kwargs)  # type: ignore[arg-type]


SetKey = tuple[str, Side | None, int]

_VOWELS = re.compile(r"[aeiouy]+")


@dataclass
class UnknownVoice:
    """Speaks by another formula than the coach's model: syllables and letters, each sentence uneven.

    The weights are a fit to eight voices that the model was not made from.
    """

    pace: float
    noise: float
    chance: random.Random

    def speech_s(self, text: str, pace: Pace) -> float:
        """How long this one utterance of `text` takes."""
        sentences = re.split(r"(?<=[.!?]) ", text)
        total = 0.156 + 0.37 * (len(sentences) - 1)
        for sentence in sentences:
            syllables = sum(len(_VOWELS.findall(word.lower())) or 1 for word in sentence.split())
            spoken = 0.078 * syllables + 0.0335 * len(sentence) + 0.28 * len(re.findall("[,;:] ", sentence))
            total += spoken * self.chance.uniform(1 - self.noise, 1 + self.noise)
        slower = 1 / 0.85 if pace is Pace.SLOW else 1
        return total * self.pace * slower


@dataclass(frozen=True)
class HeardMoment:
    """A moment in a row of cues.

    sets: the repetitions it belongs to; in a rest, the one before and the one after.
    left_ms: what is left to hold of the repetition: all of it before the hold, 0 after.
    """

    cue: Cue
    sets: tuple[SetKey, ...]
    left_ms: int


def moment_of(cues: Sequence[tuple[Cue, int]], index: int, ms: float) -> HeardMoment:
    """`ms` into the cue at `index` of `cues`, each with how long it lasts; the last, at the end."""
    index = min(index, len(cues) - 1)
    here = cues[index][0]
    held = sum(length for cue, length in cues[:index] if _in_hold_of(here, cue))
    whole = sum(length for cue, length in cues if _in_hold_of(here, cue))
    if here.step is Step.HOLDING:
        held += round(ms)
    elif here.step not in _BEFORE_HOLD:
        held = whole
    return HeardMoment(here, tuple(_sets(cues, index)), whole - held)


_BEFORE_HOLD = (Step.TITLE, Step.SETUP, Step.INTO, Step.HOLD_LINE)
_RESTING = (Step.REST, Step.SWITCH)


def _in_hold_of(here: Cue, cue: Cue) -> bool:
    return cue.step is Step.HOLDING and cue.set_key == here.set_key


def _sets(cues: Sequence[tuple[Cue, int]], index: int) -> Iterator[SetKey]:
    yield cues[index][0].set_key
    if cues[index][0].step in _RESTING:
        after = (cue for cue, _ in cues[index:] if cue.step not in _RESTING)
        yield next(after, cues[index][0]).set_key


class Sounded:
    """A reply as it really sounded."""

    def __init__(self, reply: Reply, voice: UnknownVoice) -> None:
        def real(timed: TimedCue) -> int:
            spoken = timed.cue.kind is CueKind.SPEECH
            return round(voice.speech_s(timed.cue.text, reply.pace) * 1000) if spoken else timed.duration

        self.lead_ms = sum(real(cue) for cue in reply.lead)
        self.cues = [(timed.cue, real(timed)) for timed in reply.passage]
        self.passage_ms = sum(ms for _, ms in self.cues)
        self.prompt_ms = sum(real(cue) for cue in reply.prompt)
        self.reprompt_ms = sum(real(cue) for cue in reply.reprompt)

    def at(self, ms: float) -> HeardMoment:
        """What sounds `ms` after the passage began."""
        for index, (_, length) in enumerate(self.cues):
            if ms < length:
                return moment_of(self.cues, index, ms)
            ms -= length
        return moment_of(self.cues, len(self.cues) - 1, ms)


def in_hold() -> Person:
    """Some seconds into a hold of the hamstring stretch."""
    person = cleared()
    person.says(events.GoTo("hamstring"))
    return person.after(46)


def paused() -> Person:
    """Paused in that hold."""
    person = in_hold()
    person.says(events.Pause())
    return person.after(5)


def hurting() -> Person:
    """It has hurt in that hold."""
    person = in_hold()
    person.says(events.Pain("shooting"))
    return person.after(5)
