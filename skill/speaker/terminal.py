"""A conversation in the terminal: what a smart speaker does, in text and in real time."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from skill.render.screen import Frame
from skill.speaker.conversation import LEFT, LISTENING_MS, UNANSWERED, Answer, Conversation
from skill.speaker.display import Picture, print_turn, print_understood
from skill.speaker.keyboard import Keyboard
from skill.speaker.playhead import Playhead, Showing

_TICK_S = 0.1
_PAUSE = "AMAZON.PauseIntent"


class Typist(Protocol):
    """Whoever types."""

    @property
    def draft(self) -> str:
        """What has been typed of the next line."""

    def line(self, patience_s: float) -> str | None:
        """The next line, None if there is none within `patience_s`. Raises EOFError if none will come."""


def converse(
    conversation: Conversation,
    console: Console,
    *,
    source: TextIO | None = None,
    typist: Typist | None = None,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Talk until the person leaves with Ctrl-C or Ctrl-D; the place is kept.

    In a terminal, in real time: a line typed at any moment stops what is playing. Otherwise every line
    of `source` (standard input) is a turn, and the silences are written, not waited for.
    typist: types in the stead of `source`; now: seconds on the clock that times the answers.
    """
    source = source or sys.stdin
    try:
        if typist:
            _Talk(conversation, console, typist, now).run()
        elif console.is_terminal and source.isatty():
            with Keyboard(source) as keyboard:
                _Talk(conversation, console, keyboard, now).run()
        else:
            _read(conversation, console, source)
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        conversation.end(LEFT)
    console.print("Goodbye. Your place is kept.")


def _read(conversation: Conversation, console: Console, lines: Iterable[str]) -> None:
    print_turn(conversation.launch(), console)
    for line in lines:
        if line.strip():
            console.print(Text(f"> {line.strip()}", style="green"), soft_wrap=True)
            print_turn(conversation.say(line.strip()), console)


@dataclass
class _Talk:
    """A conversation in real time."""

    conversation: Conversation
    console: Console
    typist: Typist
    now: Callable[[], float]
    words: str = ""
    place: Showing | None = None
    paused: bool = False
    live: Live = field(init=False)

    def run(self) -> None:
        """Take turns until the typist leaves."""
        with Live(console=self.console, auto_refresh=False, transient=True) as self.live:
            answer = self.conversation.launch()
            while True:
                line = self._perform(answer)
                self.console.print(Text(f"> {line}", style="green"))
                answer = self.conversation.say(line)
                print_understood(answer.heard, self.console)

    def _perform(self, answer: Answer) -> str:
        """Play `answer`, listen, ask again, listen, end; until something is said, which is returned."""
        self.paused = answer.heard is not None and answer.heard.intent == _PAUSE
        line = self._play(answer.frames)
        if not line and not answer.ends:
            line = self._listen() or self._play(answer.reprompt) or self._listen()
            if not line:
                self.conversation.end(UNANSWERED)
        return line or self._wait()

    def _play(self, frames: tuple[Frame, ...]) -> str:
        head, began = Playhead(frames), self.now()
        while showing := head.at(round((self.now() - began) * 1000)):
            self._show(showing)
            left = showing.frame.ms - showing.elapsed
            if line := self._hear("Paused" if self.paused else "", min(left / 1000, _TICK_S)):
                return line
        return ""

    def _show(self, showing: Showing) -> None:
        """A pause leaves the place as it is."""
        self.words = showing.frame.text or self.words
        if not self.paused:
            self.place = showing if showing.in_routine else None

    def _listen(self) -> str:
        """Listen as long as a device does, and longer while something is being typed."""
        end = self.now() + LISTENING_MS / 1000
        while (left := end - self.now()) > 0 or self.typist.draft:
            if line := self._hear("Listening\u2026", min(left, _TICK_S) if left > 0 else _TICK_S):
                return line
        return ""

    def _wait(self) -> str:
        self.place, self.paused = None, False
        while not (line := self._hear("Say something to go on, Ctrl-D to leave", 60)):
            pass
        return line

    def _hear(self, status: str, patience_s: float) -> str:
        picture = Picture(self.words, self.place, status, self.typist.draft)
        self.live.update(picture, refresh=True)
        return (self.typist.line(patience_s) or "").strip()
