"""The address of a store, as it may be told."""

import re

_USER = re.compile(r"(?P<before>^(?:[\w+.-]+://)?+[^:]*):.*@", re.DOTALL)
_OPTION = re.compile(r"(?P<before>password\s*=\s*)(?:'[^']*'?|[^\s&]*)", re.IGNORECASE)


def told_url(url: str) -> str:
    """`url` without its password, for people and for logs; whatever might be one is told as ***."""
    if url.startswith("sqlite:"):
        return url
    return _OPTION.sub(r"\g<before>***", _USER.sub(r"\g<before>:***@", url))
