"""Is this request from Alexa? Checked on the raw body, before anything in it is read.

The SDK has a verifier of its own, but it cannot be imported on OpenSSL 3.0.10 and later (oscrypto
1.3.0 cannot read a two-digit patch number), and it lets through what this one refuses, and refuses
what is good: tests/web/test_sdk_verifier.py holds the list, and prints it. This module may go once
that list is empty and the import works unmended; the tests there fail when either changes.
"""

import binascii
from collections.abc import Callable
from datetime import datetime

from ask_sdk_model import RequestEnvelope
from ask_sdk_webservice_support import verifier_constants as amazon
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.datastructures import Headers

from skill.web.certificates import amazons
from skill.web.keys import Keys
from skill.web.refusal import Refusal, RefusedError

_SIGNATURE = "Signature-256"
_LONGEST_SIGNATURE = 1_024
_SHORTEST_BYTES = 256  # RSA-2048
_PADDING, _HASH = PKCS1v15(), SHA256()


class Verifier:
    """Checks requests with Alexa's `keys`, by `clock`."""

    def __init__(self, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._keys, self._clock = keys, clock

    def check_signature(self, headers: Headers, body: bytes) -> None:
        """Raises RefusedError unless `body` is signed by Alexa. What costs least is checked first."""
        url = amazons(headers.get(amazon.SIGNATURE_CERT_CHAIN_URL_HEADER, ""))
        if url is None:
            raise RefusedError(Refusal.ADDRESS, "the certificate URL is not Amazon's")
        signature = _signature(headers.get(_SIGNATURE, ""))
        for signing in self._keys.of(url):
            try:
                return signing.key.verify(signature, body, _PADDING, _HASH)
            except InvalidSignature:
                continue
        raise RefusedError(Refusal.SIGNATURE, "the signature does not match the body")

    def check_timestamp(self, envelope: RequestEnvelope) -> None:
        """Raises RefusedError unless the request was made just now."""
        made = envelope.request.timestamp
        event = envelope.request.object_type in amazon.ALEXA_SKILL_EVENT_LIST
        tolerance_ms = (
            amazon.MAX_SKILL_EVENT_TOLERANCE_IN_MILLIS
            if event
            else amazon.MAX_NORMAL_REQUEST_TOLERANCE_IN_MILLIS
        )
        if made is None or made.tzinfo is None:
            raise RefusedError(Refusal.TIMESTAMP, "the request has no timestamp")
        if abs((self._clock() - made).total_seconds()) * 1000 > tolerance_ms:
            raise RefusedError(Refusal.TIMESTAMP, "the timestamp is too far from now")


def _signature(header: str) -> bytes:
    """The signature in `header`. Raises RefusedError where it cannot be one."""
    if len(header) > _LONGEST_SIGNATURE:
        header = ""
    try:
        signature = binascii.a2b_base64(header, strict_mode=True)
    except ValueError:
        signature = b""
    if len(signature) < _SHORTEST_BYTES:
        raise RefusedError(Refusal.SIGNATURE, "the header holds no signature")
    return signature
