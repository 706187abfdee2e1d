"""Whose place it is: voices, accounts, devices, sessions."""

from dataclasses import replace

import pytest

from skill.store.person import person_key
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Echo, invoke, matched, parsed
from tests.intents.rules import said
from tests.intents.situations import Situation, asked_about_safety, paused

LAUNCH = {"type": "LaunchRequest"}


def device(echo: Echo, **changes: str) -> Echo:
    """Another device, with no open session, on the same store and clock."""
    return replace(echo, session=None, answer={}, **changes)


def stored(echo: Echo, store: SqliteStore) -> dict[str, object]:
    """What is stored of the person at `echo`."""
    return store.get_attributes(parsed(device(echo).body(LAUNCH)))


def paused_at_hamstring(echo: Echo) -> None:
    """In the hamstring stretch, left leg, and paused."""
    asked_about_safety(echo)
    echo.asks("No")
    echo.asks("StretchIntent", stretch=matched("hamstring", "hamstring"), side=matched("left", "left"))
    echo.clock.after(30)
    echo.asks("Pause")


def test_a_voice_profile_comes_before_the_account(echo: Echo) -> None:
    account = echo.body(LAUNCH)
    voice = device(echo, person="amzn1.ask.person.X").body(LAUNCH)
    assert person_key(parsed(account)) == echo.user
    assert person_key(parsed(voice)) == "amzn1.ask.person.X"


def test_two_voices_at_one_device_keep_their_own_place(echo: Echo) -> None:
    paused(echo)
    other = device(echo, person="amzn1.ask.person.other")
    other.launches()
    assert "Welcome to Sciatica Coach" in said(other.answer)
    own = device(echo)
    own.launches()
    assert "You were in the hamstring stretch" in said(own.answer)


def test_who_is_known_when_a_session_opens_speaks_in_all_of_it(echo: Echo, store: SqliteStore) -> None:
    anna = device(echo, person="amzn1.ask.person.anna")
    paused_at_hamstring(anna)
    anna.person = ""
    anna.asks("Resume")
    assert "Back to the hamstring stretch" in said(anna.answer)
    assert stored(echo, store) == {}
    anna.person = "amzn1.ask.person.anna"
    anna.clock.after(5)
    anna.asks("Pause")
    anna.asks("Resume")
    assert "Back to the hamstring stretch" in said(anna.answer)


def test_a_session_that_was_opened_by_nobody_known_stays_with_the_account(
    echo: Echo, store: SqliteStore
) -> None:
    paused(echo)
    echo.person = "amzn1.ask.person.known late"
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    assert stored(echo, store) == {}


def test_another_voice_in_a_session_has_a_place_of_its_own(echo: Echo, store: SqliteStore) -> None:
    anna = device(echo, person="amzn1.ask.person.first")
    paused_at_hamstring(anna)
    ben = replace(anna, person="amzn1.ask.person.second")
    ben.asks("WhereAmIIntent")
    assert "not started" in said(ben.answer)
    anna.asks("Resume")
    assert "Back to the hamstring stretch" in said(anna.answer)


def test_without_a_context_the_user_of_the_session_is_meant(echo: Echo) -> None:
    body = echo.body(LAUNCH)
    del body["context"]
    assert person_key(parsed(body)) == echo.user
    del body["session"]
    with pytest.raises(ValueError, match="neither a person nor a user"):
        person_key(parsed(body))


def test_a_new_session_clears_a_question_nobody_remembers(echo: Echo) -> None:
    asked_about_safety(echo)
    again = device(echo)
    again.asks("No")
    assert "Let's begin" not in said(again.answer)
    again.asks("StartRoutineIntent")
    assert "numbness" in said(again.answer)


def test_a_stale_question_about_the_place_is_not_answered_by_yes(echo: Echo) -> None:
    paused(echo)
    device(echo).launches()
    again = device(echo)
    again.asks("Help")
    kept = again.answer["sessionAttributes"]["device"]
    assert kept["state"] == "paused"
    assert kept.get("question") != "pick_up"


def test_two_devices_of_one_account_keep_their_own_place(echo: Echo) -> None:
    paused(echo)
    bedroom = device(echo, device="amzn1.ask.device.bedroom")
    bedroom.asks("StretchIntent", stretch=matched("lower_back", "lower back"))
    echo.clock.after(30)
    bedroom.asks("Pause")
    for one, name in ((bedroom, "lower back"), (echo, "hamstring")):
        one.session = None
        one.launches()
        assert f"You were in the {name} stretch" in said(one.answer)


def test_a_device_without_a_place_picks_up_the_place_of_the_one_used_last(echo: Echo) -> None:
    paused(echo)
    bedroom = device(echo, device="amzn1.ask.device.bedroom")
    bedroom.launches()
    assert "You were in the hamstring stretch, left leg" in said(bedroom.answer)
    bedroom.asks("Yes")
    assert "Back to the hamstring stretch" in said(bedroom.answer)


def test_a_pace_told_by_silence_stays_with_its_device(echo: Echo, store: SqliteStore) -> None:
    asked_about_safety(echo)
    echo.asks("No")
    echo.asks("StretchIntent", stretch=matched("lower_back", "lower back"))
    told = False
    for seconds in range(60, 900, 5):
        probe = Situation(stored(echo, store), echo, replace(echo.clock)).again(store, f"probe {seconds}")
        probe.clock.after(seconds)
        probe.ends("EXCEEDED_MAX_REPROMPTS")
        (kept,) = stored(probe, store)["devices"].values()  # type: ignore[attr-defined]
        if "pace" in kept:
            told = True
            other = device(probe, locale="en-GB")
            other.launches()
            assert "pace" not in other.answer["sessionAttributes"]["device"]
            other = device(probe, device="amzn1.ask.device.bedroom")
            other.launches()
            assert "pace" not in other.answer["sessionAttributes"]["device"]
            probe.launches()
            assert probe.answer["sessionAttributes"]["device"]["pace"] == kept["pace"]
            break
    assert told


def test_disabling_the_skill_forgets_the_person(echo: Echo, store: SqliteStore) -> None:
    paused(echo)
    assert stored(echo, store)
    body = device(echo).body({"type": "AlexaSkillEvent.SkillDisabled"})
    del body["session"]
    assert invoke(echo.skill, body)["response"] == {}
    assert stored(echo, store) == {}


def test_after_eight_devices_the_one_unused_for_longest_goes(echo: Echo, store: SqliteStore) -> None:
    for nth in range(10):
        device(echo, device=f"amzn1.ask.device.{nth}").launches()
    assert len(stored(echo, store)["devices"]) == 8  # type: ignore[arg-type]
