"""Intents about the session, the answers yes and no, and being forgotten."""

from skill.coach import events
from skill.intents.family import Family

FAMILY: Family = {
    "AMAZON.YesIntent": lambda slots: events.Yes(),
    "AMAZON.NoIntent": lambda slots: events.No(),
    "KeepMyDataIntent": lambda slots: events.KeepMyData(),
    "ForgetMeIntent": lambda slots: events.ForgetMe(),
    "AMAZON.HelpIntent": lambda slots: events.Help(),
    "AMAZON.StopIntent": lambda slots: events.Stop(),
    "AMAZON.CancelIntent": lambda slots: events.Stop(),
    "AMAZON.NavigateHomeIntent": lambda slots: events.Home(),
    "AMAZON.FallbackIntent": lambda slots: events.NotUnderstood(),
}
