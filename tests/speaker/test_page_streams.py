"""The page with what the server really recorded: names, bytes and ranges as they are in use."""

from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.speaker.stubs import NOTES, REAL_AUDIO
from tests.speaker.visit import Host, Visit


def test_the_servers_recording_leads_the_page_and_the_place_is_found(
    context: BrowserContext, host: Host, tmp_path: Path, recorded: Path
) -> None:
    copytree(recorded, tmp_path / "audio", dirs_exist_ok=True)
    visit = Visit(context, host, live=True, script=REAL_AUDIO + NOTES)
    visit.start()
    visit.say("no")
    visit.say("talk less")
    visit.page.evaluate("window.positions = []")
    answer = visit.say("start my routine")
    assert answer["sound"].startswith("/audio/")
    assert all(frame["recorded"] for frame in answer["frames"])
    third = next(frame["text"] for frame in answer["frames"][2:] if frame["text"])
    expect(visit.page.locator("#words")).to_have_text(third, timeout=15_000)
    shown = visit.positions
    assert len(shown) >= 3
    starts = [0, *accumulate(frame["ms"] for frame in answer["frames"])]
    assert shown == pytest.approx(starts[: len(shown)], abs=150)
    host.now += timedelta(milliseconds=visit.page.evaluate("1000 * audio.currentTime"))
    asked = visit.say("where am I")
    assert "lower back" in asked["frames"][0]["text"]
    assert visit.problems == []


def test_what_is_asked_again_is_recorded_too(
    context: BrowserContext, host: Host, tmp_path: Path, recorded: Path
) -> None:
    copytree(recorded, tmp_path / "audio", dirs_exist_ok=True)
    visit = Visit(context, host, live=True, script=REAL_AUDIO + NOTES)
    answer = visit.start()
    assert answer["reprompt_sound"].startswith("/audio/")
    sound = visit.page.request.get(host.url + answer["reprompt_sound"][1:])
    whole = sum(frame["ms"] for frame in answer["reprompt"])
    assert len(sound.body()) / 6 == pytest.approx(whole, abs=24)
