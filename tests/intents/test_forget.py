""" "Forget me" through whole envelopes: what is gone after it, what stays, and what cannot bring it back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from tests.intents.alexa import Echo, Json, parsed, skill_on
from tests.intents.audio_device import AudioEcho, begin
from tests.intents.rules import said
from tests.intents.situations import in_hold, paused
from tests.store.wrapping import Wrapping


def at(echo: Echo, **changes: str) -> Echo:
    """Somebody else, or another device, with no open session, on the same store and clock."""
    return replace(echo, session=None, answer={}, **changes)


def voice(echo: Echo, name: str) -> Echo:
    """A recognised voice at the same device."""
    return at(echo, person=f"{echo.user.replace('account', 'person')}.{name}")


def stored(echo: Echo, store: Store) -> Json:
    """What is stored of the person at `echo`."""
    record: Json = store.get_attributes(parsed(at(echo).body({"type": "LaunchRequest"})))
    return record


def forget(echo: Echo) -> str:
    """Ask to be forgotten, and mean it; returns what is said at the end."""
    echo.asks("ForgetMeIntent")
    assert "Shall I delete" in said(echo.answer)
    echo.clock.after(6)
    echo.asks("Yes")
    return said(echo.answer)


def test_after_a_yes_nothing_is_stored_and_the_session_is_over(echo: Echo, store: SqliteStore) -> None:
    in_hold(echo)
    assert stored(echo, store)
    assert forget(echo) == "It is all deleted. Take care."
    assert echo.answer["response"]["shouldEndSession"]
    assert not echo.answer.get("sessionAttributes")
    assert stored(echo, store) == {}
    echo.launches()
    assert "Welcome to Sciatica Coach" in said(echo.answer)


@pytest.mark.parametrize("answer", ["No", "Stop", "Cancel", "NavigateHome", "Next", "TimeLeftIntent"])
def test_without_a_yes_everything_is_stored_as_it_was(echo: Echo, store: SqliteStore, answer: str) -> None:
    in_hold(echo)
    echo.asks("ForgetMeIntent")
    before = stored(echo, store)
    echo.asks(answer)
    after = stored(echo, store)
    assert (after["settings"], after["cleared"]) == (before["settings"], before["cleared"])
    assert after["devices"].keys() == before["devices"].keys()


def test_in_one_go_from_outside(echo: Echo, store: SqliteStore) -> None:
    paused(echo)
    outside = at(echo)
    assert forget(outside) == "It is all deleted. Take care."
    assert stored(echo, store) == {}


def test_a_voice_is_forgotten_alone(echo: Echo, store: SqliteStore) -> None:
    anna, ben = voice(echo, "anna"), voice(echo, "ben")
    for one in (echo, anna, ben):
        one.launches()
    forget(at(anna))
    assert [bool(stored(one, store)) for one in (echo, anna, ben)] == [True, False, True]


def test_an_account_is_forgotten_with_all_its_voices(echo: Echo, store: SqliteStore) -> None:
    anna, ben, neighbour = voice(echo, "anna"), voice(echo, "ben"), at(echo, user=f"{echo.user}.next")
    for one in (echo, anna, ben, neighbour):
        one.launches()
    forget(at(echo))
    assert [bool(stored(one, store)) for one in (echo, anna, ben, neighbour)] == [False, False, False, True]


@pytest.mark.parametrize("other", ["", "ben"], ids=["a voice nobody knows", "another voice"])
def test_nobody_says_yes_for_another(echo: Echo, store: SqliteStore, other: str) -> None:
    anna, ben = voice(echo, "anna"), voice(echo, "ben")
    for one in (echo, anna, ben):
        one.launches()
    anna.asks("ForgetMeIntent")
    replace(anna, person=voice(echo, other).person if other else "").asks("Yes")
    assert [bool(stored(one, store)) for one in (echo, ben)] == [True, True]


def test_a_session_open_elsewhere_does_not_bring_it_back(echo: Echo, store: SqliteStore) -> None:
    paused(echo)
    forget(at(echo, device="amzn1.ask.device.bedroom"))
    echo.clock.after(20)
    echo.asks("WhereAmIIntent")
    assert "not started" in said(echo.answer)


def test_nor_does_its_end(echo: Echo, store: SqliteStore) -> None:
    paused(echo)
    forget(at(echo, device="amzn1.ask.device.bedroom"))
    echo.ends("EXCEEDED_MAX_REPROMPTS")
    assert stored(echo, store) == {}


def test_nor_does_a_stream_that_was_playing(device: AudioEcho, store: SqliteStore) -> None:
    begin(device)
    device.clock.after(100)
    device.asks("ForgetMeIntent")
    assert device.stream
    assert device.stream.activity == "STOPPED"
    device.clock.after(6)
    device.asks("Yes")
    device.tells("PlaybackStopped")
    assert stored(device, store) == {}


def test_a_stream_goes_on_where_it_was_after_a_no(device: AudioEcho) -> None:
    begin(device)
    device.clock.after(100)
    device.asks("ForgetMeIntent")
    assert device.stream
    where = device.offset_ms
    device.clock.after(6)
    device.asks("No")
    assert device.playing
    assert device.offset_ms == where


def test_a_stream_goes_on_after_what_is_said_instead_of_an_answer(device: AudioEcho) -> None:
    begin(device)
    device.clock.after(100)
    device.asks("ForgetMeIntent")
    where = device.offset_ms
    device.clock.after(6)
    device.asks("TimeLeftIntent")
    assert "Back to the" in said(device.answer)
    assert device.playing
    assert where - 10_000 < device.offset_ms <= where, "from the start of the sentence"


def test_a_stream_waits_after_two_answers_that_nobody_understands(device: AudioEcho) -> None:
    begin(device)
    device.clock.after(100)
    device.asks("ForgetMeIntent")
    where = device.offset_ms
    for _ in range(2):
        device.clock.after(6)
        device.asks("Fallback")
        assert not device.playing
    assert "nothing is deleted" in said(device.answer)
    assert "Shall we pick up there?" in said(device.answer)
    device.clock.after(6)
    device.asks("Yes")
    assert device.playing
    assert device.offset_ms == where


class Stubborn(Wrapping):
    """A store that keeps and finds, and deletes only when it feels like it."""

    deletes = False

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        if name == "delete" and not self.deletes:
            raise PersistenceException("store: read-only")
        return call()


def test_what_cannot_be_deleted_is_owned_up_to_and_kept(echo: Echo, store: SqliteStore) -> None:
    stubborn = Stubborn(store)
    echo.skill = skill_on(stubborn, echo.clock)
    paused(echo)
    before = stored(echo, store)
    assert forget(echo).startswith("Sorry, I could not make sure that it is deleted.")
    after = stored(echo, store)
    assert (after["settings"], after["cleared"]) == (before["settings"], before["cleared"])
    ((was,), (now,)) = (list(record["devices"].values()) for record in (before, after))
    assert (now["state"], now["at"]) == (was["state"], was["at"])
    stubborn.deletes = True
    forget(echo)
    assert stored(echo, store) == {}
