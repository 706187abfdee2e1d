"""What the coach says between the parts of a routine, with names and numbers in it, that can be foretold."""

from collections.abc import Iterator
from dataclasses import replace

from skill.coach.answers import closing, let_go, re_enter
from skill.coach.content import Content
from skill.coach.moment import Coach, Moment
from skill.coach.state import State
from skill.render.ssml import ROOM
from skill.routine.cue import Step
from skill.routine.passage import natural_stops
from skill.routine.playback import pause_at, play
from skill.routine.routine import Routine
from skill.routine.script import spoken
from skill.routine.settings import Flow, Leg, Settings
from skill.routine.timeline import Position
from skill.routine.units import DurationMs, EpochMs, seconds

_TURNS = (0, 1)
"""Lines with variants take turns; none has more than two."""


def turn_texts(content: Content, routine: Routine) -> Iterator[str]:
    """The prompts at every stop, the ways back into every stretch, and out of it."""
    coach = Coach(content, routine, ROOM, DurationMs(0))
    for leg in (None, *Leg):
        for flow in Flow:
            state = State(Settings(leg=leg, flow=flow))
            m = Moment(coach, content.region(""), DurationMs(0), EpochMs(0), state)
            for turn in _TURNS:
                yield from _said(_prompts(m.changed(turn=turn)))
            if flow is Flow.KEEP_GOING:
                yield from _said(_ways(m))


def _prompts(m: Moment) -> Iterator[str]:
    for end in natural_stops(m.timeline):
        question, prompt = closing(m, end)
        yield prompt
        yield m.line(f"again_{question}")


def _ways(m: Moment) -> Iterator[str]:
    """Back into and out of every cue; into a hold, with any number of seconds left."""
    for index, cue in enumerate(m.timeline.plan.cues):
        start = Position(index)
        yield let_go(m.changed(playback=play(start, index + 1, EpochMs(0))))
        whole = m.timeline.durations[index] if cue.step is Step.HOLDING else DurationMs(1)
        for ms in range(0, whole, seconds(1)):
            paused = pause_at(replace(start, ms=DurationMs(ms)))
            yield from re_enter(m.changed(playback=paused))


def _said(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        yield from spoken(text) if text else ()
