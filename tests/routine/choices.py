"""Every choice a person can make, one by one for each stretch and at random for all of them together."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from skill.content import load_content
from skill.routine.cue import Cue, Step
from skill.routine.plan import Plan, make_plan
from skill.routine.routine import Routine
from skill.routine.settings import Flow, Leg, Pace, Settings, Talk
from skill.routine.stretch import Sides, Stretch
from skill.routine.timeline import Position, Timeline
from skill.routine.units import DurationMs
from skill.routine.voice import ModelledVoice

CONTENT = load_content()
ROUTINE = CONTENT.routine("sciatica")
STRETCHES = ROUTINE.stretches
NAMES = [stretch.id for stretch in STRETCHES]
LEGS = (None, *Leg)
PACES_OF_VOICE = (0.7, 0.85, 1.0, 1.15, 1.4)

steady = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Found the same way each time, on any machine."""


@cache
def alone(stretch: Stretch) -> Routine:
    """A routine of this one stretch."""
    return replace(ROUTINE, id=stretch.id, stretches=(stretch,))


def doses(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Every hold and count that may be chosen for `stretch`."""
    hold, count = stretch.dose.hold_s, stretch.dose.repetitions
    return product(range(hold.least, hold.most + 1), range(count.least, count.most + 1))


def every_choice(stretch: Stretch, *flows: Flow) -> Iterator[Settings]:
    """Every setting that makes a difference to `stretch`."""
    legs = LEGS if stretch.dose.sides is Sides.CHOSEN_LEG else (None,)
    for (hold_s, count), leg, pace, talk, flow in product(
        doses(stretch), legs, Pace, Talk, flows or (Flow.STRETCH,)
    ):
        chosen = Settings(leg=leg, pace=pace, talk=talk, flow=flow)
        yield chosen.with_hold(stretch, hold_s).with_repetitions(stretch, count)


@cache
def plan_of(chosen: Settings, routine: Routine = ROUTINE) -> Plan:
    return make_plan(routine, chosen, CONTENT.words)


def timeline_of(chosen: Settings, routine: Routine = ROUTINE, r: float = 1.0) -> Timeline:
    return Timeline(plan_of(chosen, routine), ModelledVoice(r))


@cache
def every_timeline(stretch: Stretch, *flows: Flow, r: float = 1.0) -> tuple[Timeline, ...]:
    """Of every choice for `stretch` alone."""
    return tuple(timeline_of(chosen, alone(stretch), r) for chosen in every_choice(stretch, *flows))


def holds(timeline: Timeline) -> list[list[tuple[Cue, DurationMs]]]:
    """What is inside each hold, hold by hold, with how long it lasts."""
    found: dict[object, list[tuple[Cue, DurationMs]]] = {}
    for cue, duration in zip(timeline.plan.cues, timeline.durations, strict=True):
        if cue.step is Step.HOLDING:
            found.setdefault(cue.set_key, []).append((cue, duration))
    return list(found.values())


@st.composite
def choices(draw: st.DrawFn) -> Settings:
    """Any settings, of all stretches at once."""
    chosen = Settings(
        leg=draw(st.sampled_from(LEGS)),
        pace=draw(st.sampled_from(Pace)),
        talk=draw(st.sampled_from(Talk)),
        flow=draw(st.sampled_from(Flow)),
    )
    for stretch in STRETCHES:
        hold, count = stretch.dose.hold_s, stretch.dose.repetitions
        chosen = chosen.with_hold(stretch, draw(st.integers(hold.least, hold.most)))
        chosen = chosen.with_repetitions(stretch, draw(st.integers(count.least, count.most)))
    return chosen


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Of any settings, in a voice of any pace."""
    return timeline_of(draw(choices()), r=draw(st.sampled_from(PACES_OF_VOICE)))


@st.composite
def positions(draw: st.DrawFn, timeline: Timeline) -> Position:
    """Anywhere on `timeline`, its end included."""
    return timeline.at(draw(st.integers(0, timeline.length)))
