"""Intents about pain and red flags."""

from skill.coach import events
from skill.intents.family import Family
from skill.intents.slots import Slots
from skill.routine.settings import Leg


def _pain(slots: Slots) -> events.Pain:
    side = slots.id("side", list(Leg))
    return events.Pain(slots.id("pain"), Leg(side) if side else None)


FAMILY: Family = {
    "PainIntent": _pain,
    "RedFlagIntent": lambda slots: events.RedFlag(slots.id("sign")),
}
