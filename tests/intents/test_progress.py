"""What was done is kept with the turn that it belongs to, once, and told on request."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.routine.history import History
from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from tests.intents.alexa import Clock, Echo, Json, intent, invoke, matched, number, parsed, skill_on
from tests.intents.audio_device import AudioEcho, begin
from tests.intents.rules import said
from tests.store.wrapping import Wrapping

LAUNCH = {"type": "LaunchRequest"}
LONG_AGO = date(2000, 1, 1)
TODAY = "2027-01-15"
HELD = {TODAY: {"hamstring 10": 1}}
UNKNOWN = "I can't look that up just now."


class Watched(Wrapping):
    """A store that notes what is asked of it, fails in what a test names, and acts before it saves.

    lands: whether a save that fails has been done all the same.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.fails, self.calls, self.lands = set[str](), list[str](), False
        self.saved: Json = {}
        self.before_save: Callable[[], object] = lambda: None

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        self.saved = deepcopy(attributes)
        super().save_attributes(request_envelope, attributes)

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        lands = self.lands and name == "save"
        if not lands:
            self._try(name)
        if name == "save":
            act, self.before_save = self.before_save, lambda: None
            act()
        result = call()
        if lands:
            self._try(name)
        return result

    def _try(self, call: str) -> None:
        self.calls.append(call)
        if call in self.fails:
            raise PersistenceException("store: moody")


@pytest.fixture
def watched(store: SqliteStore) -> Watched:
    """A store that works until a test says otherwise."""
    return Watched(store)


@pytest.fixture
def kitchen(watched: Watched, clock: Clock, request: pytest.FixtureRequest) -> Echo:
    """A device of somebody who is about to stretch their hamstring."""
    echo = Echo(skill_on(watched, clock), clock, user=f"amzn1.ask.account.{request.node.name}")
    echo.launches()
    echo.asks("No")
    echo.asks("SideIntent", side=matched("left", "left"))
    return echo


def held(echo: Echo) -> Echo:
    """The hamstring stretch was asked for, and its hold is over; nothing has been said since."""
    echo.asks("StretchIntent", stretch=matched("hamstring", "hamstring"))
    echo.clock.after(75)
    return echo


def done(echo: Echo, store: Store) -> History:
    """All that is kept of what the person at `echo` has done."""
    return store.history(parsed(replace(echo, session=None).body(LAUNCH)), LONG_AGO)


def elsewhere(echo: Echo, **changes: Any) -> Echo:
    """Another device of the same person, with no session open."""
    changed = {"session": None, "answer": {}, "device": "amzn1.ask.device.elsewhere", **changes}
    return replace(echo, **changed)


def test_a_hold_is_kept_with_the_turn_after_it_and_nowhere_else(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    assert done(kitchen, watched) == {}
    kitchen.asks("Pause")
    assert done(kitchen, watched) == HELD
    assert "did" not in kitchen.session["attributes"]
    assert "did" not in watched.get_attributes(parsed(kitchen.body(LAUNCH)))
    kitchen.clock.after(30)
    kitchen.asks("Resume")
    assert done(kitchen, watched) == HELD


def test_where_nothing_was_finished_nothing_is_told_to_the_store(kitchen: Echo, watched: Watched) -> None:
    watched.calls.clear()
    for name in ("WhereAmIIntent", "TimeLeftIntent", "Pause", "Resume"):
        kitchen.clock.after(2)
        kitchen.asks(name)
        assert "did" not in watched.saved
    assert watched.calls == ["load", "save"] * 4


@pytest.mark.parametrize("ending", ["USER_INITIATED", "EXCEEDED_MAX_REPROMPTS"])
def test_the_end_of_a_session_counts_too(ending: str, kitchen: Echo, watched: Watched) -> None:
    held(kitchen).ends(ending)
    assert done(kitchen, watched) == HELD


def test_what_could_not_be_played_does_not_count(kitchen: Echo, watched: Watched) -> None:
    held(kitchen).ends("ERROR")
    assert done(kitchen, watched) == {}


def test_a_request_that_comes_twice_counts_once(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    body = kitchen.body(intent("AMAZON.PauseIntent"))
    assert invoke(kitchen.skill, body) == invoke(kitchen.skill, body)
    assert done(kitchen, watched) == HELD


def test_a_turn_that_is_overtaken_counts_once(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    bedroom = elsewhere(kitchen, skill=skill_on(watched, kitchen.clock))
    watched.before_save = lambda: bedroom.asks("SetHoldIntent", seconds=number("25"))
    watched.calls.clear()
    kitchen.asks("Pause")
    assert watched.calls.count("save") == 3
    counts = done(kitchen, watched)[TODAY]
    assert sum(counts.values()) == 1


@pytest.mark.parametrize("fails", [{"save"}, {"load"}, {"load", "save"}])
def test_what_could_not_be_kept_waits_in_the_session(
    fails: set[str], kitchen: Echo, watched: Watched
) -> None:
    held(kitchen)
    watched.fails = fails
    for name in ("Pause", "WhereAmIIntent"):
        kitchen.asks(name)
        assert kitchen.session["attributes"]["did"] == HELD
    assert done(kitchen, watched) == {}
    watched.fails = set()
    kitchen.asks("WhereAmIIntent")
    assert done(kitchen, watched) == HELD
    assert "did" not in kitchen.session["attributes"]
    kitchen.asks("WhereAmIIntent")
    assert done(kitchen, watched) == HELD


def test_a_save_that_was_done_though_nobody_heard_of_it_counts_once(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    watched.fails, watched.lands = {"save"}, True
    kitchen.asks("Pause")
    assert done(kitchen, watched) == HELD
    watched.fails = set()
    for name in ("WhereAmIIntent", "WhereAmIIntent"):
        kitchen.asks(name)
        assert done(kitchen, watched) == HELD


def test_a_session_whose_last_answer_got_lost_brings_nothing_twice(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    watched.fails = {"save"}
    kitchen.asks("Pause")
    watched.fails = set()
    lost = deepcopy(kitchen.session)
    kitchen.asks("WhereAmIIntent")
    kitchen.session = lost
    kitchen.asks("WhereAmIIntent")
    assert done(kitchen, watched) == HELD


def test_a_session_that_was_changed_on_the_way_is_not_believed(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    watched.fails = {"save"}
    kitchen.asks("Pause")
    watched.fails = set()
    kitchen.session["attributes"]["did"][TODAY]["hamstring 10"] = 1_000_000
    kitchen.asks("WhereAmIIntent")
    assert sum(sum(counts.values()) for counts in done(kitchen, watched).values()) <= 1


def test_what_plays_in_the_kitchen_is_not_counted_in_the_bedroom(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    bedroom = elsewhere(kitchen)
    bedroom.asks("WhereAmIIntent")
    assert "amstring" in said(bedroom.answer)
    assert done(kitchen, watched) == {}
    kitchen.ends()
    assert done(kitchen, watched) == HELD


def test_days_are_those_of_the_clock_at_greenwich(kitchen: Echo, watched: Watched) -> None:
    held(kitchen).asks("Pause")
    kitchen.clock.after(86_400)
    kitchen.session = None
    kitchen.launches()
    held(kitchen).asks("Pause")
    assert done(kitchen, watched) == {**HELD, "2027-01-16": {"hamstring 10": 1}}


def test_somebody_elses_voice_has_done_nothing(kitchen: Echo, watched: Watched) -> None:
    held(kitchen).asks("Pause")
    other = elsewhere(kitchen, person="amzn1.ask.person.other")
    assert "no hold in the last seven days" in other.asks("ProgressIntent")
    assert done(other, watched) == {}


def test_how_am_i_doing(kitchen: Echo, watched: Watched) -> None:
    assert "no hold in the last seven days" in kitchen.asks("ProgressIntent")
    held(kitchen)
    watched.calls.clear()
    heard = kitchen.asks("ProgressIntent")
    assert "one hold, on one of the last seven days" in heard
    assert watched.calls == ["load", "history", "save"]
    kitchen.clock.after(6 * 86_400)
    kitchen.session = None
    assert "one hold, on one of the last seven days" in kitchen.asks("ProgressIntent")
    held(kitchen)
    assert "two holds, on two of the last seven days" in kitchen.asks("ProgressIntent")
    kitchen.session = None
    kitchen.clock.after(7 * 86_400)
    assert "no hold in the last seven days" in kitchen.asks("ProgressIntent")


def test_asked_in_the_middle_of_a_hold_the_hold_goes_on(kitchen: Echo, watched: Watched) -> None:
    kitchen.asks("StretchIntent", stretch=matched("hamstring", "hamstring"))
    kitchen.clock.after(52)
    assert "no hold in the last seven days" in kitchen.asks("ProgressIntent")
    (device,) = watched.get_attributes(parsed(kitchen.body(LAUNCH)))["devices"].values()
    assert device["state"] == "playing"
    assert (device["at"][0], device["at"][3]) == ("hamstring", "holding")
    kitchen.clock.after(30)
    assert "finished one hold" in kitchen.asks("ProgressIntent")


@pytest.mark.parametrize("fails", [{"history"}, {"load"}, {"load", "save", "history"}])
def test_a_store_that_does_not_tell_is_no_reason_to_lose_the_place(
    fails: set[str], kitchen: Echo, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    held(kitchen)
    watched.fails = fails
    heard = kitchen.asks("ProgressIntent")
    assert UNKNOWN in heard
    watched.fails = set()
    assert "finished one hold" in kitchen.asks("ProgressIntent")
    assert kitchen.user not in caplog.text


def test_a_history_that_is_none_is_not_told(kitchen: Echo, watched: Watched) -> None:
    watched.history = lambda *_: {"yesterday": {"hamstring 10": 1}}  # type: ignore[method-assign,assignment]
    assert UNKNOWN in kitchen.asks("ProgressIntent")


def test_who_is_forgotten_has_done_nothing(kitchen: Echo, watched: Watched) -> None:
    held(kitchen).asks("Pause")
    assert done(kitchen, watched) == HELD
    kitchen.asks("ForgetMeIntent")
    kitchen.clock.after(10)
    assert "deleted" in kitchen.asks("Yes")
    assert done(kitchen, watched) == {}


def test_what_waits_in_a_session_is_gone_with_the_person(kitchen: Echo, watched: Watched) -> None:
    held(kitchen)
    watched.fails = {"save"}
    kitchen.asks("Pause")
    watched.fails = set()
    watched.delete_attributes(parsed(kitchen.body(LAUNCH)))
    kitchen.asks("WhereAmIIntent")
    assert done(kitchen, watched) == {}


def test_a_save_that_was_done_and_a_load_that_fails_after_it_count_once(
    kitchen: Echo, watched: Watched
) -> None:
    held(kitchen)
    watched.fails, watched.lands = {"save"}, True
    kitchen.asks("Pause")
    watched.fails, watched.lands = {"load"}, False
    kitchen.asks("WhereAmIIntent")
    watched.fails = set()
    kitchen.asks("WhereAmIIntent")
    assert done(kitchen, watched) == HELD


def test_a_session_that_began_while_the_store_was_down_finds_the_place_of_another_device(
    kitchen: Echo, watched: Watched
) -> None:
    held(kitchen).asks("Pause")
    kitchen.ends()
    bedroom = elsewhere(kitchen)
    watched.fails = {"load", "save"}
    bedroom.launches()
    watched.fails = set()
    bedroom.clock.after(10)
    bedroom.asks("No")
    assert bedroom.asks("Resume").startswith("<speak>Back flexion stretch.")


def test_a_stream_is_counted_by_what_the_device_tells(device: AudioEcho, store: SqliteStore) -> None:
    begin(device)
    device.clock.after(3600)
    device.finishes()
    usual = {"lower_back 20": 2, "hamstring 10": 1, "back_flexion 8": 8, "piriformis 30": 6}
    assert done(device, store) == {TODAY: usual}
    assert "finished seventeen holds" in device.asks("ProgressIntent")
