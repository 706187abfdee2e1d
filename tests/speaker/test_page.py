"""The page in a real browser, against a real server; only time is made."""

from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.speaker.visit import Host, Visit, first_hold, spoken_seconds


def test_a_tap_opens_the_coach_and_nothing_is_said_before(visit: Visit, host: Host) -> None:
    assert host.sent("/speaker/turn") == []
    visit.start()
    assert visit.words == "Welcome to Sciatica Coach."
    assert [body.get("text") for body in host.sent("/speaker/turn")] == [None]


def test_the_routine_starts_after_the_safety_question(visit: Visit) -> None:
    answer = visit.begin()
    visit.run_to(answer, first_hold(answer))
    assert visit.page.inner_text("#stretch") == "Lower back stretch"
    assert visit.page.inner_text("#count").startswith("1 of 4")
    assert visit.side == "LEFT"
    assert visit.page.inner_text("#detail") == "knees to the left"


def test_the_seconds_of_a_hold_count_down_truly(visit: Visit) -> None:
    answer = visit.begin()
    visit.run_to(answer, first_hold(answer), 500)
    shown = []
    for _ in range(20):
        shown.append(visit.seconds)
        visit.run(1000)
    assert shown == list(range(20, 0, -1))
    assert visit.seconds is None


def test_every_frame_lasts_what_it_says(visit: Visit) -> None:
    answer = visit.begin()
    visit.page.evaluate("window.starts = [{ at: performance.now() }]")
    frames = answer["frames"]
    visit.run_to(answer, len(frames), 1000)
    starts = [start["at"] for start in visit.starts]
    lasted = [end - start for start, end in pairwise(starts)]
    assert len(starts) == len(frames)
    assert [ms for ms, frame in zip(lasted, frames, strict=False) if abs(ms - frame["ms"]) > 50] == []
    planned = sum(frame["ms"] for frame in frames[:-1])
    assert starts[-1] - starts[0] == pytest.approx(planned, abs=50), "lateness adds up"


SLOWED = """
const { setTimeout } = window;
window.setTimeout = (ring, ms) => setTimeout(ring, 1000 * Math.ceil(ms / 1000 + 1));
"""
"""What a browser does to the timers of a hidden tab."""


@pytest.mark.parametrize("script", ["", SLOWED], ids=["seen", "hidden"])
def test_silences_are_exact_on_the_clock_on_the_wall(
    context: BrowserContext, host: Host, script: str
) -> None:
    visit = Visit(context, host, live=True, script=script)
    frame = {"text": "", "stretch": "", "number": 0, "count": 4, "side": "", "repetition": 0, "rate": 100}
    frame |= {"kind": "wait", "hold_ms": 0, "hold_left_ms": 0, "offset_ms": -1, "length_ms": 1, "ms": 70}
    answer = {"heard": None, "frames": [frame] * 30, "reprompt": [], "ends": True}
    visit.page.route("**/speaker/turn", lambda route: route.fulfill(json=answer))
    visit.page.click("#start")
    expect(visit.page.locator("html")).to_have_attribute("data-mode", "over")
    starts = [start["at"] for start in visit.starts]
    assert len(starts) == 30
    assert starts[-1] - starts[0] == pytest.approx(29 * 70, abs=50)


def test_pause_keeps_the_place_and_resume_comes_back_to_the_same_hold(visit: Visit) -> None:
    answer = visit.begin()
    visit.run_to(answer, first_hold(answer), 7200)
    assert visit.seconds == 13
    visit.answered(lambda: visit.page.click("#toggle"))
    assert visit.status == "Paused"
    visit.run(60_000)
    assert (visit.seconds, visit.side) == (13, "LEFT"), "the place is not on the screen"
    again = visit.answered(lambda: visit.page.click("#toggle"))
    hold = first_hold(again)
    visit.run_to(again, hold)
    assert visit.side == "LEFT"
    assert visit.seconds == spoken_seconds(visit.words) == 13
    assert again["frames"][hold]["hold_left_ms"] == 20_000 - 7_200
    visit.run(12_750)
    assert visit.seconds == 1
    visit.run(100)
    assert visit.seconds is None


def test_whatever_is_said_stops_what_plays_at_once(visit: Visit) -> None:
    visit.begin()
    visit.run(5_000)
    visit.page.route("**/speaker/turn", lambda route: None)
    visit.page.fill("#text", "how long left")
    visit.page.press("#text", "Enter")
    before = len(visit.starts)
    visit.page.clock.run_for(9_000)
    assert len(visit.starts) == before
    assert visit.mode == "thinking"


def test_only_the_newest_answer_plays(visit: Visit) -> None:
    visit.begin()
    held: list[Route] = []

    def delay(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    visit.page.route("**/speaker/turn", delay)
    for text in ("what stretches are there", "pause"):
        visit.page.fill("#text", text)
        visit.page.press("#text", "Enter")
    with visit.page.expect_response(lambda response: "PauseIntent" in response.text()):
        held[0].continue_()
    visit.settled()
    assert visit.status == "Paused"
    assert [body.get("text") for body in visit.host.sent("/speaker/turn")][-2:] == [
        "what stretches are there",
        "pause",
    ]


def test_nobody_answers(visit: Visit, host: Host) -> None:
    answer = visit.start()
    visit.run(sum(frame["ms"] for frame in answer["frames"]))
    assert visit.mode == "listening"
    visit.run(7_900)
    assert visit.mode == "listening"
    visit.run(200)
    assert visit.words == answer["reprompt"][0]["text"]
    visit.run(sum(frame["ms"] for frame in answer["reprompt"]) + 7_700)
    assert (visit.mode, host.sent("/speaker/end")) == ("listening", [])
    with visit.page.expect_response("**/speaker/end"):
        visit.run(400)
    assert visit.status == "Say something to go on"
    assert [body["reason"] for body in host.sent("/speaker/end")] == ["EXCEEDED_MAX_REPROMPTS"]
    assert visit.say("no")["heard"]["intent"] == "AMAZON.NoIntent"


def test_nothing_ends_while_something_is_being_typed(visit: Visit, host: Host) -> None:
    answer = visit.start()
    visit.page.fill("#text", "n")
    visit.run(sum(frame["ms"] for frame in answer["frames"]) + 60_000)
    assert (visit.mode, host.sent("/speaker/end")) == ("listening", [])
    visit.page.fill("#text", "")
    visit.run(8_000)
    assert visit.words == answer["reprompt"][0]["text"]


def test_leaving_tells_the_coach(visit: Visit, host: Host) -> None:
    visit.start()
    visit.page.goto("about:blank")
    for _ in range(100):
        if host.answered("/speaker/end"):
            break
        visit.page.wait_for_timeout(20)
    assert host.answered("/speaker/end") == [204]
    assert [body["reason"] for body in host.sent("/speaker/end")] == ["USER_INITIATED"]
    page = host.sent("/speaker/turn")[0]["page"]
    assert host.sent("/speaker/end")[0]["page"] == page


def test_the_page_stays_itself_when_loaded_again(visit: Visit, host: Host) -> None:
    visit.start()
    visit.page.reload()
    visit.start()
    assert len({body["page"] for body in host.sent("/speaker/turn")}) == 1


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab") if page.locator("#start:focus").count() == 0 else None
    visit.answered(lambda: page.keyboard.press("Enter"))
    visit.say("no")
    visit.say("yes")
    visit.run(3_000)
    page.keyboard.press("Space")
    assert page.input_value("#text") == " "
    page.fill("#text", "")
    page.evaluate("document.activeElement.blur()")
    assert visit.answered(lambda: page.keyboard.press("Space"))["heard"]["intent"] == "AMAZON.PauseIntent"
    assert visit.answered(lambda: page.keyboard.press("Space"))["heard"]["intent"] == "AMAZON.ResumeIntent"


@pytest.mark.parametrize(
    ("button", "intent"),
    [("Pause", "Pause"), ("Repeat", "Repeat"), ("Next", "Next"), ("Stop", "Stop")],
)
def test_buttons_say_what_they_are_called(visit: Visit, button: str, intent: str) -> None:
    visit.begin()
    visit.run(30_000)
    answer = visit.answered(lambda: visit.page.click(f"#controls >> text={button}"))
    assert answer["heard"]["intent"] == f"AMAZON.{intent}Intent"


def test_suggestions_fit_the_situation(visit: Visit) -> None:
    def suggested() -> list[str]:
        return visit.page.locator("#suggestions button").all_inner_texts()

    visit.start()
    assert suggested() == ["yes", "no", "stop"]
    visit.answered(lambda: visit.page.click("#suggestions >> text=no"))
    answer = visit.say("yes")
    visit.run(2_000)
    assert "pause" in suggested()
    visit.run_to(answer, len(answer["frames"]))
    assert suggested() == ["my left leg", "my right leg", "stop"]
    visit.say("pause")
    assert "resume" in suggested()
    visit.say("stop")
    visit.run(5_000)
    assert "start my routine" in suggested()


def test_once_forgotten_the_page_is_as_it_was_at_first(visit: Visit) -> None:
    answer = visit.begin()
    visit.run_to(answer, first_hold(answer), 7_000)
    visit.say("forget me")
    visit.run(8_000)
    assert visit.page.is_visible("#place")
    visit.say("yes")
    for _ in range(2):
        assert visit.status == "It is all deleted. Take care."
        assert visit.page.is_visible("#start")
        assert not any(visit.page.is_visible(part) for part in ("#stage", "#talk", "#place", "#routine"))
        visit.run(10_000)
    visit.start()
    assert visit.words == "Welcome to Sciatica Coach."
    assert not any(visit.page.is_visible(part) for part in ("#place", "#routine", "#side"))
    assert visit.page.inner_text("#toggle").strip() == "Pause"
    visit.say("no")
    visit.say("no")
    assert visit.status.endswith("Take care.")
    assert visit.page.is_visible("#start")


def test_without_a_network_nothing_is_lost(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host)
    visit.begin()
    visit.run(5_000)
    visit.page.route("**/speaker/turn", lambda route: route.abort())
    visit.page.fill("#text", "how long left")
    visit.page.press("#text", "Enter")
    expect(visit.page.locator("#status")).to_contain_text("cannot be reached")
    assert visit.page.input_value("#text") == "how long left"
    visit.page.unroute("**/speaker/turn")
    answer = visit.answered(lambda: visit.page.press("#text", "Enter"))
    assert answer["heard"]["intent"] == "TimeLeftIntent"
    assert "cannot be reached" not in visit.status
    assert [line for line in visit.problems if "ERR_FAILED" not in line] == []


def test_without_a_network_one_can_start_later(context: BrowserContext, host: Host) -> None:
    visit = Visit(context, host)
    visit.page.route("**/speaker/turn", lambda route: route.abort())
    visit.page.click("#start")
    expect(visit.page.locator("#status")).to_contain_text("cannot be reached")
    visit.page.unroute("**/speaker/turn")
    visit.start()
    assert visit.words == "Welcome to Sciatica Coach."


@pytest.mark.parametrize(("width", "height"), [(360, 640), (740, 360), (1280, 800), (2560, 1440)])
def test_it_fits(context: BrowserContext, host: Host, width: int, height: int) -> None:
    visit = Visit(context, host)
    visit.page.set_viewport_size({"width": width, "height": height})
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert visit.page.evaluate(fits)
    answer = visit.begin()
    assert visit.page.evaluate(fits)
    visit.run_to(answer, first_hold(answer), 100)
    assert visit.page.evaluate(fits)
    tall = visit.page.locator("#seconds").bounding_box()
    side = visit.page.locator("#side").bounding_box()
    assert tall
    assert side
    assert tall["height"] >= 0.11 * height, "the seconds are too small to be read from the floor"
    assert side["x"] + side["width"] / 2 < tall["x"] + tall["width"] / 2, "left is not on the left"


@pytest.mark.parametrize("stretch", ["lower back", "back flexion"])
def test_the_seconds_left_are_large_in_every_hold(visit: Visit, stretch: str) -> None:
    visit.start()
    visit.say("no")
    answer = visit.say(stretch)
    visit.run_to(answer, first_hold(answer), 100)
    size = visit.page.evaluate("document.getElementById('seconds').getBoundingClientRect().height")
    assert visit.seconds
    assert size > 100
