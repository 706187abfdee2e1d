"""A scripted conversation over HTTP: every intent, in awkward orders, and the place is never lost."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from skill.config import Config
from skill.content import load_content
from skill.skill import intents
from skill.store import open_store
from skill.web import create_app
from tests.conversations.client import Device, MovableClock, serving

SCRIPT: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "every_intent.yaml").read_text())
APOLOGY = load_content().lines["apology"][0]


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    """An Echo that talks to a webhook with a store of its own."""
    clock = MovableClock()
    store = open_store(f"sqlite:///{tmp_path}/coach.sqlite3")
    with serving(create_app(Config(), clock=clock, store=store, verify=False)) as url:
        yield Device(url, clock)


def test_a_long_conversation_keeps_its_place(device: Device) -> None:
    for number, turn in enumerate(SCRIPT, 1):
        device.clock.move(turn.get("wait", 0))
        answer = device.hears(turn["said"])
        label = f"turn {number}, {turn['said']!r}"
        speech = spoken(answer)
        assert device.intent == turn.get("intent"), label
        assert APOLOGY not in speech, label
        assert place(answer) == turn.get("at", "nowhere"), f"{label}: {speech[:300]}"
        assert turn.get("hears", "").lower() in speech.lower(), f"{label}: {speech[:300]}"


def test_the_script_is_long_and_goes_through_every_intent() -> None:
    assert len(SCRIPT) >= 60
    assert {turn.get("intent") for turn in SCRIPT} - {None} == set(intents())


def spoken(answer: dict[str, Any]) -> str:
    """The words of a response."""
    ssml = answer["response"].get("outputSpeech", {}).get("ssml", "")
    return " ".join(re.sub(r"<[^>]+>", " ", ssml).split())


def place(answer: dict[str, Any]) -> str:
    """State and place, as the script writes them."""
    if not answer["sessionAttributes"]:
        return "nowhere"
    device = answer["sessionAttributes"]["device"]
    stretch, side, repetition, step, *_ = device["at"]
    state = device.get("state", "idle")
    if state in ("idle", "finished"):
        return state
    where = "finishing" if step == "leave" else " ".join(filter(None, (stretch, side, str(repetition or ""))))
    return where if where == "finishing" and state == "playing" else f"{state} {where}".strip()
