"""Intents that change a setting."""

from skill.coach import events
from skill.intents.family import Family, change
from skill.intents.slots import Slots
from skill.routine.settings import Flow, Guide, Leg


def _choose_leg(slots: Slots) -> events.Event:
    side = slots.id("side", list(Leg))
    if side is None:
        return events.NotUnderstood()
    return events.ChooseLeg(Leg(side) if side else None)


def _choose_flow(slots: Slots) -> events.Event:
    flow = slots.id("flow", list(Flow))
    if flow is None:
        return events.NotUnderstood()
    return events.ChooseFlow(Flow(flow) if flow else None)


FAMILY: Family = {
    "SetHoldIntent": lambda slots: events.SetHold(slots.number("seconds")),
    "ChangeHoldIntent": lambda slots: events.ChangeHold(change(slots, "change")),
    "SetRepetitionsIntent": lambda slots: events.SetRepetitions(slots.number("count")),
    "ChangeRepetitionsIntent": lambda slots: events.ChangeRepetitions(change(slots, "change")),
    "PaceIntent": lambda slots: events.ChangePace(change(slots, "pace")),
    "TalkIntent": lambda slots: events.ChangeTalk(change(slots, "talk")),
    "SideIntent": _choose_leg,
    "FlowIntent": _choose_flow,
    "GuidedAudioIntent": lambda slots: events.ChooseGuide(Guide.RECORDED),
    "SpokenVoiceIntent": lambda slots: events.ChooseGuide(Guide.SPOKEN),
}
