"""Streams in a world that is late, out of order and forgetful: the place is neither lost nor runs away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Json, intent, invoke, matched, parsed
from tests.intents.audio_device import AudioEcho, Streaming, begin
from tests.intents.rules import said
from tests.intents.test_audio_player import HOUR_S, stored


def voice_of(device: AudioEcho) -> str:
    """A voice profile of that household."""
    return f"amzn1.ask.person.{device.user}"


def offset(device: AudioEcho) -> int:
    """Where the stream was begun last."""
    assert device.stream
    return device.stream.offset_ms


@contextmanager
def deaf(device: AudioEcho) -> Iterator[list[Json]]:
    """What the device tells of its stream does not arrive; it is collected instead."""
    lost: list[Json] = []

    def lose(self: AudioEcho, event: str, **more: object) -> None:
        assert self.stream
        told = {"token": self.stream.token, "offsetInMilliseconds": self.offset_ms, **more}
        lost.append(self.body({"type": f"AudioPlayer.{event}", **told}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AudioEcho, "tells", lose)
        yield lost


def stop_directives(device: AudioEcho) -> list[str]:
    """The directives of the last answer, by type."""
    return [directive["type"] for directive in device.answer["response"].get("directives", [])]


def test_the_stop_that_follows_pain_does_not_lead_back_into_it(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(70)
    device.asks("PainIntent")
    assert device.told[-1] == "PlaybackStopped"
    assert "Is it easing" in said(device.answer)
    device.asks("Yes")
    hamstring = offset(device)
    assert hamstring > 100_000


@pytest.mark.parametrize("asked", ["RedFlagIntent", "PainIntent", "Next", "Pause"])
def test_word_of_the_stream_and_what_is_said_at_once_do_not_undo_each_other(
    device: AudioEcho, clock: Clock, store: SqliteStore, asked: str
) -> None:
    name = asked if asked.endswith("Intent") else f"AMAZON.{asked}Intent"
    slots = {"sign": matched("bladder", "bladder")} if asked == "RedFlagIntent" else {}
    for trial in range(40):
        echo = replace(device, user=f"{device.user} {trial}", session=None, stream=None, told=[])
        begin(echo)
        clock.after(70)
        assert echo.stream
        word = {
            "type": "AudioPlayer.PlaybackStopped",
            "token": echo.stream.token,
            "offsetInMilliseconds": 70_000,
        }
        bodies = [echo.body(intent(name, slots)), echo.body(word)]
        with ThreadPoolExecutor(2) as pool:
            asking, telling = (pool.submit(invoke, echo.skill, body) for body in bodies)
        assert telling.result()["response"] == {}
        record = store.get_attributes(parsed(echo.body({"type": "LaunchRequest"})))
        (place,) = record["devices"].values()
        played = [d for d in asking.result()["response"]["directives"] if d["type"] == "AudioPlayer.Play"]
        assert record["cleared"] == (asked != "RedFlagIntent")
        assert place["state"] == ("playing" if played else "paused")
        assert (place["at"][0] == "lower_back") == (asked in ("RedFlagIntent", "Pause"))


def test_a_voice_that_is_not_recognised_stops_the_stream_of_one_that_was(
    device: AudioEcho, clock: Clock
) -> None:
    device.person = voice_of(device)
    begin(device)
    clock.after(95)
    device.person = ""
    device.asks("Pause")
    assert not device.playing
    assert stop_directives(device) == ["AudioPlayer.Stop"]
    clock.after(HOUR_S)
    device.person = voice_of(device)
    device.asks("Resume")
    assert offset(device) == 95_000


def test_a_voice_with_a_record_of_its_own_stops_anybodys_stream(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(95)
    device.person = voice_of(device)
    for wish in ("Stop", "Cancel", "Pause"):
        device.asks(wish)
        assert stop_directives(device) == ["AudioPlayer.Stop"], wish


def test_what_a_device_tells_of_a_voices_stream_goes_to_that_voice(device: AudioEcho, clock: Clock) -> None:
    device.person = voice_of(device)
    begin(device)
    clock.after(70)
    device.person = ""
    device.stops()
    clock.after(HOUR_S)
    device.person, device.stream = voice_of(device), None
    device.asks("Resume")
    assert offset(device) == 70_000


@pytest.mark.parametrize("button", ["Play", "Next", "Previous", "Pause"])
def test_a_button_answers_no_question_about_safety(device: AudioEcho, clock: Clock, button: str) -> None:
    begin(device)
    clock.after(70)
    device.asks("RedFlagIntent", sign=matched("numb_leg", "numb leg"))
    assert "Is it both legs" in said(device.answer)
    device.presses(button)
    assert not device.playing
    device.asks("No")
    assert "Is it new" in said(device.answer)


@pytest.mark.parametrize("told_ms", [0, -5, 10**12, None])
def test_a_stream_that_fails_before_it_sounds_keeps_the_place(
    device: AudioEcho, clock: Clock, told_ms: int | None
) -> None:
    begin(device)
    clock.after(63.25)
    device.asks("Pause")
    with deaf(device):
        device.asks("Resume")
        assert device.stream
        clock.after(4)
        device.stream.activity = "STOPPED"
    state = {"token": device.stream.token, "offsetInMilliseconds": told_ms, "playerActivity": "IDLE"}
    device.tells("PlaybackFailed", error={"type": "MEDIA_ERROR_UNKNOWN"}, currentPlaybackState=state)
    clock.after(HOUR_S)
    device.stream = None
    device.asks("Resume")
    assert offset(device) == 63_250


def test_a_question_before_the_stream_sounds_keeps_the_place(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(70)
    device.asks("Pause")
    with deaf(device):
        device.asks("Resume")
        clock.after(2)
        device.stream = Streaming(device.stream.token, "", 0, 0, "STOPPED") if device.stream else None
        assert "Back to the lower back stretch" in device.asks("TimeLeftIntent")
        assert offset(device) == 70_000


@pytest.mark.parametrize("waited_s", [120, HOUR_S])
def test_a_power_cut_does_not_play_the_routine_to_its_end(
    device: AudioEcho, clock: Clock, waited_s: int
) -> None:
    begin(device)
    clock.after(50)
    device.asks("TimeLeftIntent")
    began = offset(device)
    clock.after(waited_s)
    device.stream = None
    device.asks("Resume")
    assert offset(device) == began


@pytest.mark.parametrize("wish", ["TimeLeftIntent", "Help", "Fallback", "WhereAmIIntent"])
def test_a_question_long_after_a_lost_stop_does_not_begin_to_play(
    device: AudioEcho, clock: Clock, wish: str
) -> None:
    begin(device)
    clock.after(70)
    with deaf(device):
        device.stops()
    clock.after(HOUR_S)
    device.asks(wish)
    assert not device.playing
    device.asks("Resume")
    assert offset(device) == 70_000


@pytest.mark.parametrize("wish", ["TimeLeftIntent", "Help", "LoopOn", "Fallback"])
def test_a_stream_that_went_on_without_a_word_goes_on(device: AudioEcho, clock: Clock, wish: str) -> None:
    begin(device)
    clock.after(70)
    device.stops()
    with deaf(device):
        device._start()
        clock.after(230)
        device.asks(wish)
    assert device.playing
    assert offset(device) > 290_000


@pytest.mark.parametrize("reason", ["EXCEEDED_MAX_REPROMPTS", "USER_INITIATED", "ERROR"])
def test_a_session_that_ends_late_does_not_touch_the_stream(
    device: AudioEcho, clock: Clock, store: SqliteStore, reason: str
) -> None:
    begin(device)
    clock.after(70)
    device.launches()
    device.presses("Play")
    clock.after(8)
    body = device.body({"type": "SessionEndedRequest", "reason": reason})
    assert invoke(device.skill, body)["response"] == {}
    device.session = None
    assert stored(device, store)["state"] == "playing"
    assert "left" in device.asks("TimeLeftIntent")
    assert device.playing


def test_trouble_with_something_else_does_not_touch_the_stream(
    device: AudioEcho, clock: Clock, store: SqliteStore
) -> None:
    begin(device)
    clock.after(200)
    refused = {"type": "System.ExceptionEncountered", "error": {"type": "INVALID_RESPONSE", "message": "x"}}
    invoke(device.skill, device.body({**refused, "cause": {"requestId": "r"}}))
    assert stored(device, store)["state"] == "playing"


def test_a_stream_that_is_over_too_early_has_a_place(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(300)
    device.finishes()
    clock.after(HOUR_S)
    device.asks("Resume")
    assert offset(device) == 300_000


def test_stopped_at_the_very_end_it_is_finished(device: AudioEcho, clock: Clock, store: SqliteStore) -> None:
    begin(device)
    assert device.stream
    end = sum_of_routine(device)
    clock.after(end / 1000)
    device.stops()
    assert stored(device, store)["state"] == "finished"


def sum_of_routine(device: AudioEcho) -> int:
    """How long the stream is."""
    assert device.stream
    name = device.stream.url.rpartition("/")[2].removesuffix(".mp3")
    streams = device.skill.request_dispatcher.request_mappers[0].request_handler_chains[0]
    whole: int = streams.request_handler._turns.streams.recordings.open(name).duration_ms
    return whole


def test_with_another_secret_the_place_is_still_kept(
    device: AudioEcho, clock: Clock, store: SqliteStore
) -> None:
    begin(device)
    clock.after(70)
    assert device.stream
    number, owner, name = device.stream.token.split("~")
    device.stream.token = f"{number}~{owner}~{name[:-3]}AAA"
    device.stops()
    device.stream = None
    clock.after(HOUR_S)
    device.asks("Resume")
    assert abs(offset(device) - 70_000) <= 1


def test_a_stream_long_over_lends_nobody_the_all_clear(device: AudioEcho, clock: Clock) -> None:
    device.person = voice_of(device)
    begin(device)
    clock.after(70)
    device.asks("Pause")
    clock.after(24 * HOUR_S)
    device.person = ""
    assert "not medical advice" in device.asks("StartRoutineIntent")
    assert not device.playing


@pytest.mark.parametrize("reason", ["EXCEEDED_MAX_REPROMPTS", "USER_INITIATED", "ERROR"])
def test_a_session_that_ends_while_the_stream_is_interrupted_leaves_it_alone(
    device: AudioEcho, clock: Clock, store: SqliteStore, reason: str
) -> None:
    begin(device)
    clock.after(70)
    body = device.body({"type": "SessionEndedRequest", "reason": reason})
    device._stop("PAUSED")
    clock.after(5)
    invoke(device.skill, body)
    device.session = None
    device._start()
    assert stored(device, store)["state"] == "playing"
    clock.after(55)
    device.asks("Pause")
    clock.after(HOUR_S)
    device.asks("Resume")
    assert offset(device) == 125_000


def test_word_of_a_stream_does_not_undo_a_start_over_that_asks_first(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(300)
    device.stops()
    clock.after(HOUR_S)
    device.asks("RedFlagIntent", sign=matched("bladder", "bladder"))
    device.asks("StartOver")
    assert "Yes or no" in said(device.answer)
    device.asks("No")
    assert offset(device) == 0


@pytest.mark.parametrize("activity", ["IDLE", "STOPPED", "PAUSED"])
@pytest.mark.parametrize("waited_s", [5, 12, 25])
def test_a_slow_device_skips_nothing(device: AudioEcho, clock: Clock, activity: str, waited_s: float) -> None:
    begin(device)
    clock.after(70)
    with deaf(device):
        device.asks("Next")
        began = offset(device)
        assert device.stream
        device.stream.activity = activity
        clock.after(waited_s)
        device.asks("WhereAmIIntent")
        assert offset(device) == began


def test_a_question_after_forty_seconds_of_talk_does_not_silence_the_stream(
    device: AudioEcho, clock: Clock
) -> None:
    begin(device)
    clock.after(70)
    device._stop("PAUSED")
    clock.after(40)
    assert "left" in device.asks("TimeLeftIntent")
    assert device.playing


def test_the_place_of_another_device_is_not_that_of_this_ones_stream(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    for _ in range(6):
        device.asks("Next")
    other = replace(device, device="amzn1.ask.device.bedroom", session=None, stream=None, told=[])
    other.asks("StartOver")
    clock.after(100)
    device.asks("WhereAmIIntent")
    assert not device.playing or offset(device) < 200_000


@pytest.mark.parametrize(("talked_s", "goes_on"), [(25, True), (40, False)])
def test_a_stream_that_stopped_goes_on_after_a_question_only_if_that_was_just_now(
    device: AudioEcho, clock: Clock, talked_s: int, goes_on: bool
) -> None:
    begin(device)
    clock.after(70)
    device.stops()
    clock.after(talked_s)
    device.asks("TimeLeftIntent")
    assert device.playing == goes_on
