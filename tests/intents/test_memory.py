"""What is remembered where: the store and the session, devices, processes and voices beside one another."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.intents.turnstile import Turnstile
from skill.metrics import CONFLICTS
from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from tests.intents.alexa import Clock, Echo, Json, intent, invoke, number, parsed, skill_on
from tests.intents.rules import said
from tests.intents.situations import in_hold, paused
from tests.store.wrapping import Wrapping

LAUNCH = {"type": "LaunchRequest"}


class Moody(Wrapping):
    """A store that fails in what a test names, and does something before it saves."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.fails = set[str]()
        self.before_save: Callable[[], object] = lambda: None

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        if name in self.fails:
            raise PersistenceException("store: moody")
        if name == "save":
            act, self.before_save = self.before_save, lambda: None
            act()
        return call()


@pytest.fixture
def moody(store: SqliteStore) -> Moody:
    """A store that works until a test says otherwise."""
    return Moody(store)


@pytest.fixture
def kitchen(moody: Moody, clock: Clock, request: pytest.FixtureRequest) -> Echo:
    """A device."""
    return Echo(skill_on(moody, clock), clock, user=f"amzn1.ask.account.{request.node.name}")


def elsewhere(echo: Echo, **changes: Any) -> Echo:
    """Another device of the same person, with no session open."""
    return replace(echo, session=None, answer={}, device="amzn1.ask.device.elsewhere", **changes)


def stored(echo: Echo, store: Store) -> Json:
    """What is stored of the person at `echo`."""
    record: Json = store.get_attributes(parsed(replace(echo, session=None).body(LAUNCH)))
    return record


def test_a_turn_that_is_overtaken_is_done_on_top_of_the_other(kitchen: Echo, moody: Moody) -> None:
    paused(kitchen)
    bedroom = elsewhere(kitchen, skill=skill_on(moody, kitchen.clock))
    conflicts = CONFLICTS._value.get()
    moody.before_save = lambda: bedroom.asks("SetHoldIntent", seconds=number("25"))
    kitchen.asks("SideIntent", side={"value": "left", **_id("left")})
    settings = stored(kitchen, moody)["settings"]
    assert settings["leg"] == "left"
    assert 25 in settings["holds"].values()
    assert CONFLICTS._value.get() == conflicts + 1


def _id(slot_id: str) -> Json:
    values = [{"value": {"name": slot_id, "id": slot_id}}]
    authority = {"authority": "x", "status": {"code": "ER_SUCCESS_MATCH"}, "values": values}
    return {"resolutions": {"resolutionsPerAuthority": [authority]}}


@pytest.mark.parametrize("fails", [{"save"}, {"load", "save"}])
def test_what_was_said_elsewhere_is_not_undone_by_a_turn_that_was_not_saved(
    fails: set[str], kitchen: Echo, moody: Moody
) -> None:
    paused(kitchen)
    moody.fails = fails
    kitchen.asks("TimeLeftIntent")
    moody.fails = set()
    bedroom = elsewhere(kitchen)
    bedroom.asks("SetHoldIntent", seconds=number("25"))
    bedroom.asks("RedFlagIntent", sign={"value": "numb", **_id("saddle")})
    before = stored(kitchen, moody)
    kitchen.asks("Resume")
    after = stored(kitchen, moody)
    assert after["settings"] == before["settings"]
    assert (before["cleared"], after["cleared"]) == (False, False)


@pytest.mark.parametrize("fails", [{"save"}, {"load"}, {"load", "save"}])
def test_what_was_not_saved_goes_on_in_the_session_and_is_saved_afterwards(
    fails: set[str], kitchen: Echo, moody: Moody
) -> None:
    in_hold(kitchen)
    moody.fails = fails
    kitchen.asks("Next")
    assert "Back flexion stretch" in said(kitchen.answer)
    kitchen.clock.after(20)
    kitchen.asks("Pause")
    moody.fails = set()
    kitchen.asks("SetHoldIntent", seconds=number("6"))
    (device,) = stored(kitchen, moody)["devices"].values()
    assert device["at"][0] == "back_flexion"


@pytest.mark.parametrize(("fails", "promised"), [(set(), True), ({"save"}, False), ({"load"}, False)])
def test_a_place_that_could_not_be_kept_is_not_promised(
    fails: set[str], promised: bool, kitchen: Echo, moody: Moody
) -> None:
    in_hold(kitchen)
    moody.fails = fails
    kitchen.asks("Stop")
    heard = said(kitchen.answer)
    assert ("I have kept your place" in heard or "Your place is kept" in heard) == promised
    assert kitchen.answer["response"]["shouldEndSession"]


def test_a_session_of_before_is_not_believed_by_another_process(kitchen: Echo, moody: Moody) -> None:
    paused(kitchen)
    other = elsewhere(kitchen, skill=skill_on(moody, kitchen.clock))
    other.asks("ForgetMeIntent")
    other.asks("Yes")
    assert stored(kitchen, moody) == {}
    kitchen.asks("WhereAmIIntent")
    assert "not started" in said(kitchen.answer)
    assert stored(kitchen, moody) == {}


def test_nor_where_a_new_life_has_begun_since(kitchen: Echo, moody: Moody) -> None:
    paused(kitchen)
    kitchen.skill.persistence_adapter.delete_attributes(parsed(kitchen.body(LAUNCH)))
    elsewhere(kitchen).asks("SetHoldIntent", seconds=number("25"))
    begun = stored(kitchen, moody)
    kitchen.asks("SetHoldIntent", seconds=number("12"))
    assert stored(kitchen, moody) == begun


@pytest.mark.parametrize("said_after", ["end", "WhereAmIIntent"])
def test_disabling_the_skill_is_not_undone_by_a_session_that_is_open(
    said_after: str, kitchen: Echo, moody: Moody
) -> None:
    paused(kitchen)
    disabled = replace(kitchen, session=None).body({"type": "AlexaSkillEvent.SkillDisabled"})
    del disabled["session"]
    invoke(kitchen.skill, disabled)
    kitchen.ends() if said_after == "end" else kitchen.asks(said_after)
    assert stored(kitchen, moody) == {}


def test_a_yes_that_comes_again_after_all_is_forgotten_gets_its_answer_and_nothing_else(
    kitchen: Echo, moody: Moody
) -> None:
    paused(kitchen)
    kitchen.asks("ForgetMeIntent")
    kitchen.clock.after(10)
    body = kitchen.body(intent("AMAZON.YesIntent"))
    first = invoke(kitchen.skill, body)
    assert "deleted" in said(first)
    assert invoke(kitchen.skill, body) == first
    elsewhere(kitchen).asks("SetHoldIntent", seconds=number("25"))
    begun = stored(kitchen, moody)
    restarted = skill_on(moody, kitchen.clock)
    assert "deleted" not in said(invoke(restarted, body))
    assert stored(kitchen, moody) == begun


def test_what_was_said_before_all_was_forgotten_keeps_nothing_when_it_comes_again(
    kitchen: Echo, moody: Moody
) -> None:
    paused(kitchen)
    body = kitchen.body(intent("SetHoldIntent", {"seconds": number("25")}))
    invoke(kitchen.skill, body)
    kitchen.asks("ForgetMeIntent")
    kitchen.asks("Yes")
    invoke(kitchen.skill, body)
    assert stored(kitchen, moody) == {}


def test_a_question_of_another_session_is_not_answered_in_this_one(kitchen: Echo, moody: Moody) -> None:
    anna, ben = (replace(kitchen, person=f"amzn1.ask.person.{kitchen.user}.{name}") for name in "ab")
    for one in (anna, ben):
        one.launches()
        one.asks("No")
    anna.asks("ForgetMeIntent")
    anna.session = None
    ben.session = None
    ben.launches()
    replace(ben, person=anna.person).asks("Yes")
    assert stored(anna, moody)
    assert stored(ben, moody)


def test_a_guest_in_a_session_asks_nothing_that_others_answer(kitchen: Echo, moody: Moody) -> None:
    anna, ben = (replace(kitchen, person=f"amzn1.ask.person.{kitchen.user}.{name}") for name in "ab")
    ben.launches()
    anna.launches()
    guest = replace(anna, person=ben.person)
    guest.asks("ForgetMeIntent")
    anna.session = guest.session
    replace(anna, person="").asks("Yes")
    assert stored(ben, moody)
    assert stored(anna, moody)


def test_a_turnstile_lets_one_through_at_a_time_first_come_first_served() -> None:
    turnstile, entered, order = Turnstile(), threading.Event(), list[int]()
    inside = threading.Event()

    def pass_(nth: int) -> None:
        with turnstile.passed(30):
            order.append(nth)

    def hold() -> None:
        with turnstile.passed(30):
            entered.set()
            inside.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    threads = []
    for nth in range(12):
        threads.append(threading.Thread(target=pass_, args=(nth,)))
        threads[-1].start()
        while len(turnstile._queue) < nth + 2:
            pass
    assert order == []
    inside.set()
    for thread in (holder, *threads):
        thread.join()
    assert order == list(range(12))


def test_nobody_waits_at_a_turnstile_for_ever() -> None:
    turnstile = Turnstile()
    with turnstile.passed(30), turnstile.passed(0.01):
        pass
    with turnstile.passed(30):
        assert len(turnstile._queue) == 1
