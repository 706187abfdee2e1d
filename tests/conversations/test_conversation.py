"""A scripted conversation over HTTP: every intent, in awkward orders, and the place is never lost."""

from pathlib import Path

from skill.config import Config
from skill.intents.families import intents
from skill.store import open_store
from skill.web import create_app
from tests.conversations.client import Device, MovableClock, over_http, serving
from tests.conversations.script import SCRIPT, hold


def test_a_long_conversation_keeps_its_place(tmp_path: Path) -> None:
    clock = MovableClock()
    store = open_store(f"sqlite:///{tmp_path}/coach.sqlite3")
    with serving(create_app(Config(), clock=clock, store=store, verify=False)) as url:
        assert len(hold(Device(over_http(url), clock))) == len(SCRIPT)


def test_the_script_is_long_and_goes_through_every_intent() -> None:
    assert len(SCRIPT) >= 60
    assert {turn.get("intent") for turn in SCRIPT} - {None} == set(intents())
