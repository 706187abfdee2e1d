"""Amazon's signing certificates: where they may come from, and who may have issued them."""

import posixpath
import re
import warnings
from functools import cache
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import certifi
from ask_sdk_webservice_support import verifier_constants as amazon
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, load_pem_x509_certificates

_TIMEOUT_S = 2.0
_LARGEST = 64 * 1024


def amazons(url: str) -> str | None:
    """`url` in its plain form, if it is one that Amazon publishes its signing chains at; else None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    path = posixpath.normpath(parts.path)
    good = (
        parts.scheme.lower() == amazon.CERT_CHAIN_URL_PROTOCOL
        and (parts.hostname or "").lower() == amazon.CERT_CHAIN_URL_HOSTNAME
        and port in (None, amazon.CERT_CHAIN_URL_PORT)
        and "@" not in parts.netloc
        and _PLAIN.fullmatch(parts.path)
        and not parts.query
        and not parts.fragment
        and path.startswith(amazon.CERT_CHAIN_URL_STARTPATH)
    )
    return f"https://{amazon.CERT_CHAIN_URL_HOSTNAME}{path}" if good else None


_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def fetch_chain(url: str) -> bytes:
    """The PEM file at `url`, which must be Amazon's. Raises OSError."""
    with build_opener(_NoRedirect).open(Request(url), timeout=_TIMEOUT_S) as response:  # noqa: S310
        body: bytes = response.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise OSError("the certificate file is too large")
    return body


@cache
def system_roots() -> tuple[Certificate, ...]:
    """The roots that browsers trust, as certifi packs them. A few have odd serial numbers: no matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return tuple(load_pem_x509_certificates(Path(certifi.where()).read_bytes()))


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """No redirect is followed: urllib raises HTTPError, an OSError, instead."""
        return
