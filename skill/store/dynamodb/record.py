"""How a record stands in an item of DynamoDB: as JSON, packed, for each KiB that is written costs."""

import json
import zlib
from typing import Any

from ask_sdk_core.exceptions import PersistenceException

from skill.store.failures import UnreadableRecordError

RECORD = "record"
"""The sort key of a person's record."""
_MOST_BYTES = 380_000
"""DynamoDB takes items of 400 KiB; the counts of a few days have to go in, too."""
_UNREADABLE = (KeyError, TypeError, ValueError, RecursionError, zlib.error)


def packed(record: dict[str, Any]) -> bytes:
    """`record` as it is stored. Raises PersistenceException for what is no JSON, or too big."""
    try:
        data = zlib.compress(json.dumps(record, separators=(",", ":")).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise PersistenceException(f"store: the record is no JSON: {type(error).__name__}") from error
    if len(data) > _MOST_BYTES:
        raise PersistenceException(
            f"store: the record takes {len(data)} bytes; DynamoDB takes {_MOST_BYTES} at most"
        )
    return data


def unpacked(item: dict[str, Any], revision: int) -> dict[str, Any]:
    """The record in `item`. Raises UnreadableRecordError, with that revision."""
    try:
        record = json.loads(zlib.decompress(item["record"]["B"]))
    except _UNREADABLE:
        record = None
    if not isinstance(record, dict):
        raise UnreadableRecordError("store: the record is damaged", revision)
    return record
