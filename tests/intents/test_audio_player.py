"""The guided audio on a device that plays streams: begun, paused, resumed and lost in every way."""

from dataclasses import replace
from pathlib import Path

import pytest

from skill.audio.recordings import Recordings
from skill.intents.families import intents
from skill.intents.streams import Streams
from skill.intents.turn import Turns
from skill.render.audio import FRAME_MS
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, intent, matched, parsed, skill_on
from tests.intents.audio_device import AudioEcho, begin
from tests.intents.conftest import URL
from tests.intents.recorded import recordings_in
from tests.intents.rules import said
from tests.intents.test_every_intent import APOLOGY, fillings

HOUR_S = 3_600
STOPPED_MS = 63_250


def stored(device: AudioEcho, store: SqliteStore) -> dict[str, object]:
    """What is stored of the place on `device`; there must be one device only."""
    record = store.get_attributes(parsed(device.body({"type": "LaunchRequest"})))
    (only,) = record["devices"].values()
    return dict(only)


def test_the_stream_is_asked_for_over_https_with_a_token_that_opens(
    device: AudioEcho, recordings: Recordings
) -> None:
    begin(device)
    assert device.stream
    assert device.stream.url.startswith(f"{URL}/audio/")
    token = device.stream.url.rpartition("/")[2].removesuffix(".mp3")
    assert recordings.open(token).duration_ms > 600_000
    assert device.stream.offset_ms == 0
    assert len(device.stream.token) <= 1_024


def test_the_screen_gets_a_title_a_picture_and_captions(device: AudioEcho) -> None:
    begin(device)
    (play,) = device.answer["response"]["directives"]
    item = play["audioItem"]
    assert item["metadata"]["title"] == "Sciatica routine"
    assert item["metadata"]["art"]["sources"] == [{"url": f"{URL}/art.png"}]
    assert item["stream"]["captionData"]["type"] == "WEBVTT"
    assert "Lie on your back." in item["stream"]["captionData"]["content"]
    device.asks("Next")
    device.asks("Next")
    (play,) = device.answer["response"]["directives"]
    assert play["audioItem"]["metadata"]["subtitle"] == "Hamstring stretch"


def test_a_whole_life_of_a_stream(device: AudioEcho, clock: Clock, store: SqliteStore) -> None:
    """Play, pause at 63,250 ms, an hour, resume, next, fail in the middle, resume, finish."""
    begin(device)
    clock.after(STOPPED_MS / 1000)
    device.asks("Pause")
    assert not device.playing
    assert device.answer["response"]["shouldEndSession"]
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.stream
    assert device.stream.offset_ms == STOPPED_MS
    clock.after(10)
    device.asks("Next")
    hamstring = device.stream.offset_ms
    assert hamstring > STOPPED_MS + 10_000
    assert stored(device, store)["at"][0] == "hamstring"
    clock.after(41.7)
    device.fails()
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.stream.offset_ms == hamstring + 41_700
    clock.after(5_000)
    device.finishes()
    assert stored(device, store)["state"] == "finished"
    assert "anything else" in device.asks("TimeLeftIntent")


def test_two_devices_of_one_person_keep_their_own_places(device: AudioEcho, clock: Clock) -> None:
    other = replace(device, device="amzn1.ask.device.bedroom", told=[])
    begin(device)
    clock.after(100)
    other.asks("GuidedAudioIntent")
    other.asks("StartOver")
    clock.after(30)
    other.asks("Pause")
    device.asks("Pause")
    clock.after(HOUR_S)
    other.asks("Resume")
    device.asks("Resume")
    assert device.stream
    assert other.stream
    assert (device.stream.offset_ms, other.stream.offset_ms) == (130_000, 30_000)


@pytest.mark.parametrize("stopped_ms", [0, 1, 23, 24, 1_007, STOPPED_MS, 200_001, 400_400, 640_128])
def test_the_offset_is_restored_to_the_millisecond(device: AudioEcho, clock: Clock, stopped_ms: int) -> None:
    begin(device)
    clock.after(stopped_ms / 1000)
    device.stops()
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.stream
    assert device.stream.offset_ms == stopped_ms


def test_a_question_is_answered_and_the_stream_goes_on(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(70)
    speech = device.asks("TimeLeftIntent")
    assert "left" in speech
    assert device.playing
    assert device.stream
    assert 0 <= 70_000 - device.stream.offset_ms < 8_000
    clock.after(10)
    assert "lower back" in device.asks("WhereAmIIntent")
    assert device.playing


def test_time_left_is_exact(device: AudioEcho, clock: Clock, recordings: Recordings) -> None:
    begin(device)
    assert device.stream
    token = device.stream.url.rpartition("/")[2].removesuffix(".mp3")
    whole = recordings.open(token).duration_ms
    clock.after(whole / 1000 - 61)
    assert "one minute and one second in all" in device.asks("TimeLeftIntent")


def test_the_voices_change_over_at_the_same_place(
    device: AudioEcho, clock: Clock, store: SqliteStore
) -> None:
    """Pause in audio, resume in spoken mode, and the other way round: the same hold, the same second."""
    begin(device)
    clock.after(70)
    device.asks("Pause")
    held = stored(device, store)["at"]
    assert held[:4] == ["lower_back", "left", 1, "holding"]
    device.asks("SpokenVoiceIntent")
    assert not device.playing
    spoken = device.asks("Resume")
    assert "Back to the lower back stretch, knees to the left" in spoken
    assert "<break" in spoken
    assert stored(device, store)["at"] == held
    device.asks("Pause")
    device.asks("GuidedAudioIntent")
    assert device.playing
    assert stored(device, store)["at"] == held


@pytest.mark.parametrize("wish", ["Next", "Previous", "Repeat", "StartOver"])
def test_the_built_in_wishes_move_the_stream(device: AudioEcho, clock: Clock, wish: str) -> None:
    begin(device)
    clock.after(300)
    before = device.offset_ms
    device.asks(wish)
    assert device.playing
    assert device.offset_ms != before
    assert device.told[-2:] == ["PlaybackStopped", "PlaybackStarted"]


@pytest.mark.parametrize("wish", ["LoopOn", "LoopOff", "ShuffleOn", "ShuffleOff"])
def test_loop_and_shuffle_are_declined_and_the_stream_goes_on(
    device: AudioEcho, clock: Clock, wish: str
) -> None:
    begin(device)
    clock.after(20)
    assert "I leave that out" in device.asks(wish)
    assert device.playing


@pytest.mark.parametrize("wish", ["Stop", "Cancel", "NavigateHome", "Pause"])
def test_stop_stops_at_once_and_keeps_the_place(device: AudioEcho, clock: Clock, wish: str) -> None:
    begin(device)
    clock.after(95)
    device.asks(wish)
    assert not device.playing
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.stream
    assert device.stream.offset_ms == 95_000


def test_pain_stops_the_stream(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(70)
    assert "Let go slowly" in device.asks("PainIntent")
    assert not device.playing
    assert device.session is not None


def test_the_buttons_of_the_player(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(90)
    device.presses("Pause")
    assert not device.playing
    clock.after(HOUR_S)
    device.presses("Play")
    assert device.stream
    assert device.stream.offset_ms == 90_000
    device.presses("Next")
    assert device.offset_ms > 90_000
    device.presses("Previous")
    assert device.offset_ms < 90_000


def test_a_button_before_the_safety_question_says_and_plays_nothing(device: AudioEcho) -> None:
    device.presses("Play")
    assert device.answer["response"] == {}
    assert device.stream is None


def test_word_of_an_older_stream_changes_nothing(device: AudioEcho, clock: Clock, store: SqliteStore) -> None:
    begin(device)
    clock.after(50)
    old = device.stream
    device.asks("Next")
    now = device.stream
    place = stored(device, store)["at"]
    device.stream = old
    for event in ("PlaybackStopped", "PlaybackFinished", "PlaybackStarted"):
        device.tells(event)
    device.stream = now
    assert stored(device, store)["at"] == place
    assert stored(device, store)["state"] == "playing"


@pytest.mark.parametrize(
    "token", ["", "x", "1", "1~~x", "9" * 30 + "~~x", "1~x~eyJhIjoxfQ.AAAA", "\u0661~~x", "~~", "../../etc"]
)
def test_an_unknown_token_changes_nothing(device: AudioEcho, clock: Clock, token: str) -> None:
    begin(device)
    clock.after(50)
    assert device.stream
    kept, device.stream = device.stream, replace(device.stream, token=token)
    for event in ("PlaybackStarted", "PlaybackStopped", "PlaybackNearlyFinished", "PlaybackFinished"):
        device.tells(event)
    device.fails()
    device.stream = kept
    assert "left" in device.asks("TimeLeftIntent")


def test_a_refused_answer_does_not_let_the_place_run_away(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    clock.after(1)
    refused = {"type": "System.ExceptionEncountered", "error": {"type": "INVALID_RESPONSE", "message": "x"}}
    device.stream = None
    body = device.body({**refused, "cause": {"requestId": "r"}})
    assert device.skill.invoke(parsed(body), None).response.to_dict()["directives"] is None
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.stream
    assert device.stream.offset_ms <= 1_000 + FRAME_MS


def test_a_device_that_plays_no_streams_is_led_by_its_own_voice(device: AudioEcho) -> None:
    device.asks("GuidedAudioIntent")
    device.asks("No")
    plain = Echo(device.skill, device.clock, device.user, device="amzn1.ask.device.plain")
    assert "There is no recording for that here" in plain.asks("GuidedAudioIntent")
    assert "directives" not in plain.answer["response"]


def test_without_recordings_the_coach_says_so_and_leads_itself(
    store: SqliteStore, clock: Clock, tmp_path: Path
) -> None:
    skill = skill_on(store, clock, streams=Streams(recordings_in(tmp_path), URL))
    device = AudioEcho(skill, clock, user="amzn1.ask.account.unrecorded")
    device.asks("StartRoutineIntent")
    device.asks("No")
    assert "There is no recording for that here" in device.asks("GuidedAudioIntent")
    assert "<break" in device.answer["response"]["outputSpeech"]["ssml"]
    assert device.stream is None


def test_side_of_a_stretch_by_name_in_the_recording(
    device: AudioEcho, clock: Clock, store: SqliteStore
) -> None:
    begin(device)
    device.asks("StretchIntent", stretch=matched("piriformis", "piriformis"), side=matched("left", "left"))
    assert stored(device, store)["at"][:2] == ["piriformis", "left"]
    assert device.playing


@pytest.mark.parametrize("name", sorted(intents()))
def test_every_intent_is_answered_while_a_stream_plays(
    device: AudioEcho, clock: Clock, store: SqliteStore, name: str
) -> None:
    for nth, slots in enumerate(fillings(name)):
        asked = replace(device, user=f"{device.user} {nth}", session=None, stream=None)
        begin(asked)
        clock.after(70)
        asked.sends(intent(name, slots))
        assert APOLOGY not in said(asked.answer), slots
        after = stored(asked, store)
        assert asked.playing == (after["state"] == "playing" and "stream" in after)


def test_what_is_said_is_held_to_the_limits(device: AudioEcho, clock: Clock) -> None:
    begin(device)
    for _ in range(30):
        clock.after(17)
        device.asks("TimeLeftIntent")
        assert said(device.answer)


def test_a_turn_that_fails_is_no_reason_to_speak_to_a_player(
    device: AudioEcho, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(device)
    clock.after(10)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(Turns, "_blank", broken)
        device.stops()
        device.presses("Play")
        assert device.answer["response"] == {}
    clock.after(HOUR_S)
    device.asks("Resume")
    assert device.playing
