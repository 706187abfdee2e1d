"""What a turn is counted as: one intent of ours, one outcome, and nothing that anybody said."""

from collections.abc import Callable

import pytest
from ask_sdk_core.exceptions import PersistenceException
from prometheus_client import REGISTRY

from skill.intents import safety
from skill.intents.audio_player import BUTTONS, CHANGES
from skill.intents.counting import TYPES, TurnOutcome, name_of
from skill.intents.families import intents
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Echo, Json, intent, invoke, matched, parsed
from tests.intents.audio_device import AudioEcho, begin

LAUNCH: Json = {"type": "LaunchRequest"}


def turns(name: str, outcome: TurnOutcome) -> float:
    """How many so far."""
    return REGISTRY.get_sample_value("sciatica_turns_total", {"intent": name, "outcome": outcome}) or 0


def streams(change: str) -> float:
    """How many so far."""
    return REGISTRY.get_sample_value("sciatica_streams_total", {"change": change}) or 0


def one_more(action: Callable[[], object], name: str, outcome: TurnOutcome) -> None:
    """`action` is counted as that, once, and as nothing else."""
    before, others = turns(name, outcome), everything()
    action()
    assert (turns(name, outcome), everything()) == (before + 1, others + 1)


def everything() -> float:
    """All turns so far."""
    (family,) = (each for each in REGISTRY.collect() if each.name == "sciatica_turns")
    return sum(sample.value for sample in family.samples if sample.name.endswith("_total"))


def does(error: Exception) -> Callable[..., None]:
    """What fails."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_turn_that_is_stored_and_one_that_comes_again(echo: Echo) -> None:
    body = echo.body(LAUNCH)
    one_more(lambda: invoke(echo.skill, body), "LaunchRequest", TurnOutcome.KEPT)
    one_more(lambda: invoke(echo.skill, body), "LaunchRequest", TurnOutcome.REPLAYED)


def test_a_turn_that_the_store_does_not_take(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    echo.launches()
    monkeypatch.setattr(SqliteStore, "save_attributes", does(PersistenceException("full")))
    one_more(lambda: echo.asks("Help"), "AMAZON.HelpIntent", TurnOutcome.UNKEPT)


def test_a_person_who_is_forgotten_and_one_who_cannot_be(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    echo.launches()
    one_more(lambda: echo.asks("ForgetMeIntent"), "ForgetMeIntent", TurnOutcome.KEPT)
    with monkeypatch.context() as broken:
        broken.setattr(SqliteStore, "delete_attributes", does(PersistenceException("away")))
        one_more(lambda: echo.asks("Yes"), "AMAZON.YesIntent", TurnOutcome.UNKEPT)
    echo.session = None
    echo.asks("ForgetMeIntent")
    one_more(lambda: echo.asks("Yes"), "AMAZON.YesIntent", TurnOutcome.FORGOTTEN)


def test_a_skill_that_is_disabled(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    disabled = "AlexaSkillEvent.SkillDisabled"
    body = echo.body({"type": disabled})
    one_more(lambda: invoke(echo.skill, body), disabled, TurnOutcome.FORGOTTEN)
    monkeypatch.setattr(SqliteStore, "delete_attributes", does(PersistenceException("away")))

    def fails() -> None:
        with pytest.raises(PersistenceException):
            invoke(echo.skill, body)

    one_more(fails, disabled, TurnOutcome.FAILED)


def test_a_bug(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skill.intents.turn.respond", does(KeyError("it hurts")))
    one_more(echo.launches, "LaunchRequest", TurnOutcome.FAILED)


def test_a_stranger_who_leaves_and_a_request_that_means_nothing_to_us(echo: Echo) -> None:
    ended: Json = {"type": "SessionEndedRequest", "reason": "USER_INITIATED"}
    one_more(lambda: invoke(echo.skill, echo.body(ended)), ended["type"], TurnOutcome.UNCHANGED)
    unasked = {"type": "CanFulfillIntentRequest"}
    one_more(lambda: invoke(echo.skill, echo.body(unasked)), "other", TurnOutcome.IGNORED)


@pytest.mark.parametrize("name", intents())
def test_every_intent_has_its_name_but_those_of_pain(echo: Echo, name: str) -> None:
    counted = "safety" if name in safety.FAMILY else name
    assert name_of(parsed(echo.body(intent(name)))) == counted


@pytest.mark.parametrize("name", ["ItHurtsIntent", "safety", "", "LaunchRequest", "AMAZON.SearchAction<x>"])
def test_what_is_no_intent_of_ours_is_other(echo: Echo, name: str) -> None:
    assert name_of(parsed(echo.body(intent(name)))) == "other"


def test_the_types_are_those_that_are_handled() -> None:
    rest = {"LaunchRequest", "SessionEndedRequest", "AlexaSkillEvent.SkillDisabled"}
    assert {*CHANGES, *BUTTONS, *rest} == TYPES


def test_streams_are_counted_by_what_becomes_of_them(device: AudioEcho) -> None:
    before = {change: streams(change) for change in ("begun", "started", "failed")}
    begin(device)
    device.clock.after(100)
    device.fails()
    assert {change: streams(change) - so_far for change, so_far in before.items()} == dict.fromkeys(before, 1)


def test_a_stream_that_is_begun_by_a_request_that_comes_twice_is_one(device: AudioEcho) -> None:
    device.asks("GuidedAudioIntent")
    device.asks("No")
    body = device.body(intent("SideIntent", {"side": matched("left", "left")}))
    begun = streams("begun")
    answers = [invoke(device.skill, body) for _ in range(2)]
    assert [each["response"]["directives"][0]["type"] for each in answers] == ["AudioPlayer.Play"] * 2
    assert streams("begun") == begun + 1
