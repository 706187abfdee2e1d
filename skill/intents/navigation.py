"""Intents that go to a stretch or tell about one."""

from skill.coach import events
from skill.intents.family import Family
from skill.intents.slots import Slots
from skill.routine.settings import Leg


def _go_to(slots: Slots) -> events.GoTo:
    side = slots.id("side", list(Leg))
    return events.GoTo(slots.stretch(), Leg(side) if side else None)


FAMILY: Family = {
    "StartRoutineIntent": lambda slots: events.StartRoutine(),
    "StretchIntent": _go_to,
    "HowToIntent": lambda slots: events.HowTo(slots.stretch()),
    "WhyIntent": lambda slots: events.Why(slots.stretch()),
    "ListStretchesIntent": lambda slots: events.ListStretches(),
}
