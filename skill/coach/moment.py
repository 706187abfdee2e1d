"""A moment: one turn of the conversation, with all that it takes to answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, NamedTuple

from skill.coach.content import Content, Region
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.history import History
from skill.routine.passage import Room, must_ask_leg
from skill.routine.place import Place, carry_over
from skill.routine.plan import Plan, make_plan
from skill.routine.playback import Playback, PlaybackState, pause, pause_at, run_out
from skill.routine.routine import Routine
from skill.routine.script import Say, parse_script, sentence_case
from skill.routine.settings import Guide, Settings
from skill.routine.stretch import Stretch
from skill.routine.timeline import Position, TimedCue, Timeline, make_timeline
from skill.routine.units import DurationMs, EpochMs, Side
from skill.routine.voice import ModelledVoice, RecordedVoice, Voice


class Turn(NamedTuple):
    """What a turn leaves behind: the new state, and what is said."""

    state: State
    reply: Reply


class Player(Enum):
    """How a device plays recordings."""

    NONE = auto()
    ANSWERS = auto()
    """Answer by answer, in the session; it does so unless its own voice is asked for."""
    STREAM = auto()
    """On its own, without a session, once the recorded voice is asked for."""


class Activity(Enum):
    """What a device does with its stream."""

    PLAYING = auto()
    PAUSED = auto()
    """It goes on by itself once what is being said is over."""
    STOPPED = auto()
    OVER = auto()


class StreamReport(NamedTuple):
    """What a device says of its stream: its number, and where the routine is in it, if that can be told.

    stream: 0 where the device has none of ours.
    """

    stream: EpochMs
    place: Place | None
    activity: Activity = Activity.PLAYING


def _unrecorded(_: Plan) -> RecordedVoice | None:
    return None


@dataclass(frozen=True)
class Coach:
    """What stays the same from turn to turn.

    room: how much of the routine one reply may hold.
    pause: the silence after "paused" that keeps the session open.
    recorded: the recorded voice of a plan, where all of it is recorded.
    """

    content: Content
    routine: Routine
    room: Room
    pause: DurationMs
    recorded: Callable[[Plan], RecordedVoice | None] = _unrecorded


@dataclass(frozen=True)
class Moment:
    """One turn: who answers, where in the world, when, and what is known.

    delay: from the moment the answer leaves until it sounds.
    late_ms: how much later than reckoned the passage sounds, where the device can tell; may be negative.
    player: how the device plays recordings. heard: what it says of its stream; None where it says nothing.
    kept: whether the place can be kept beyond the session, as far as is known.
    elsewhere: whether the place is that of another device, which tells itself what becomes of it.
    history: what was done in the last days and is kept; None where that is not known.
    """

    coach: Coach
    region: Region
    delay: DurationMs
    now: EpochMs
    state: State
    late_ms: int = 0
    player: Player = Player.NONE
    heard: StreamReport | None = None
    kept: bool = True
    elsewhere: bool = False
    history: History | None = None

    @property
    def settings(self) -> Settings:
        """The person's settings, with the leg of this visit."""
        settings, leg = self.state.settings, self.state.visit_leg
        return replace(settings, leg=leg) if leg else settings

    @property
    def plan(self) -> Plan:
        """The routine for this person."""
        return make_plan(self.coach.routine, self.settings, self.coach.content.words)

    @property
    def recorded(self) -> RecordedVoice | None:
        """The recorded voice, where this device can play it and all of the plan is recorded."""
        voice = None if self.player is Player.NONE else self.coach.recorded(self.plan)
        return replace(voice, otherwise=self._own_voice) if voice else None

    @property
    def voice(self) -> Voice:
        """The voice that leads the routine; the device's own is taken at its learned pace."""
        usual = Guide.RECORDED if self.player is Player.ANSWERS else Guide.SPOKEN
        wanted = (self.state.settings.guide or usual) is Guide.RECORDED
        return (self.recorded if wanted else None) or self._own_voice

    @property
    def streaming(self) -> bool:
        """Whether the routine is led by a stream, which goes on without a session."""
        return self.player is Player.STREAM and isinstance(self.voice, RecordedVoice)

    @property
    def timeline(self) -> Timeline:
        """The routine as this person will hear it."""
        return make_timeline(self.plan, self.voice)

    @property
    def playback(self) -> Playback:
        """Where the person is."""
        return self.state.playback

    @property
    def cue(self) -> Cue | None:
        """The cue the person is at; None at the end."""
        return self.timeline.cue(self.playback.position)

    @property
    def stretch(self) -> Stretch | None:
        """The stretch the person is at; None on the way down, on the way up, and before the start."""
        cue = self.cue
        return self.coach.routine.stretch(cue.stretch) if cue and cue.stretch else None

    @property
    def holding(self) -> bool:
        """Whether the person is in a hold, or about to hear that it begins."""
        cue = self.cue
        return cue is not None and cue.step in (Step.HOLD_LINE, Step.HOLDING)

    @property
    def in_position(self) -> bool:
        """Whether the person is holding a stretch, or moving into it, right now."""
        cue = self.cue
        playing = self.playback.state is PlaybackState.PLAYING
        return playing and cue is not None and cue.step in (Step.INTO, Step.HOLD_LINE, Step.HOLDING)

    @property
    def paused(self) -> Playback:
        """The playback, stopped: in a stream to the millisecond, else at the start of a cut sentence."""
        playing = self.playback.state is PlaybackState.PLAYING
        if self.streaming and playing:
            return pause_at(self.playback.position)
        return pause(self.playback, self.timeline)

    def changed(self, **changes: Any) -> "Moment":
        """This moment with another state; the place is carried over where the plan changes."""
        after = replace(self, state=replace(self.state, **changes))
        if "playback" in changes or not {"settings", "visit_leg", "pace"} & changes.keys():
            return after
        old, new = self.timeline, after.timeline
        if old is new:
            return after
        return replace(after, state=replace(after.state, playback=_moved(self.playback, old, new)))

    def line(self, key: str, **words: str) -> str:
        """The line called `key`, in this turn's variant, filled in."""
        variants = self.coach.content.lines[key]
        text = variants[self.state.turn % len(variants)]
        return sentence_case(text.format(**self._places(), **words))

    def region_text(self, text: str) -> str:
        """`text` of a stretch with the words of this region."""
        return text.format(**self._places())

    def fill(self, text: str, side: Side | None) -> str:
        """A line of a stretch with its side filled in."""
        words = self.coach.content.words
        named = {"side": words.side(side), "other": words.side(side.other)} if side else {}
        return sentence_case(text.format(**named))

    def side_text(self, stretch: Stretch, side: Side | None, *, short: bool = False) -> str:
        """How a side of `stretch` is named; "" where it has none."""
        return self.fill(stretch.side_short if short else stretch.side_name, side).lower()

    def here(self) -> str:
        """The stretch and side the person is at, as in "hamstring stretch, left leg"."""
        stretch, cue = self.stretch, self.cue
        if not stretch or not cue:
            return ""
        unknown = must_ask_leg(self.timeline, stretch.id)
        side = "" if unknown else self.side_text(stretch, cue.side)
        return ", ".join(filter(None, (stretch.name, side)))

    def timed(self, *texts: str, step: Step = Step.ANSWER) -> tuple[TimedCue, ...]:
        """`texts`, which may hold pauses such as [3s], as cues of known length."""
        cues: list[TimedCue] = []
        for part in (part for text in texts if text for part in parse_script(text)):
            if isinstance(part, Say):
                length = self.voice.speech_ms(part.text, self.settings.pace)
                cues.append(TimedCue(Cue(CueKind.SPEECH, step, part.text), length))
            else:
                cues.append(silence(part.duration, step))
        return tuple(cues)

    @property
    def _own_voice(self) -> ModelledVoice:
        return ModelledVoice(self.state.pace.r, self.delay)

    def _places(self) -> dict[str, str]:
        region = self.region
        return {name: getattr(region, name) for name in Region.__dataclass_fields__}


def silence(duration: DurationMs, step: Step = Step.ANSWER) -> TimedCue:
    """A silence of `duration`."""
    return TimedCue(Cue(CueKind.WAIT, step, duration=duration), duration)


def _moved(playback: Playback, old: Timeline, new: Timeline) -> Playback:
    """`playback` of the timeline `old`, at the same place on `new`."""
    end = carry_over(old, Position(playback.end), new).index
    moved = replace(playback, position=carry_over(old, playback.position, new), end=end)
    over = moved.state is PlaybackState.PLAYING and moved.position.index >= end
    return run_out(moved, new) if over else moved
