"""The log on standard error: lines for people, or JSON for machines."""

import logging

from pythonjsonlogger.json import JsonFormatter

from skill.intents.faults import tells_no_words

_FIELDS = {"levelname": "level", "name": "logger", "message": "message", "process": "process"}


def set_up(form: str) -> None:
    """Log warnings and errors of this process, those of its libraries among them.

    form: `text`, or `json`: one object a line. An exception is told by its kind and its place, whoever
    logs it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_json() if form == "json" else _text())
    handler.addFilter(tells_no_words)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _text() -> logging.Formatter:
    return logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def _json() -> logging.Formatter:
    """`time` is RFC 3339, in UTC."""
    return JsonFormatter(list(_FIELDS), style="%", rename_fields=_FIELDS, timestamp="time")
