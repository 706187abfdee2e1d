"""Is this request from Alexa? Checked on the raw body, before anything in it is read.

The SDK's own verifier cannot be imported on OpenSSL 3.0.10 and later (oscrypto 1.3.0 cannot read
a two-digit patch number). It can take this module's place once oscrypto > 1.3.0 is on the index.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from http.client import HTTPException

from ask_sdk_model import RequestEnvelope
from ask_sdk_webservice_support import verifier_constants as amazon
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, DNSName, load_pem_x509_certificates
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from werkzeug.datastructures import Headers

from skill.web.certificates import amazons

_SIGNATURE = "Signature-256"
_MOST_CACHED = 16


class RefusedError(Exception):
    """A request that is not proven to come from Alexa; the message is for the log only."""


class Verifier:
    """Checks signatures against chains that `fetch` gets and `roots` vouch for."""

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        roots: Sequence[Certificate],
        clock: Callable[[], datetime],
    ) -> None:
        self._fetch, self._store, self._clock = fetch, Store(list(roots)), clock
        self._keys: dict[str, tuple[RSAPublicKey, datetime]] = {}

    def check_signature(self, headers: Headers, body: bytes) -> None:
        """Raises RefusedError unless `body` is signed by Alexa."""
        url = amazons(headers.get(amazon.SIGNATURE_CERT_CHAIN_URL_HEADER, ""))
        if url is None:
            raise RefusedError("the certificate URL is not Amazon's")
        try:
            signature = base64.b64decode(headers.get(_SIGNATURE, ""), validate=True)
        except ValueError:
            raise RefusedError("the signature is not base64") from None
        try:
            self._key(url).verify(signature, body, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise RefusedError("the signature does not match the body") from None

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
            raise RefusedError("the request has no timestamp")
        if abs((self._clock() - made).total_seconds()) * 1000 > tolerance_ms:
            raise RefusedError("the timestamp is too far from now")

    def _key(self, url: str) -> RSAPublicKey:
        """The signing key behind `url`, remembered until its certificate expires."""
        if cached := self._keys.get(url):
            key, expires = cached
            if self._clock() < expires:
                return key
        key, expires = self._verified(self._chain(url))
        if len(self._keys) >= _MOST_CACHED:
            self._keys.clear()
        self._keys[url] = (key, expires)
        return key

    def _chain(self, url: str) -> list[Certificate]:
        try:
            return load_pem_x509_certificates(self._fetch(url))
        except (OSError, HTTPException) as error:
            raise RefusedError(f"the certificate cannot be fetched: {error}") from None
        except ValueError:
            raise RefusedError("the certificate file is not PEM") from None

    def _verified(self, chain: list[Certificate]) -> tuple[RSAPublicKey, datetime]:
        """The key of the leaf, and when the first certificate on the way to the root expires."""
        policy = PolicyBuilder().store(self._store).time(self._clock())
        try:
            path = policy.build_server_verifier(DNSName(amazon.CERT_CHAIN_DOMAIN)).verify(chain[0], chain[1:])
        except (VerificationError, ValueError) as error:
            raise RefusedError(f"the certificate is not trusted: {error}") from None
        key = chain[0].public_key()
        if not isinstance(key, RSAPublicKey):
            raise RefusedError("the certificate's key is not RSA")
        return key, min(certificate.not_valid_after_utc for certificate in path)
