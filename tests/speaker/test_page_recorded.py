"""The page where answers are recorded: with time and an <audio> that are made, then with real ones."""

from array import array
from itertools import accumulate, pairwise
from math import pi, sin
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from skill.audio.mp3 import encoded
from tests.speaker.stubs import EARS, NOTES, REAL_AUDIO, recording, voice
from tests.speaker.visit import Frame, Host, Visit, first_hold

Answer = dict[str, Any]
BREATHE_IN, RELAX = "And let it go.", "Let your knees feel heavy. Your right shoulder stays down."
"""Words before the first hold, and words in it."""


FAILS_AFTER_MS = {"refused": 0, "missing": 50, "never": 3_000}


def only(text: str) -> dict[str, Any]:
    """What `Visit.record` needs where `text` alone is not recorded."""
    return {"missing": lambda frame: frame["text"] == text}


def index_of(answer: Answer, text: str) -> int:
    """The index of the first frame that says `text`."""
    return next(index for index, frame in enumerate(answer["frames"]) if frame["text"] == text)


def planned(answer: Answer, index: int) -> int:
    """When the frame at `index` starts in the recording."""
    return sum(frame["ms"] for frame in answer["frames"][:index])


def told_behind(host: Host) -> int:
    """How far behind the page said it was, when it was told something last."""
    behind: int = host.sent("/speaker/turn")[-1]["behind_ms"]
    return behind


def begun(context: BrowserContext, host: Host, script: str, **missing: Any) -> tuple[Visit, Answer]:
    """A visit in which the routine begins to play, recorded, and the answer that plays."""
    visit = Visit(context, host, script=script)
    visit.record(**missing)
    visit.start()
    visit.say("no")
    visit.page.evaluate("window.positions = []; window.starts = []; window.heard = []; window.said = []")
    return visit, visit.say("yes")


def hold_ms(visit: Visit) -> float:
    """How long the first hold lasted on the clock."""
    starts = visit.starts
    first = next(index for index, start in enumerate(starts) if start["holding"])
    after = next(start for start in starts[first:] if not start["holding"])
    return float(after["at"] - starts[first]["at"])


def test_frames_go_by_the_recording_and_the_voice_is_silent(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording() + voice(100))
    visit.run_to(answer, len(answer["frames"]), 100)
    starts = [0, *accumulate(frame["ms"] for frame in answer["frames"])][:-1]
    late = [at - start for at, start in zip(visit.positions, starts, strict=True)]
    assert [ms for ms in late if not -1 <= ms <= 20] == []
    assert visit.said == []
    assert [told.get("from") for told in visit.heard if "play" in told] == [0], "it is sought, or stops"
    assert hold_ms(visit) == pytest.approx(20_000, abs=20)
    assert visit.mode == "listening"
    assert visit.problems == []


def test_a_late_recording_is_waited_for(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording(late_ms=800))
    visit.run(790 + answer["frames"][0]["ms"])
    assert visit.words == answer["frames"][0]["text"]
    visit.run(20)
    assert visit.words == answer["frames"][1]["text"]
    visit.say("pause")
    assert told_behind(host) == pytest.approx(800, abs=5)


def test_a_stall_makes_the_frames_wait_and_the_coach_is_told(context: BrowserContext, host: Host) -> None:
    stall_at = 60_000
    visit, answer = begun(context, host, recording(stall_at=stall_at, stall_ms=2_500))
    hold = first_hold(answer)
    left = 20_000 - (stall_at - planned(answer, hold))
    visit.run(stall_at + 1_000)
    assert visit.seconds == -(-left // 1000)
    visit.run(1_400)
    assert visit.seconds == -(-left // 1000), "the seconds run ahead of the sound"
    visit.run(100 + left)
    after = next(i for i in range(hold, len(answer["frames"])) if not answer["frames"][i]["hold_ms"])
    assert visit.positions[after] == pytest.approx(planned(answer, after), abs=20)
    visit.run(1_000)
    again = visit.say("pause")
    assert told_behind(host) == pytest.approx(2_500, abs=5)
    assert again["heard"]["intent"] == "AMAZON.PauseIntent"


def test_waits_in_the_recording_do_not_lengthen_what_follows(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording(late_ms=333, stall_at=5_000, stall_ms=777))
    visit.run_to(answer, len(answer["frames"]) - 1, 333 + 777 + 500)
    starts = [start["at"] for start in visit.starts]
    lasted = [end - start for start, end in pairwise(starts)]
    stretched = [ms - frame["ms"] for ms, frame in zip(lasted, answer["frames"], strict=False)]
    assert sum(stretched) == pytest.approx(333 + 777, abs=20)
    assert sorted(round(ms) for ms in stretched if abs(ms) > 20) == pytest.approx([333, 777], abs=20)


@pytest.mark.parametrize("speaking_ms", [300, 3_000])
def test_words_nobody_recorded_are_spoken_while_the_recording_waits(
    context: BrowserContext, host: Host, speaking_ms: int
) -> None:
    visit, answer = begun(context, host, recording() + voice(speaking_ms), **only(BREATHE_IN))
    spoken = index_of(answer, BREATHE_IN)
    visit.run_to(answer, spoken, speaking_ms - 50)
    assert visit.said == [BREATHE_IN]
    assert visit.words == BREATHE_IN
    assert visit.heard[-1] == {"pause": pytest.approx(planned(answer, spoken), abs=20)}
    visit.run(100)
    assert visit.heard[-1]["from"] == planned(answer, spoken + 1)
    visit.run_to({"frames": answer["frames"][spoken + 1 :]}, 2, 500)
    assert visit.positions[spoken + 2] == pytest.approx(planned(answer, spoken + 2), abs=20)
    visit.say("pause")
    assert told_behind(host) == pytest.approx(speaking_ms - answer["frames"][spoken]["ms"], abs=20)


def test_words_nobody_recorded_are_read_where_there_is_no_voice(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording(), **only(BREATHE_IN))
    visit.run_to(answer, index_of(answer, BREATHE_IN) + 2, 100)
    assert "play" in visit.heard[-1], "it waits where nothing is said"
    assert visit.positions[-1] == pytest.approx(planned(answer, index_of(answer, BREATHE_IN) + 2), abs=20)


@pytest.mark.parametrize("speaking_ms", [200, 3_438, 7_000, 12_000])
def test_a_hold_lasts_its_dose_however_long_words_nobody_recorded_take(
    context: BrowserContext, host: Host, speaking_ms: int
) -> None:
    visit, answer = begun(context, host, recording() + voice(speaking_ms), **only(RELAX))
    visit.run_to(answer, first_hold(answer), 19_900)
    assert visit.seconds == 1
    visit.run(400)
    assert hold_ms(visit) == pytest.approx(20_000, abs=30)
    assert visit.said == [RELAX]
    end = index_of(answer, "Five more seconds.") + 2
    assert visit.positions[end] == pytest.approx(planned(answer, end), abs=30)


@pytest.mark.parametrize("spoken", [True, False], ids=["voice", "no voice"])
@pytest.mark.parametrize("failure", FAILS_AFTER_MS)
def test_without_its_recording_an_answer_is_spoken_or_read(
    context: BrowserContext, host: Host, failure: str, spoken: bool
) -> None:
    script = recording(failure=failure) + (voice(900) if spoken else "")
    visit, answer = begun(context, host, script)
    first = answer["frames"][0]
    visit.run(FAILS_AFTER_MS[failure] + 100)
    lasts = 900 if spoken else first["ms"]
    if spoken:
        assert visit.said == [first["text"]]
    visit.run(lasts - 150)
    assert visit.words == first["text"]
    visit.run(200)
    assert visit.words == answer["frames"][1]["text"]
    visit.run(planned(answer, len(answer["frames"])) + 20_000)
    assert len(visit.starts) >= len(answer["frames"])
    assert visit.problems == []


@pytest.mark.parametrize("failure", FAILS_AFTER_MS)
def test_a_recording_that_fails_loses_no_time_of_a_hold(
    context: BrowserContext, host: Host, failure: str
) -> None:
    visit, answer = begun(context, host, recording(failure=failure))
    visit.run(3_000 + planned(answer, first_hold(answer)) + 21_000)
    assert hold_ms(visit) == pytest.approx(20_000, abs=20)
    visit.say("pause")
    assert told_behind(host) == pytest.approx(FAILS_AFTER_MS[failure], abs=20)


def test_a_recording_that_breaks_is_taken_over_by_the_voice(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording(failure="broken", broken_after=300) + voice(1_000))
    visit.run(1_250)
    assert visit.said == [answer["frames"][0]["text"]], "words cut short are said again"
    visit.run(100)
    assert visit.words == answer["frames"][1]["text"]
    visit.run(1_000)
    visit.say("pause")
    assert told_behind(host) == pytest.approx(1_300 + 1_000 - planned(answer, 2), abs=20)
    assert visit.problems == []


def test_a_stall_that_does_not_end_is_given_up_in_mid_hold(context: BrowserContext, host: Host) -> None:
    visit, _ = begun(context, host, recording(stall_at=60_000, stall_ms=10**9))
    visit.run(60_000)
    left = visit.seconds
    assert left
    visit.run(3_600)
    visit.run(1_000 * left)
    assert visit.seconds is None
    visit.say("pause")
    assert 3_000 <= told_behind(host) <= 3_600


def test_a_recording_that_is_too_short_is_gone_on_without(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=recording() + voice(500))

    def shortened(route: Route) -> None:
        answer = route.fetch().json()
        for frame in answer["frames"]:
            frame["recorded"] = True
        route.fulfill(json={**answer, "sound": "/audio/1.mp3?ms=100"})

    visit.page.route("**/speaker/turn", shortened)
    answer = visit.start()
    visit.run(10_000)
    assert visit.said == [frame["text"] for frame in answer["frames"][1:]]
    assert visit.mode == "listening"


def test_with_the_sound_off_no_recording_is_asked_for(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=recording() + voice(100))
    visit.record()
    visit.page.click("#sound")
    answer = visit.start()
    visit.run(answer["frames"][0]["ms"] - 50)
    assert visit.words == answer["frames"][0]["text"]
    visit.run(100)
    assert visit.words == answer["frames"][1]["text"]
    assert (visit.heard, visit.said) == ([], [])
    assert visit.page.evaluate("audio.source") is None
    visit.page.click("#sound")
    visit.run(answer["frames"][1]["ms"])
    assert visit.heard[-1]["from"] == planned(answer, 2), "it does not go on with the next frame"


def test_turning_the_sound_off_is_silent_at_once_and_loses_nothing(
    context: BrowserContext, host: Host
) -> None:
    visit, answer = begun(context, host, recording())
    visit.run_to(answer, first_hold(answer), 2_500)
    visit.page.click("#sound")
    assert visit.heard[-1] == {"pause": pytest.approx(planned(answer, first_hold(answer)) + 2_500, abs=5)}
    visit.run(17_400)
    assert visit.seconds == 1
    visit.run(200)
    assert visit.seconds is None
    visit.say("pause")
    assert told_behind(host) == pytest.approx(0, abs=5)


def test_the_microphone_hushes_the_recording_and_it_goes_on_with_the_next_frame(
    context: BrowserContext, host: Host
) -> None:
    visit, answer = begun(context, host, recording() + voice(100) + EARS)
    visit.run_to(answer, 1, 200)
    visit.page.click("#microphone")
    assert "pause" in visit.heard[-1]
    visit.run_to({"frames": answer["frames"][1:]}, 2, 0)
    assert "pause" in visit.heard[-1]
    assert visit.words == answer["frames"][3]["text"]
    visit.page.evaluate("ears.onend()")
    visit.run(answer["frames"][3]["ms"])
    assert visit.heard[-1]["from"] == planned(answer, 4)
    visit.run(1_000)
    assert visit.said == []
    visit.say("pause")
    assert told_behind(host) == pytest.approx(0, abs=5)


@pytest.mark.parametrize("how", ["typed", "tapped", "heard"])
def test_whatever_is_said_silences_the_recording_at_once(
    context: BrowserContext, host: Host, how: str
) -> None:
    visit, answer = begun(context, host, recording(late_ms=400) + EARS)
    visit.run_to(answer, first_hold(answer), 400 + 7_200)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    visit.page.unroute("**/speaker/turn")
    visit.page.route("**/speaker/turn", hold_the_first)
    if how == "typed":
        visit.page.fill("#text", "pause")
        visit.page.press("#text", "Enter")
    elif how == "tapped":
        visit.page.click("#toggle")
    else:
        visit.page.click("#microphone")
        visit.page.evaluate("ears.hear('pause', true)")
    assert visit.heard[-1] == {"pause": pytest.approx(planned(answer, first_hold(answer)) + 7_200, abs=5)}
    assert visit.mode == "thinking"
    visit.answered(lambda: held[0].continue_())
    assert told_behind(host) == pytest.approx(400, abs=5)
    again = visit.say("resume")
    assert again["frames"][first_hold(again)]["hold_left_ms"] == pytest.approx(12_800, abs=5)


def test_a_recording_that_comes_too_late_never_sounds(context: BrowserContext, host: Host) -> None:
    visit, first = begun(context, host, recording(late_ms=2_000))
    visit.run(1_000)
    answer = visit.say("what stretches are there")
    assert [told["play"] for told in visit.heard if "play" in told] == [first["sound"], answer["sound"]]
    assert visit.page.evaluate("audio.source") == answer["sound"]
    visit.run(1_999)
    assert visit.page.evaluate("audio.currentTime") == 0
    visit.run(501)
    assert visit.page.evaluate("audio.currentTime") == pytest.approx(0.5)
    assert visit.problems == []


def test_an_answer_without_a_recording_is_spoken_after_one_with(context: BrowserContext, host: Host) -> None:
    visit, _ = begun(context, host, recording() + voice(500))
    visit.run(2_000)
    visit.page.unroute("**/speaker/turn")
    answer = visit.say("what stretches are there")
    visit.run(100)
    assert visit.said == [answer["frames"][0]["text"]]
    assert visit.page.evaluate("[audio.paused, audio.source]") == [True, None]


def test_nobody_answers_and_the_reprompt_is_spoken(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=recording() + voice(500))
    visit.record()
    answer = visit.start()
    visit.run(planned(answer, len(answer["frames"])) + 8_100)
    assert visit.said == [answer["reprompt"][0]["text"]]


def test_the_sound_can_be_switched_where_answers_are_recorded(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=recording())
    switch = visit.page.locator("#sound")
    assert switch.inner_text().strip() == "No voice: read along"
    visit.record()
    visit.start()
    assert switch.inner_text().strip() == "Sound on"
    switch.click()
    assert (switch.inner_text().strip(), switch.get_attribute("aria-pressed")) == ("Sound off", "false")


def test_the_switch_says_where_recordings_cannot_be_had(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=recording(failure="missing"))
    visit.record()
    visit.start()
    visit.run(100)
    assert visit.page.inner_text("#sound").strip() == "No voice: read along"


def test_stopped_by_a_headset_or_a_call_the_coach_pauses(context: BrowserContext, host: Host) -> None:
    visit, answer = begun(context, host, recording())
    visit.run_to(answer, first_hold(answer), 7_200)
    paused = visit.answered(lambda: visit.page.evaluate("audio.stopFromOutside()"))
    assert paused["heard"]["intent"] == "AMAZON.PauseIntent"
    assert (visit.status, visit.seconds) == ("Paused", 13)


def test_only_what_is_not_recorded_is_given_to_the_voice(context: BrowserContext, host: Host) -> None:
    def long(frame: Frame) -> bool:
        return len(frame["text"]) > 40

    visit, answer = begun(context, host, recording() + voice(1_500), missing=long)
    visit.run(planned(answer, len(answer["frames"])))
    words = [frame["text"] for frame in answer["frames"] if long(frame)]
    assert visit.said[: len(words)] == words
    late = [visit.positions[i] - planned(answer, i) for i in range(len(answer["frames"]))]
    assert [round(ms) for ms in late if not -1 <= ms <= 30] == []


def tones(*spans: tuple[int, int]) -> bytes:
    """An MP3 of tones: for each its Hertz, 0 for silence, and how many milliseconds it lasts."""
    pcm = array("h")
    for hertz, ms in spans:
        pcm.extend(round(8_000 * sin(2 * pi * hertz * i / 24_000)) for i in range(24 * ms))
    return encoded(pcm)


def frame(kind: str, ms: int, text: str = "", *, recorded: bool = True) -> Frame:
    """A frame outside the routine."""
    where = {"stretch": "", "number": 0, "count": 4, "side": "", "side_name": "", "repetition": 0}
    when = {"ms": ms, "hold_ms": 0, "hold_left_ms": 0, "offset_ms": -1, "length_ms": 1}
    return {"kind": kind, "text": text, "rate": 100, "recorded": recorded, **where, **when}


FRAMES = [
    frame("speech", 480, "one"),
    frame("wait", 408),
    frame("speech", 360, "two"),
    frame("speech", 480, "nobody recorded this", recorded=False),
    frame("wait", 312),
    frame("speech", 600, "three"),
    frame("wait", 30_000),
]
MP3 = tones((440, 480), (0, 408), (660, 360), (0, 480), (0, 312), (880, 600), (0, 30_000))
UNHEARD = ["Failed to load resource", "net::ERR"]
"""What the browser itself says of a recording that it cannot have."""


def sounding(context: BrowserContext, host: Host, name: str, script: str = "") -> tuple[Visit, list[Answer]]:
    """A visit in real time to a coach who says FRAMES, recorded as `name`; and what it is told."""
    visit = Visit(context, host, live=True, script=REAL_AUDIO + NOTES + script)
    told: list[Answer] = []

    def answer(route: Route) -> None:
        told.append(route.request.post_data_json)
        said = {"heard": None, "reprompt": [], "ends": False, "situation": "idle", "then": "idle"}
        route.fulfill(json={**said, "frames": FRAMES, "sound": f"/sounds/{name}"})

    visit.page.route("**/speaker/turn", answer)
    return visit, told


def test_a_real_recording_leads_the_page(context: BrowserContext, host: Host) -> None:
    host.sounds["tones.mp3"] = MP3
    visit, told = sounding(context, host, "tones.mp3", voice(200))
    visit.page.click("#start")
    expect(visit.page.locator("#words")).to_have_text("three")
    expect(visit.page.locator("html")).to_have_attribute("data-kind", "wait")
    starts = [0, *accumulate(each["ms"] for each in FRAMES)][:-1]
    assert visit.positions == pytest.approx(starts, abs=150)
    assert visit.said == ["nobody recorded this"]
    at = visit.page.evaluate(
        """() => {
          const at = { wall: performance.now(), sound: 1000 * audio.currentTime };
          document.querySelector("#controls [data-say=repeat]").click();
          return { ...at, paused: audio.paused };
        }"""
    )
    assert at["paused"]
    expect(visit.page.locator("#words")).to_have_text("one")
    behind = at["wall"] - visit.starts[0]["at"] - at["sound"]
    assert told[-1]["behind_ms"] == pytest.approx(behind, abs=50)
    assert visit.problems == []


@pytest.mark.parametrize("name", ["none.mp3", "noise.mp3"])
def test_a_real_recording_that_cannot_be_played_is_spoken(
    context: BrowserContext, host: Host, name: str
) -> None:
    host.sounds["noise.mp3"] = b"This is no sound." * 100
    visit, _ = sounding(context, host, name, voice(200))
    visit.page.click("#start")
    expect(visit.page.locator("#words")).to_have_text("nobody recorded this")
    assert visit.said[:2] == ["one", "two"]
    assert [line for line in visit.problems if not any(part in line for part in UNHEARD)] == []
