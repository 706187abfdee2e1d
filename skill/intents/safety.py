"""Intents about pain and red flags."""

from skill.coach import events
from skill.intents.family import Family

FAMILY: Family = {
    "PainIntent": lambda slots: events.Pain(slots.id("pain")),
    "RedFlagIntent": lambda slots: events.RedFlag(slots.id("sign")),
}
