"""A record that we did not write, or that has been damaged, never costs an answer."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skill.coach.record import VERSION
from skill.content import load_content
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Json, parsed
from tests.intents.rules import said
from tests.intents.situations import SITUATIONS, Situation
from tests.nodes import nodes

APOLOGY = load_content().lines["apology"][0]
LAUNCH = {"type": "LaunchRequest"}
SECRET = "a word that nobody may read in a log"
JUNK = [None, "", SECRET, [], {}, [[]], [0, 0], -1, 0, 10**15, 1.5, True, float("inf"), float("nan")]
SAID = ["StartRoutineIntent", "Resume", "TimeLeftIntent", "Yes", "Next", "Previous", "Pause"]
_USERS = count()


def damaged(record: Json, path: tuple[Any, ...], junk: object) -> Json:
    """A copy of `record` with `junk` at `path`."""
    copy = deepcopy(record)
    target: Any = copy
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = junk
    return copy


def full(record: Json) -> Json:
    """A record with every key there is, beside its own."""
    chosen = {"holds": {"hamstring": 15}, "repetitions": {"hamstring": 2}, "leg": "left"}
    device = {"question": "go_on", "wish": True, "visit_leg": "left", "misses": 1}
    learned = {"pace": [[20_000, 21_000]], "sounding": [1_800_000_000_000, 20_000, 3_000, 9_000]}
    (key, own), *_ = record["devices"].items()
    return {
        **record,
        "settings": {**chosen, **record["settings"]},
        "devices": {key: {**device, **learned, **own}},
    }


@pytest.mark.parametrize("moment", ["in_hold", "waiting", "paused"])
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_damage_anywhere_is_answered(
    moment: str, situation: Callable[[str], Situation], store: SqliteStore, data: st.DataObject
) -> None:
    here = situation(moment)
    record = full(here.record)
    path = data.draw(st.sampled_from([path for path in nodes(record) if path != ("revision",)]))
    broken = damaged(record, path, data.draw(st.sampled_from(JUNK)))
    echo = replace(here, record=broken).again(store, f"damaged {next(_USERS)}")
    for name in data.draw(st.lists(st.sampled_from(SAID), min_size=1, max_size=2)):
        echo.asks(name)
        assert APOLOGY not in said(echo.answer)
        echo.clock.after(5)


@pytest.mark.parametrize(
    "record",
    [
        {"version": "99", "devices": 5, "people": [SECRET]},
        {"version": 1, "settings": {"pace": SECRET}, "devices": {}},
        {"devices": [SECRET]},
        {"devices": SECRET},
        {"settings": [SECRET]},
        {SECRET: SECRET},
    ],
    ids=str,
)
@pytest.mark.parametrize("moment", SITUATIONS)
def test_an_unknown_record_is_taken_for_none_and_is_not_logged(
    record: Json,
    moment: str,
    situation: Callable[[str], Situation],
    store: SqliteStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    echo = replace(situation(moment), record=record).again(store, f"unknown {next(_USERS)}")
    echo.session = None
    echo.launches()
    assert "Welcome to Sciatica Coach" in said(echo.answer)
    assert SECRET not in caplog.text
    assert echo.user not in caplog.text
    assert store.get_attributes(parsed(echo.body(LAUNCH)))["version"] == 1


@pytest.mark.parametrize("heard", [[10**15, 20_000], [20_000, 1], [0, 20_000], [-5, 5], [20_000, 0]], ids=str)
def test_a_pace_that_no_voice_has_is_not_believed(
    heard: list[int], situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    here = situation("paused")
    record = full(here.record)
    (own,) = record["devices"].values()
    own["pace"] = [heard]
    echo = replace(here, record=record).again(store, f"pace {heard}")
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    assert "pace" not in echo.answer["sessionAttributes"]["device"]


@pytest.mark.parametrize("name", SAID)
def test_a_moment_before_all_calendars_costs_no_answer(
    name: str, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    here = situation("in_hold")
    (key,) = here.record["devices"]
    record = damaged(here.record, ("devices", key, "since"), -(10**15))
    echo = replace(here, record=record).again(store, f"long ago {name}")
    echo.session = None
    echo.asks(name)
    assert APOLOGY not in said(echo.answer)


def test_a_record_that_cannot_be_read_leaves_a_line_in_the_log(
    situation: Callable[[str], Situation], store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    here = situation("paused")
    broken = {"settings": {"pace": SECRET}, "revision": here.record["revision"]}
    echo = replace(here, record=broken).again(store, "one line")
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    assert "taken for none: ValueError" in caplog.text


@pytest.mark.parametrize(
    "carried", [{"settings": 5}, {"device": SECRET}, {"device": {"at": [SECRET]}}], ids=str
)
def test_damaged_session_attributes_are_taken_for_none(
    carried: Json, situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    echo = replace(situation("paused"), record={"settings": 5}).again(store, f"session {carried}")
    echo.session = {"sessionId": "amzn1.echo-api.session.x", "attributes": carried}
    echo.asks("StartRoutineIntent")
    assert "numbness" in said(echo.answer)


def test_what_a_newer_version_wrote_is_left_as_it_is_and_the_session_goes_on(
    situation: Callable[[str], Situation], store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    newer = {"version": VERSION + 1, "people": [SECRET]}
    echo = replace(situation("paused"), record=newer).again(store, "newer")
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    echo.clock.after(5)
    echo.asks("Pause")
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    assert store.get_attributes(parsed(echo.body(LAUNCH))) == {**newer, "revision": 1}
    assert "left as it is: the record is of version 2" in caplog.text
    assert SECRET not in caplog.text


def test_what_the_first_version_wrote_is_read(
    situation: Callable[[str], Situation], store: SqliteStore
) -> None:
    here = situation("paused")
    older = {key: value for key, value in here.record.items() if key not in ("answers", "revision")}
    echo = replace(here, record=older).again(store, "older")
    echo.session = None
    echo.launches()
    assert "You were in the hamstring stretch" in said(echo.answer)


@pytest.mark.parametrize(
    "forged",
    [
        lambda carried: {**carried, "device": {**carried["device"], "turn": 10**9}},
        lambda carried: {**carried, "settings": {"leg": "right"}},
        lambda carried: {**carried, "seal": "A" * 43},
        lambda carried: {**carried, "seal": ["\N{SNOWMAN}"]},
        lambda carried: {key: value for key, value in carried.items() if key != "seal"},
        lambda carried: {**carried, "more": 1},
    ],
)
def test_session_attributes_that_we_did_not_write_are_not_believed(
    forged: Callable[[Json], Json],
    situation: Callable[[str], Situation],
    store: SqliteStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    echo = situation("paused").again(store, f"forged {next(_USERS)}")
    store.delete_attributes(parsed(replace(echo).body(LAUNCH)))
    assert echo.session
    echo.session["attributes"] = forged(echo.session["attributes"])
    echo.asks("StartRoutineIntent")
    assert "numbness" in said(echo.answer)
    assert echo.answer["sessionAttributes"]["device"]["turn"] == 1
    assert "not signed by us" in caplog.text
