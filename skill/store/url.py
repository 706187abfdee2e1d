"""The address of a store: as it may be told, and the file that it names."""

import re
from pathlib import Path

_USER = re.compile(r"(?P<before>^(?:[\w+.-]+://)?+[^:]*):.*@", re.DOTALL)
_PASSWORD = "".join(f"(?:{letter}|%{ord(letter):x}|%{ord(letter) - 32:x})" for letter in "password")
_OPTION = re.compile(rf"(?P<before>{_PASSWORD}\s*=\s*)(?:'[^']*'?|[^\s&]*)", re.IGNORECASE)


def told_url(url: str) -> str:
    """`url` without its password, for people and for logs; whatever might be one is told as ***."""
    if url.startswith("sqlite:"):
        return url
    return _OPTION.sub(r"\g<before>***", _USER.sub(r"\g<before>:***@", url))


def file_of(url: str) -> Path | None:
    """The file that `url` names; None for a store that is no file."""
    path = url.removeprefix("sqlite:///")
    return Path(path) if path and path != url else None
