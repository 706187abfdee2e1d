"""How a record stands in an item of DynamoDB: packed, for each KiB that is written costs."""

import zlib
from typing import Any

from skill.store.failures import RefusedError
from skill.store.record import read

RECORD = "record"
"""The sort key of a person's record."""
_MOST_BYTES = 380_000
"""DynamoDB takes items of 400 KiB; the counts of a few days have to go in, too."""


def packed(text: str) -> bytes:
    """A record as it is stored. Raises RefusedError where it is too big."""
    data = zlib.compress(text.encode())
    if len(data) > _MOST_BYTES:
        raise RefusedError(f"store: the record takes {len(data)} bytes; DynamoDB takes {_MOST_BYTES} at most")
    return data


def unpacked(item: dict[str, Any], revision: int) -> dict[str, Any]:
    """The record in `item`. Raises UnreadableRecordError, with that revision."""
    try:
        text = zlib.decompress(item["record"]["B"])
    except (KeyError, TypeError, zlib.error):
        text = b""
    return read(text, revision)
