"""The scripted conversation, and what every way to host the coach must answer to it."""

import re
from pathlib import Path
from typing import Any

import yaml

from skill.content import load_content
from tests.conversations.client import Device

SCRIPT: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "every_intent.yaml").read_text())
APOLOGY = load_content().lines["apology"][0]


def hold(device: Device) -> list[dict[str, Any]]:
    """Go through the script; every answer must hold its words, and its place. Returns the answers."""
    return [_turn(device, number, turn) for number, turn in enumerate(SCRIPT, 1)]


def _turn(device: Device, number: int, turn: dict[str, Any]) -> dict[str, Any]:
    device.clock.move(turn.get("wait", 0))
    answer = device.hears(turn["said"])
    label = f"turn {number}, {turn['said']!r}"
    speech = spoken(answer)
    assert device.intent == turn.get("intent"), label
    assert APOLOGY not in speech, label
    assert place(answer) == turn.get("at", "nowhere"), f"{label}: {speech[:300]}"
    assert turn.get("hears", "").lower() in speech.lower(), f"{label}: {speech[:300]}"
    return answer


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
