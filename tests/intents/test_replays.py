"""A request that comes again gets its first answer, and moves nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import LaunchRequest, Response
from hypothesis import given
from hypothesis import strategies as st

from skill.intents.replays import MOST_ANSWERS, TOLERANCE_MS, Answer, find_answer, with_answer
from skill.routine.units import EpochMs
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, Json, intent, invoke, parsed, skill_on
from tests.intents.audio_device import AudioEcho
from tests.intents.rules import said
from tests.intents.situations import in_hold, paused

NOW = EpochMs(1_800_000_000_000)


def answer(text: str = "Hold.") -> Answer:
    """An answer of `text`."""
    parts = {"outputSpeech": {"type": "SSML", "ssml": f"<speak>{text}</speak>"}, "shouldEndSession": False}
    return Answer(DefaultSerializer().deserialize(json.dumps(parts), Response), {"version": 1})


def request(request_id: str, made: int = NOW) -> LaunchRequest:
    """A request made at `made`."""
    return LaunchRequest(request_id=request_id, timestamp=datetime.fromtimestamp(made / 1000, UTC))


def stored(store: SqliteStore, echo: Echo) -> Json:
    """What is stored of the person at `echo`."""
    record: Json = store.get_attributes(parsed(replace(echo).body({"type": "LaunchRequest"})))
    return record


@pytest.mark.parametrize(
    "asked",
    [
        intent("AMAZON.NextIntent"),
        intent("AMAZON.PreviousIntent"),
        intent("AMAZON.PauseIntent"),
        intent("AMAZON.RepeatIntent"),
        intent("AMAZON.StopIntent"),
        intent("ChangeHoldIntent", {"change": {"value": "longer"}}),
        {"type": "LaunchRequest"},
        {"type": "SessionEndedRequest", "reason": "USER_INITIATED"},
    ],
    ids=lambda asked: asked.get("intent", asked).get("name", asked["type"]),
)
def test_the_first_answer_is_given_again_and_nothing_moves(
    asked: Json, echo: Echo, store: SqliteStore
) -> None:
    in_hold(echo)
    body = echo.body(asked)
    first = invoke(echo.skill, body)
    kept = stored(store, echo)
    for later in (0, 1, 60, 149):
        echo.clock.after(later)
        assert invoke(echo.skill, body) == first
    assert stored(store, echo) == kept


def test_a_replay_is_known_after_others_and_by_another_process(echo: Echo, store: SqliteStore) -> None:
    in_hold(echo)
    body = echo.body(intent("AMAZON.NextIntent"))
    first = invoke(echo.skill, body)
    for name in ("Pause", "Resume", "TimeLeftIntent"):
        echo.asks(name)
    kept = stored(store, echo)
    assert invoke(skill_on(store, echo.clock), body) == first
    assert stored(store, echo) == kept


def test_next_said_twice_is_two(echo: Echo) -> None:
    in_hold(echo)
    echo.asks("Next")
    assert "Back flexion stretch" in said(echo.answer)
    echo.asks("Next")
    assert "iriformis stretch" in said(echo.answer)


def test_the_same_id_of_somebody_else_is_another_request(echo: Echo) -> None:
    in_hold(echo)
    body = echo.body(intent("AMAZON.NextIntent"))
    invoke(echo.skill, body)
    other = replace(echo, user="amzn1.ask.account.other", session=None)
    theirs = other.body({"type": "LaunchRequest"})
    theirs["request"]["requestId"] = body["request"]["requestId"]
    assert "Welcome to Sciatica Coach" in said(invoke(echo.skill, theirs))


def test_what_was_said_is_not_to_be_read_in_the_store(echo: Echo, store: SqliteStore) -> None:
    in_hold(echo)
    body = echo.body(intent("RedFlagIntent"))
    first = said(invoke(echo.skill, body))
    assert first
    text = json.dumps(stored(store, echo))
    assert body["request"]["requestId"] not in text
    assert not [word for word in first.split() if len(word) > 8 and word in text]


def test_a_stream_is_begun_once(device: AudioEcho, store: SqliteStore) -> None:
    paused(device)
    body = device.body(intent("GuidedAudioIntent"))
    first = invoke(device.skill, body)
    assert first["response"]["directives"][0]["type"] == "AudioPlayer.Play"
    device.clock.after(20)
    assert invoke(device.skill, body) == first


def test_a_button_pressed_once_skips_once(device: AudioEcho, store: SqliteStore) -> None:
    in_hold(device)
    device.asks("GuidedAudioIntent")
    device.clock.after(30)
    body = device.body({"type": "PlaybackController.NextCommandIssued"})
    first = invoke(device.skill, body)
    kept = stored(store, device)
    device.clock.after(2)
    assert invoke(device.skill, body) == first
    assert stored(store, device) == kept


def test_answers_are_kept_for_as_long_as_a_request_may_come_again() -> None:
    answers = with_answer([], request("one"), NOW, answer("one"))
    later = with_answer(answers, request("two"), EpochMs(NOW + TOLERANCE_MS), answer("two"))
    assert find_answer(later, "one") == answer("one")
    assert find_answer(later, "two") == answer("two")
    last = with_answer(later, request("three"), EpochMs(NOW + TOLERANCE_MS + 1), answer())
    assert find_answer(last, "one") is None
    assert find_answer(last, "two") == answer("two")


@pytest.mark.parametrize(
    ("ahead_ms", "kept_ms"), [(-150_000, 150_000), (100_000, 250_000), (150_000, 300_000), (10**9, 300_000)]
)
def test_a_request_whose_clock_is_ahead_may_come_again_for_longer(ahead_ms: int, kept_ms: int) -> None:
    answers = with_answer([], request("one", NOW + ahead_ms), NOW, answer())
    for after_ms, found in ((kept_ms, True), (kept_ms + 1, False)):
        later = with_answer(answers, request("two"), EpochMs(NOW + after_ms), answer())
        assert (find_answer(later, "one") is not None) == found


@pytest.mark.parametrize("years", [1, -1])
def test_a_clock_that_jumps_keeps_no_answer_for_ever(years: int) -> None:
    answers = with_answer([], request("one"), NOW, answer())
    jumped = EpochMs(NOW + years * 365 * 86_400_000)
    assert len(with_answer(answers, request("two"), jumped, answer())) == 1


def test_so_many_answers_are_kept() -> None:
    answers: list[object] = []
    for nth in range(MOST_ANSWERS + 5):
        answers = with_answer(answers, request(f"request {nth}"), NOW, answer(str(nth)))
    assert len(answers) == MOST_ANSWERS
    assert find_answer(answers, "request 4") is None
    assert find_answer(answers, "request 5") == answer("5")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(kept=st.lists(JSON, max_size=4))
def test_what_is_no_answer_is_none(kept: list[object]) -> None:
    assert find_answer(kept, "one") is None
    assert find_answer(with_answer(kept, request("one"), NOW, answer()), "one") == answer()


@given(damage=JSON)
def test_a_damaged_answer_is_none(damage: object) -> None:
    ((name, at, _),) = with_answer([], request("one"), NOW, answer())
    assert find_answer([[name, at, damage]], "one") is None


def test_a_request_without_an_id_is_never_a_replay(store: SqliteStore, clock: Clock) -> None:
    echo = Echo(skill_on(store, clock), clock, user="amzn1.ask.account.no-id")
    in_hold(echo)
    body = echo.body(intent("AMAZON.NextIntent"))
    del body["request"]["requestId"]
    assert said(invoke(echo.skill, body)) != said(invoke(echo.skill, body))
