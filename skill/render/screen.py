"""What a screen shows while a reply sounds: one frame a cue."""

from dataclasses import dataclass

from skill.coach.reply import Reply
from skill.routine.cue import Cue, Step
from skill.routine.routine import Routine
from skill.routine.script import sentence_case
from skill.routine.timeline import TimedCue
from skill.routine.units import DurationMs
from skill.routine.voice import RecordedVoice
from skill.routine.words import Words


@dataclass(frozen=True, slots=True)
class Frame:
    """One cue on a screen.

    kind: speech, wait (a silence to move or breathe in) or hold.
    text: the words; "" in a silence. ms: how long it lasts.
    stretch: the stretch's name, "" between them; number: which one it is, counted from 1, of `count`.
    side: left, right, or "" where there is none; side_name: how the stretch names it.
    repetition: of the stretch, counted from 1.
    hold_ms: the dose of the hold this is in, 0 outside; hold_left_ms: what is left of it at the start.
    offset_ms: when it starts in the routine, -1 for what is not part of it; length_ms: the whole routine.
    rate: how fast it is spoken, in percent of the voice's own.
    recorded: whether it is in the recording of the reply; silences are, where there is one.
    """

    kind: str
    text: str
    ms: DurationMs
    stretch: str
    number: int
    count: int
    side: str
    side_name: str
    repetition: int
    hold_ms: DurationMs
    hold_left_ms: DurationMs
    offset_ms: int
    length_ms: DurationMs
    rate: int
    recorded: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """Draws replies about one routine."""

    routine: Routine
    words: Words

    def frames(self, reply: Reply) -> tuple[Frame, ...]:
        """All that sounds before listening."""
        return tuple(self._frame(cue, reply) for cue in reply.cues)

    def reprompt(self, reply: Reply) -> tuple[Frame, ...]:
        """What sounds if nobody answers."""
        return tuple(self._frame(cue, reply) for cue in reply.reprompt)

    def _frame(self, timed: TimedCue, reply: Reply) -> Frame:
        cue = timed.cue
        ids = [stretch.id for stretch in self.routine.stretches]
        stretch = self.routine.stretch(cue.stretch) if cue.stretch else None
        side = cue.side.other if cue.side and cue.step is Step.SWITCH else cue.side
        return Frame(
            kind=str(cue.kind),
            text=cue.text,
            ms=timed.duration,
            stretch=sentence_case(stretch.name) if stretch else "",
            number=ids.index(cue.stretch) + 1 if stretch else 0,
            count=len(ids),
            side=str(side or ""),
            side_name=stretch.side_name.format(side=self.words.side(side)) if stretch and side else "",
            repetition=cue.repetition,
            hold_ms=cue.hold or DurationMs(0),
            hold_left_ms=DurationMs(max((cue.hold or 0) - timed.held, 0)),
            offset_ms=-1 if timed.offset is None else timed.offset,
            length_ms=reply.length,
            rate=reply.rate,
            recorded=_is_recorded(cue, reply),
        )


def _is_recorded(cue: Cue, reply: Reply) -> bool:
    voice = reply.recording and reply.recording.timeline.voice
    return isinstance(voice, RecordedVoice) and (not cue.text or voice.has(cue.text, reply.pace))
