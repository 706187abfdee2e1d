"""Amazon's signing certificates: where they may come from, and who may have issued them."""

import posixpath
import re
import ssl
import warnings
from collections.abc import Iterator
from functools import cache
from http.client import HTTPMessage
from pathlib import Path
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

import certifi
from ask_sdk_webservice_support import verifier_constants as amazon
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, InvalidVersion, load_pem_x509_certificate

LARGEST = 64 * 1024
"""Bytes in a file of certificates, at most. Amazon's has about 6,000."""

_TIMEOUT_S = 1.5
_LONGEST_URL = 2_000
_URL = re.compile(
    rf"{amazon.CERT_CHAIN_URL_PROTOCOL}://{re.escape(amazon.CERT_CHAIN_URL_HOSTNAME)}"
    rf"(?::{amazon.CERT_CHAIN_URL_PORT})?(/[A-Za-z0-9._/-]+)",
    re.ASCII | re.IGNORECASE,
)
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def amazons(url: str) -> str | None:
    """`url` in its plain form, if it is one that Amazon publishes its signing chains at; else None.

    Only what needs no decoding is let through: no two programs read it differently.
    """
    matched = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
    path = posixpath.normpath(matched[1]) if matched else ""
    if not path.startswith(amazon.CERT_CHAIN_URL_STARTPATH):
        return None
    return f"{amazon.CERT_CHAIN_URL_PROTOCOL}://{amazon.CERT_CHAIN_URL_HOSTNAME}{path}"


def fetch_chain(url: str) -> bytes:
    """The file at `url`, which must be Amazon's. Raises OSError or http.client.HTTPException.

    Each address of the host, the handshake and the whole answer get 1.5 seconds each; finding
    the addresses takes as long as the system lets it. Who waits for all of this sets a time of their own.
    """
    try:
        with _opener().open(Request(url), timeout=_TIMEOUT_S) as response:  # noqa: S310
            body: bytes = response.read(LARGEST + 1)
    except HTTPError as error:
        error.close()
        raise OSError(f"HTTP status {error.code}") from None
    if len(body) > LARGEST:
        raise OSError("the certificate file is too large")
    return body


def blocks(pem: bytes) -> list[bytes]:
    """The certificates in a PEM file, each still in PEM, whatever stands between them."""
    parts = (part.partition(_END) for part in pem.split(_BEGIN)[1:])
    return [_BEGIN + body + end for body, end, _ in parts if end]


def readable(pems: list[bytes]) -> Iterator[Certificate]:
    """Those of `pems` that are certificates. What cannot be read cannot vouch for anything either."""
    for pem in pems:
        try:
            yield load_pem_x509_certificate(pem)
        except (ValueError, InvalidVersion):
            continue


@cache
def system_roots() -> tuple[Certificate, ...]:
    """The roots that browsers trust, as certifi packs them. A few have odd serial numbers: no matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return tuple(readable(blocks(Path(certifi.where()).read_bytes())))


@cache
def _opener() -> OpenerDirector:
    """Through the proxy that the environment names, if any; trusting what the system or certifi trusts."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = _Hurried
    return build_opener(_NoRedirect, HTTPSHandler(context=context))


class _Hurried(ssl.SSLSocket):
    """Gives up on an answer that takes too long as a whole, however steadily it drips."""

    _ends: float | None = None

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self._ends = self._ends or monotonic() + _TIMEOUT_S
        left_s = self._ends - monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer takes too long")
        self.settimeout(left_s)
        return super().recv_into(buffer, nbytes, flags)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """No redirect is followed: urllib raises HTTPError, an OSError, instead."""
        return
