"""Lines typed on a terminal, read without echo: what is on the screen meanwhile stays whole."""

import codecs
import os
import re
import select
import termios
import tty
from types import TracebackType
from typing import TextIO

_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?")
_ERASE, _ERASE_LINE, _END = "\x7f\b", "\x15", "\x04"


class Draft:
    """The line being typed."""

    def __init__(self) -> None:
        self.text = ""

    def type(self, keys: str) -> list[str]:
        """The lines that `keys` complete. Raises EOFError for Ctrl-D on an empty line."""
        lines = []
        for key in _ESCAPE.sub("", keys):
            if key in "\r\n":
                lines.append(self.text)
                self.text = ""
            elif key == _END and not self.text:
                raise EOFError
            else:
                self._edit(key)
        return lines

    def _edit(self, key: str) -> None:
        if key in _ERASE:
            self.text = self.text[:-1]
        elif key == _ERASE_LINE:
            self.text = ""
        elif key.isprintable():
            self.text += key


class Keyboard:
    """The keyboard of `terminal`, taken over while entered."""

    def __init__(self, terminal: TextIO) -> None:
        self._file = terminal.fileno()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._draft = Draft()
        self._lines: list[str] = []

    def __enter__(self) -> "Keyboard":
        self._before = termios.tcgetattr(self._file)
        tty.setcbreak(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    @property
    def draft(self) -> str:
        """What has been typed of the next line."""
        return self._draft.text

    def line(self, patience_s: float) -> str | None:
        """The next line, or None if `patience_s` seconds or a key pass without one. Raises EOFError."""
        if not self._lines and select.select([self._file], [], [], patience_s)[0]:
            keys = os.read(self._file, 1024)
            if not keys:
                raise EOFError
            self._lines += self._draft.type(self._decode(keys))
        return self._lines.pop(0) if self._lines else None
