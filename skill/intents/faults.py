"""Telling the log of what went wrong, without a word that anybody said."""

from logging import LogRecord
from pathlib import Path
from traceback import walk_tb

import skill

_SKILL = Path(skill.__file__).parent


def told(error: BaseException) -> str:
    """The kind of `error`, the kind of its cause, and the last line of ours that it passed.

    Never its message or its traceback: both quote what was being worked on.
    """
    cause = f" from {_kind(error.__cause__)}" if error.__cause__ else ""
    places = [
        f" at {path.relative_to(_SKILL.parent)}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if (path := Path(frame.f_code.co_filename)).is_relative_to(_SKILL)
    ]
    return f"{_kind(error)}{cause}{places[-1] if places else ''}"


def tells_no_words(record: LogRecord) -> bool:
    """A filter for a logger of somebody else's: an exception is `told`, and what was said with it is not."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = "a request failed: %s", (told(record.exc_info[1]),)
        record.exc_info = None
    return True


def _kind(error: BaseException) -> str:
    return type(error).__qualname__
