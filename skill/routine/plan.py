"""A plan: every cue of a routine for one person's settings. A pure function of content and settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from skill.routine.cue import Cue, CueKind, Step
from skill.routine.routine import Routine
from skill.routine.script import Say, Script, fill, sentence_case
from skill.routine.settings import SAFE_LEG, Pace, Settings, Talk
from skill.routine.stretch import MiddleCue, Sides, Stretch
from skill.routine.units import DurationMs, Side, seconds
from skill.routine.words import Words

SLOW_WAITS = 1.25
"""Silences to move or breathe in are this much longer at the slow pace."""


@dataclass(frozen=True, eq=False)
class Plan:
    """All cues of `routine` for `settings`, and an id that changes when any cue does."""

    id: str
    routine: Routine
    settings: Settings
    cues: tuple[Cue, ...]


@lru_cache(maxsize=256)
def make_plan(routine: Routine, settings: Settings, words: Words) -> Plan:
    """The plan of `routine` for `settings`, spoken with `words`."""
    cues = (
        *_arrive(routine, settings),
        *(cue for stretch in routine.stretches for cue in _Sets(stretch, settings, words).cues()),
        *_spoken(routine.getting_up, settings.pace, Cue(CueKind.SPEECH, Step.LEAVE)),
    )
    return Plan(_plan_id(cues, settings), routine, settings, cues)


def sides_of(stretch: Stretch, settings: Settings) -> tuple[Side | None, ...]:
    """The sides `stretch` is done on, in order; (None,) where it has none."""
    match stretch.dose.sides:
        case Sides.LEFT_THEN_RIGHT:
            return (Side.LEFT, Side.RIGHT)
        case Sides.RIGHT_THEN_LEFT:
            return (Side.RIGHT, Side.LEFT)
        case Sides.CHOSEN_LEG:
            return (settings.leg or SAFE_LEG).sides
        case Sides.NONE:
            return (None,)


def _plan_id(cues: tuple[Cue, ...], settings: Settings) -> str:
    return blake2b(repr((cues, settings.pace)).encode(), digest_size=8).hexdigest()


def _arrive(routine: Routine, settings: Settings) -> Iterator[Cue]:
    brief = settings.talk is Talk.BRIEF
    script = routine.getting_down_brief if brief else routine.getting_down
    return _spoken(script, settings.pace, Cue(CueKind.SPEECH, Step.ARRIVE))


def _spoken(script: Script, pace: Pace, like: Cue) -> Iterator[Cue]:
    """The cues of `script`, each with the step and the place of `like`."""
    slower = SLOW_WAITS if pace is Pace.SLOW else 1
    for part in script:
        if isinstance(part, Say):
            yield replace(like, text=part.text)
        else:
            wait = DurationMs(round(part.duration * slower))
            yield replace(like, kind=CueKind.WAIT, duration=wait)


@dataclass(frozen=True)
class _Sets:
    """Every side and repetition of one stretch."""

    stretch: Stretch
    settings: Settings
    words: Words

    def cues(self) -> Iterator[Cue]:
        count = self.settings.repetitions_of(self.stretch)
        sides = sides_of(self.stretch, self.settings)
        for side in sides:
            for repetition in range(1, count + 1):
                yield from self._repetition(side, repetition, first_side=side is sides[0])
            if side is not sides[-1]:
                yield from self._say(self.stretch.lines.switch, Step.SWITCH, side, count)

    def _repetition(self, side: Side | None, repetition: int, *, first_side: bool) -> Iterator[Cue]:
        lines, count = self.stretch.lines, self.settings.repetitions_of(self.stretch)
        if repetition == 1:
            yield from self._opening(side, first_side)
        else:
            last = repetition == count
            into = lines.into_last if last else lines.into_again
            yield from self._say(into, Step.INTO, side, repetition)
        yield from self._hold(side, repetition)
        release = lines.release if repetition == 1 else lines.release_again
        yield from self._say(release, Step.RELEASE, side, repetition)
        if repetition < count:
            yield from self._say(lines.rest, Step.REST, side, repetition)

    def _opening(self, side: Side | None, first_side: bool) -> Iterator[Cue]:
        lines, full = self.stretch.lines, self.settings.talk is Talk.FULL
        if first_side or lines.setup_each_side:
            yield from self._say((Say(lines.title),), Step.TITLE, side, 1)
            if full:
                yield from self._say(lines.setup, Step.SETUP, side, 1)
        yield from self._say(lines.into if full else lines.reminder, Step.INTO, side, 1)

    def _hold(self, side: Side | None, repetition: int) -> Iterator[Cue]:
        lines, hold_s = self.stretch.lines, self.settings.hold_s(self.stretch)
        hold_line = lines.hold if repetition == 1 else lines.hold_again
        yield from self._say((Say(hold_line),), Step.HOLD_LINE, side, repetition)
        inside = Cue(
            CueKind.HOLD,
            Step.HOLDING,
            stretch=self.stretch.id,
            side=side,
            repetition=repetition,
            hold=seconds(hold_s),
        )
        yield inside
        if middle := self._middle(hold_s, repetition):
            yield replace(inside, kind=CueKind.SPEECH, text=self._fill(middle.text, side, repetition))
            yield inside
        near_end = lines.near_end
        if near_end and hold_s >= near_end.from_s:
            text = self._fill(near_end.text, side, repetition)
            yield replace(inside, kind=CueKind.SPEECH, text=text)
            yield replace(inside, duration=seconds(near_end.left_s))

    def _middle(self, hold_s: int, repetition: int) -> MiddleCue | None:
        if self.settings.talk is Talk.BRIEF:
            return None
        reached = [
            cue
            for cue in self.stretch.lines.middle
            if hold_s >= cue.from_s and (not cue.repetitions or repetition in cue.repetitions)
        ]
        return reached[-1] if reached else None

    def _say(self, script: Script, step: Step, side: Side | None, repetition: int) -> Iterator[Cue]:
        like = Cue(CueKind.SPEECH, step, "", self.stretch.id, side, repetition)
        filled = fill(script, **self._placeholders(side, repetition))
        return _spoken(filled, self.settings.pace, like)

    def _fill(self, text: str, side: Side | None, repetition: int) -> str:
        return sentence_case(text.format(**self._placeholders(side, repetition)))

    def _placeholders(self, side: Side | None, repetition: int) -> dict[str, str]:
        words, count = self.words, self.settings.repetitions_of(self.stretch)
        return {
            "side": words.side(side) if side else "",
            "other": words.side(side.other) if side else "",
            "hold": words.number(self.settings.hold_s(self.stretch)),
            "repetition": words.number(repetition),
            "repetitions": words.number(count),
        }
