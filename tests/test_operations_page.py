"""The page for operators tells the settings of the server and the limits of a stop as they are."""

import re
from pathlib import Path

import pytest
from flask import Flask

from skill.store.guard import LIMIT_S
from skill.web.audio import MOST_LISTENERS
from skill.web.server import Server
from skill.web.worker import ANSWER_S, LEAVE_S, PATIENCE_S, STOP_S

PAGE = (Path(__file__).parent.parent / "docs/operations.md").read_text("utf-8")
WORDS = " ".join(PAGE.split())


def settings() -> dict[str, str]:
    """The rows of the table of gunicorn's settings."""
    table = PAGE.partition("| gunicorn's |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE))


def test_gunicorns_settings_are_as_told() -> None:
    cfg = Server(lambda: Flask("nothing"), "127.0.0.1", 8000).cfg
    assert {"threads", "keepalive", "graceful_timeout"} <= set(settings())
    assert {name: str(getattr(cfg, name)) for name in settings()} == settings()


@pytest.mark.parametrize(
    "words",
    [
        f"answered and stored, for up to {ANSWER_S:.0f} seconds",
        f"ask once more for {LEAVE_S:.0f} seconds",
        f"After {STOP_S:.0f} seconds whatever is left is killed",
        f"hung up on after {PATIENCE_S:.0f} seconds",
        f"{LIMIT_S} s at most",
        f"{MOST_LISTENERS} recordings can be sent",
    ],
)
def test_the_limits_are_as_told(words: str) -> None:
    assert words in WORDS
