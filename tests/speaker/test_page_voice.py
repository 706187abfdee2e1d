"""The page where the browser has a voice or ears, and where it has neither."""

import pytest
from playwright.sync_api import BrowserContext

from tests.speaker.stubs import EARS, NO_EARS, voice
from tests.speaker.visit import Host, Visit, first_hold


def test_a_browser_without_a_voice_says_so(visit: Visit) -> None:
    visit.start()
    assert visit.page.inner_text("#sound").strip() == "No voice: read along"
    assert visit.page.is_disabled("#sound")


def test_the_words_are_spoken_in_the_language_of_the_page(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(500))
    answer = visit.start()
    visit.run(5_000)
    said = visit.page.evaluate("window.said")
    assert [line["text"] for line in said] == [frame["text"] for frame in answer["frames"]]
    assert {(line["lang"], line["rate"]) for line in said} == {("en-US", 1)}
    assert visit.mode == "listening", "the page waits longer than its voice speaks"


def test_a_slow_pace_is_spoken_slowly(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(500))
    visit.begin()
    rate = visit.say("slow down")["frames"][0]["rate"]
    assert rate < 100
    assert visit.page.evaluate("window.said.at(-1).rate") == rate / 100


def test_a_voice_that_never_ends_is_not_waited_for(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice("2 ** 30"))
    answer = visit.start()
    patience = 2 * answer["frames"][0]["ms"] + 3_000
    visit.run(patience - 50)
    assert visit.words == answer["frames"][0]["text"]
    visit.run(100)
    assert visit.words == answer["frames"][1]["text"]


@pytest.mark.parametrize("speaking_ms", [200, 4_500])
def test_a_hold_lasts_its_dose_however_long_the_words_take(
    context: BrowserContext, host: Host, speaking_ms: int
) -> None:
    visit = Visit(context, host, script=voice(speaking_ms))
    visit.begin()
    visit.run(160_000)
    starts = visit.starts
    first = next(index for index, start in enumerate(starts) if start["holding"])
    after = next(start for start in starts[first:] if not start["holding"])
    assert after["at"] - starts[first]["at"] == pytest.approx(20_000, abs=50)


def test_the_host_is_told_how_far_a_slow_voice_is_behind(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(3_000))
    answer = visit.begin()
    visit.run(3_000 + 3_000 + 1_000)
    visit.say("pause")
    planned = sum(frame["ms"] for frame in answer["frames"][:2]) + 1_000
    assert host.sent("/speaker/turn")[-1]["behind_ms"] == pytest.approx(7_000 - planned, abs=50)


def test_saying_something_stops_the_voice(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(10_000))
    visit.start()
    visit.run(500)
    visit.page.fill("#text", "no")
    visit.page.press("#text", "Enter")
    assert visit.page.evaluate("window.said[1]") == "cancelled"


def test_without_sound_the_words_stand_as_long_as_saying_them_takes(
    context: BrowserContext, host: Host
) -> None:
    visit = Visit(context, host, script=voice(100))
    visit.page.click("#sound")
    answer = visit.start()
    visit.run(answer["frames"][0]["ms"] - 50)
    assert visit.words == answer["frames"][0]["text"]
    visit.run(100)
    assert visit.words == answer["frames"][1]["text"]
    assert visit.page.evaluate("window.said") == []


def test_turning_the_sound_off_loses_no_words(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(60_000))
    answer = visit.start()
    visit.run(500)
    visit.page.click("#sound")
    visit.run(answer["frames"][0]["ms"] - 600)
    assert visit.words == answer["frames"][0]["text"]
    visit.run(200)
    assert visit.words == answer["frames"][1]["text"]


def test_the_microphone_is_there_where_the_browser_can_hear(context: BrowserContext, host: Host) -> None:
    assert Visit(context, host, script=EARS).page.locator("#microphone").get_attribute("hidden") is None
    assert Visit(context, host, script=NO_EARS).page.locator("#microphone").get_attribute("hidden") == ""


def test_what_is_heard_is_said(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=voice(60_000) + EARS)
    visit.start()
    visit.page.click("#microphone")
    assert visit.page.evaluate("window.said.at(-1)") == "cancelled", "the coach talks over the person"
    visit.page.evaluate("ears.hear('n', false)")
    assert visit.page.input_value("#text") == "n"
    answer = visit.answered(lambda: visit.page.evaluate("ears.hear('no', true)"))
    assert answer["heard"]["intent"] == "AMAZON.NoIntent"
    assert visit.page.input_value("#text") == ""
    assert visit.page.get_attribute("#microphone", "aria-pressed") == "false"


def test_hearing_nothing_loses_no_place(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=EARS)
    answer = visit.begin()
    visit.run_to(answer, first_hold(answer), 5_500)
    visit.page.click("#microphone")
    visit.run(5_000)
    visit.page.evaluate("ears.onerror({ error: 'not-allowed' }); ears.onend()")
    assert "microphone is blocked" in visit.status
    assert visit.seconds == 10


def test_nothing_ends_while_the_microphone_listens(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host, script=EARS)
    answer = visit.start()
    visit.page.click("#microphone")
    visit.run(sum(frame["ms"] for frame in answer["frames"]) + 30_000)
    assert visit.mode == "listening"
