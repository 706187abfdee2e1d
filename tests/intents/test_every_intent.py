"""Every intent, with every slot filled in every way, in every situation, through whole envelopes."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest

from skill.content import load_content
from skill.content.phrases import NUMBER
from skill.content.phrases_loader import load_phrases
from skill.intents.families import intents
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Json, intent, invoke, matched, number, parsed, unmatched
from tests.intents.rules import said
from tests.intents.situations import SITUATIONS, Situation

PHRASES = load_phrases()
APOLOGY = load_content().lines["apology"][0]
JUNK = ("?", "", "x" * 10_000, "-5", "１５")
NUMBERS = ("0", "1", "10", "15", "30", "60", "999999999", "12.5", "ten")
Slots = dict[str, Json]
ENDED = {"never_used": "idle", "waiting": "waiting", "finished": "finished"}
ENDED_AS = {
    ("in_hold", "EXCEEDED_MAX_REPROMPTS"): "waiting",  # the whole passage was played
    ("last_stretch", "EXCEEDED_MAX_REPROMPTS"): "finished",
    ("waiting", "ERROR"): "paused",  # nothing of it was played
}


def fillings(name: str) -> Iterator[Slots]:
    """Every way the slots of an intent may arrive."""
    slots = PHRASES.intents[name].slots
    yield {}
    if not slots:
        return
    yield {slot: {} for slot in slots}
    yield {slot: matched("long_gone", "something we used to know") for slot in slots}
    for junk in JUNK:
        yield {slot: number(junk) for slot in slots}
        yield {slot: unmatched(junk) for slot in slots}
    known = [[{}, *values_of(kind)] for kind in slots.values()]
    yield from (dict(zip(slots, values, strict=True)) for values in product(*known))


def values_of(kind: str) -> list[Json]:
    """Every known value of a slot type."""
    if kind == NUMBER:
        return [number(value) for value in NUMBERS]
    return [matched(value.id, value.name) for value in PHRASES.types[kind].values]


def test_the_skill_and_the_interaction_model_know_the_same_intents() -> None:
    assert set(intents()) == set(PHRASES.intents)


@pytest.mark.parametrize("name", sorted(intents()))
@pytest.mark.parametrize("moment", SITUATIONS)
def test_every_answer_keeps_alexas_rules(
    moment: str, name: str, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    for nth, slots in enumerate(fillings(name)):
        echo = situation(moment).again(store, f"{moment} {name} {nth}")
        echo.sends(intent(name, slots))
        assert APOLOGY not in said(echo.answer), slots


@pytest.mark.parametrize("moment", SITUATIONS)
def test_a_launch_keeps_alexas_rules(
    moment: str, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    for new in (True, False):
        echo = situation(moment).again(store, f"{moment} launch {new}")
        echo.session = None if new else echo.session
        echo.launches()
        assert APOLOGY not in said(echo.answer)


@pytest.mark.parametrize("reason", ["USER_INITIATED", "ERROR", "EXCEEDED_MAX_REPROMPTS"])
@pytest.mark.parametrize("moment", SITUATIONS)
def test_the_end_of_a_session_is_answered_with_nothing_and_the_place_is_saved(
    moment: str, reason: str, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    echo = situation(moment).again(store, f"{moment} {reason}")
    assert echo.ends(reason)["response"] == {}
    record = store.get_attributes(parsed(echo.body({"type": "LaunchRequest"})))
    if moment == "never_used":
        assert record == {}
        return
    (device,) = record["devices"].values()
    assert device["state"] == ENDED_AS.get((moment, reason), ENDED.get(moment, "paused"))
    assert "question" not in device


@pytest.mark.parametrize(
    "request_",
    [
        {"type": "SessionEndedRequest"},
        {
            "type": "SessionEndedRequest",
            "reason": "ERROR",
            "error": {"type": "INVALID_RESPONSE", "message": "x"},
        },
        {"type": "System.ExceptionEncountered", "error": {"type": "INTERNAL_SERVICE_ERROR", "message": "x"}},
        {"type": "Alexa.Presentation.APL.UserEvent", "arguments": []},
        {"type": "AudioPlayer.PlaybackStopped", "token": "x", "offsetInMilliseconds": 1},
    ],
    ids=lambda request_: request_["type"],
)
def test_what_nobody_asked_for_is_answered_with_nothing(
    request_: Json, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    echo = situation("in_hold").again(store, str(request_))
    assert invoke(echo.skill, echo.body(request_))["response"] == {}


def test_an_intent_that_is_not_in_the_model_is_answered_as_not_understood(
    situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    echo = situation("paused").again(store, "unknown intent")
    echo.asks("TeleportIntent")
    assert "catch" in said(echo.answer) or "missed" in said(echo.answer)
