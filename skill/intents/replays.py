"""Replays: a request that comes again gets the answer of the first time, and moves nothing.

Alexa asks again where an answer was late, and whoever recorded a request may send it again for as long as
its timestamp is good. The answers of the last minutes are kept in the person's record, so they are saved
together with what they changed. Each is sealed with the id of its request, which is kept nowhere: what the
coach said to somebody is read by nobody else.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from ask_sdk_core.exceptions import AskSdkException
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import Request, Response
from ask_sdk_webservice_support import verifier_constants
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from skill.routine.units import EpochMs

TOLERANCE_MS = int(verifier_constants.MAX_NORMAL_REQUEST_TOLERANCE_IN_MILLIS)
"""How long a request is good, by its timestamp, and how far ahead of our clock that may be."""
_SKEW_MS = 60_000
"""How far apart the clocks of two hosts may be."""
MOST_ANSWERS = 128
"""Of one person, in that time."""

_SERIALIZER = DefaultSerializer()
_NONCE = bytes(12)
"""A key seals one answer only."""


class Answer(NamedTuple):
    """What was answered: a response, and the session attributes that went with it, if they were changed."""

    response: Response
    attributes: dict[str, Any] | None


def find_answer(answers: Sequence[Any], request_id: str) -> Answer | None:
    """The answer to `request_id` among those in a record. What is not readable is none."""
    name = _digest(request_id, b"name").hex()
    for kept in answers:
        if isinstance(kept, list) and len(kept) == 3 and kept[0] == name:
            return _open(kept[2], request_id)
    return None


def with_answer(answers: Sequence[Any], request: Request, now: EpochMs, answer: Answer) -> list[Any]:
    """`answers` with the one to `request`, and without those that nobody may ask for any more."""
    made = request.timestamp
    ahead_ms = (made.timestamp() * 1000 - now) if made else 0
    until = round(now + min(max(ahead_ms, 0), TOLERANCE_MS) + TOLERANCE_MS)
    name = _digest(request.request_id, b"name").hex()
    good = [kept for kept in answers if _is_good(kept, now)]
    return [*good[-(MOST_ANSWERS - 1) :], [name, until, _seal(answer, request.request_id)]]


def _is_good(kept: Any, now: EpochMs) -> bool:
    """Whether it may still be asked for. What would be kept for longer than anything saw a clock jump."""
    whole = isinstance(kept, list) and len(kept) == 3 and isinstance(kept[1], int)
    return whole and now <= kept[1] <= now + 2 * TOLERANCE_MS + _SKEW_MS


def _seal(answer: Answer, request_id: str) -> str:
    plain = json.dumps([_SERIALIZER.serialize(answer.response), answer.attributes], separators=(",", ":"))
    sealed = AESGCM(_digest(request_id, b"key")).encrypt(_NONCE, zlib.compress(plain.encode()), None)
    return base64.b64encode(sealed).decode()


def _open(sealed: Any, request_id: str) -> Answer | None:
    try:
        plain = AESGCM(_digest(request_id, b"key")).decrypt(_NONCE, base64.b64decode(sealed), None)
        response, attributes = json.loads(zlib.decompress(plain))
        return Answer(_SERIALIZER.deserialize(json.dumps(response), Response), attributes)
    except (InvalidTag, TypeError, ValueError, zlib.error, AskSdkException):
        return None


def _digest(request_id: str, what: bytes) -> bytes:
    return blake2b(request_id.encode(), digest_size=16, person=what).digest()
