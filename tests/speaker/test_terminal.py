"""A conversation in the terminal, with a typist and a clock that the test moves."""

import io
import os
import pty
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from skill.content import load_content
from skill.render.screen import Frame, Screen
from skill.routine.units import DurationMs, seconds
from skill.skill import skill_builder
from skill.speaker.conversation import LEFT, LISTENING_MS, UNANSWERED, Conversation, Speaker
from skill.speaker.display import print_turn
from skill.speaker.keyboard import Draft, Keyboard
from skill.speaker.playhead import Playhead
from skill.speaker.terminal import converse
from skill.store import open_store

START = datetime(2027, 1, 1, tzinfo=UTC)


class Recorded(Conversation):
    """A conversation that keeps what happened in it."""

    log: list[str]

    def end(self, reason: str) -> None:
        self.log.append(reason)
        super().end(reason)


@dataclass
class Someone:
    """Types lines at moments, in seconds from the start, and leaves; time passes as they are waited for."""

    lines: list[tuple[float, str]]
    leaves: float
    now: float = 0.0
    draft: str = ""
    seen: dict[float, str] = field(default_factory=dict)
    console: Console = field(default_factory=lambda: terminal())

    def line(self, patience_s: float) -> str | None:
        self.seen[round(self.now, 3)] = _tail(self.console)
        if self.lines and self.lines[0][0] <= self.now + patience_s:
            at, text = self.lines.pop(0)
            self.now = max(at, self.now)
            return text
        if self.leaves <= self.now + patience_s:
            raise EOFError
        self.now += patience_s
        return None

    def screen(self, at: float) -> str:
        """What was on the screen last, at `at` seconds."""
        return self.seen[max(moment for moment in self.seen if moment <= at)]


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


def _tail(console: Console) -> str:
    """What was drawn since the last time this was called."""
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    console.file.seek(0)
    console.file.truncate()
    return drawn


@pytest.fixture
def talk(tmp_path: Path) -> Recorded:
    return _talk(tmp_path, lambda: START)


def _talk(folder: Path, clock: object) -> Recorded:
    assert callable(clock)
    content = load_content()
    store = open_store(f"sqlite:///{folder}/s.sqlite3")
    skill = skill_builder(content, "sciatica", store, clock, seconds(120), "secret").create()
    talk = Recorded(Speaker(skill, Screen(content.routines["sciatica"], content.words), clock))
    talk.log = []
    return talk


def _in_real_time(folder: Path, someone: Someone) -> Recorded:
    talk = _talk(folder, lambda: START + timedelta(seconds=someone.now))
    converse(talk, someone.console, typist=someone, now=lambda: someone.now)
    return talk


def test_a_hold_counts_down_and_a_typed_line_stops_it(tmp_path: Path) -> None:
    someone = Someone([(1, "no"), (2, "yes"), (65, "pause")], leaves=70)
    talk = _in_real_time(tmp_path, someone)
    hold = 2 + 0.792 + 54.714
    for left, at in ((20, hold + 0.2), (19, hold + 1.2), (14, hold + 6.2)):
        assert f"hold {left}" in someone.screen(at)
    assert "Lower back stretch \u00b7 1 of 4" in someone.screen(hold + 1)
    assert "\u25c0 knees to the left" in someone.screen(hold + 1)
    assert "Paused" in someone.screen(66)
    assert "hold 13" in someone.screen(69), "the place is not on the screen"
    assert talk.log == [LEFT]


def test_resume_comes_back_to_the_hold(tmp_path: Path) -> None:
    someone = Someone([(1, "no"), (2, "yes"), (64.706, "pause"), (100, "resume")], leaves=130)
    _in_real_time(tmp_path, someone)
    counted = re.findall(r"hold (\d+)", "".join(screen for at, screen in someone.seen.items() if at > 100.1))
    assert [int(left) for left in dict.fromkeys(counted)] == list(range(13, 0, -1))


def test_nobody_answers(tmp_path: Path) -> None:
    someone = Someone([], leaves=300)
    talk = _in_real_time(tmp_path, someone)
    launch = _talk(tmp_path / "other", lambda: START).launch()
    asked = sum(frame.ms for frame in launch.frames) / 1000
    again = asked + LISTENING_MS / 1000
    ended = again + sum(frame.ms for frame in launch.reprompt) / 1000 + LISTENING_MS / 1000
    assert "Listening" in someone.screen(again - 0.2)
    assert launch.reprompt[0].text[:40] in someone.screen(again + 0.2)
    assert "Listening" in someone.screen(ended - 0.2)
    assert "Say something to go on" in someone.screen(ended + 0.2)
    assert talk.log == [UNANSWERED, LEFT]


def test_nothing_ends_while_something_is_being_typed(tmp_path: Path) -> None:
    someone = Someone([], leaves=90, draft="n")
    assert _in_real_time(tmp_path, someone).log == [LEFT]
    assert "> n\u2588" in someone.screen(89)


def test_after_the_end_the_next_line_opens_a_new_session(tmp_path: Path) -> None:
    someone = Someone([(1, "no"), (2, "stop"), (60, "what stretches are there")], leaves=62)
    _in_real_time(tmp_path, someone)
    assert "There are four" in someone.screen(61.5)


def test_ctrl_c_is_a_goodbye(tmp_path: Path) -> None:
    class Hasty(Someone):
        def line(self, patience_s: float) -> str | None:
            raise KeyboardInterrupt

    someone = Hasty([], leaves=0)
    assert _in_real_time(tmp_path, someone).log == [LEFT]
    assert "Goodbye. Your place is kept." in _tail(someone.console)


def test_without_a_terminal_each_line_is_a_turn(talk: Recorded) -> None:
    console = Console(file=io.StringIO(), width=40)
    converse(talk, console, source=io.StringIO("no\n\nyes\nstop\n"))
    text = _tail(console)
    assert text.startswith("Welcome to Sciatica Coach. I guide")
    assert "> no\nAMAZON.NoIntent\n" in text
    assert "Lie on your back. [3s] A mat" in text
    assert "\nLower back stretch, knees to the right\n" in text
    assert text.endswith("Goodbye. Your place is kept.\n")
    assert talk.log == [LEFT]


def test_one_turn_shows_what_was_understood_and_the_prompt(talk: Recorded) -> None:
    console = Console(file=io.StringIO(), width=40)
    talk.launch()
    talk.say("no")
    print_turn(talk.say("hamstring stretch, left leg"), console)
    lines = _tail(console).splitlines()
    assert lines[0] == "StretchIntent stretch=hamstring side=left"
    assert lines[-1].endswith("?")
    assert "[" not in lines[-1]


def test_the_playhead_says_what_is_on() -> None:
    def frame(ms: int, left: int) -> Frame:
        whole = DurationMs(1000)
        return Frame(
            "hold", "", DurationMs(ms), "", 1, 4, "", "", 1, whole, DurationMs(left), 0, whole, 100, False
        )

    head = Playhead([frame(400, 1000), frame(600, 600)])
    assert head.length == 1000
    shown = [head.at(ms) for ms in (0, 399, 400, 999)]
    assert [(s.elapsed, s.hold_left) for s in shown if s] == [(0, 1), (399, 1), (0, 1), (599, 1)]
    assert head.at(1000) is None
    assert Playhead([]).at(0) is None


@pytest.mark.parametrize(
    ("keys", "lines", "draft"),
    [
        ("no\n", ["no"], ""),
        ("one\rtwo\rth", ["one", "two"], "th"),
        ("nx\x7fo", [], "no"),
        ("scrap\x15yes", [], "yes"),
        ("\x1b[A\x1b[3~\x1bOHup", [], "up"),
        ("\x7f", [], ""),
        ("x\x04", [], "x"),
    ],
)
def test_a_line_is_edited_as_in_any_terminal(keys: str, lines: list[str], draft: str) -> None:
    typed = Draft()
    assert typed.type(keys) == lines
    assert typed.text == draft


def test_ctrl_d_on_an_empty_line_ends() -> None:
    with pytest.raises(EOFError):
        Draft().type("\x04")


def test_the_keyboard_does_not_echo() -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "r+b", buffering=0) as raw, io.TextIOWrapper(raw) as tty, Keyboard(tty) as keyboard:
        os.write(ours, "na\u00efve".encode())
        assert keyboard.line(1) is None
        assert keyboard.draft == "na\u00efve"
        os.write(ours, b"\nyes\n")
        assert [keyboard.line(1), keyboard.line(1), keyboard.line(0)] == ["na\u00efve", "yes", None]
        os.write(theirs, b"seen")
        assert os.read(ours, 100) == b"seen"
    os.close(ours)
