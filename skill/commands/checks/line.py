"""A connection to the host, and one question over it: bounded in time and size, whatever answers."""

import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage, IncompleteRead
from threading import Timer
from time import monotonic
from typing import NamedTuple

import certifi

PATIENCE_S = 5.0
"""For one connection, from the first packet to the last. Alexa gives up after 8 seconds."""

ROOTS_VARIABLE = "SSL_CERT_FILE"
_LARGEST = 64 * 1024


class Ports(NamedTuple):
    """Where a host is asked: Alexa asks with TLS, browsers may ask without."""

    tls: int = 443
    plain: int = 80


PORTS = Ports()


class NoAnswerError(Exception):
    """Nothing that can be read came back; the message says what came instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. took_ms: with the handshake."""

    status: int
    headers: HTTPMessage
    body: bytes
    took_ms: int


@dataclass(frozen=True, slots=True)
class Question:
    """An HTTP request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def trusting() -> ssl.SSLContext:
    """Trusts whom browsers trust, or the authorities in the file that SSL_CERT_FILE names. Raises OSError."""
    context = ssl.create_default_context(cafile=os.environ.get(ROOTS_VARIABLE) or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def connected(host: str, port: int, tls: ssl.SSLContext | None, patience_s: float) -> Iterator[socket.socket]:
    """A connection, with TLS if there is a context for it; hung up on after `patience_s` seconds, whoever
    talks. Raises OSError.
    """
    ends = monotonic() + patience_s
    # Half of it at an address: where the first of two is dead, the second can still answer.
    with socket.create_connection((host, port), patience_s / 2) as line:
        line.settimeout(patience_s)
        if tls:
            line = tls.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
        timer = Timer(max(0.0, ends - monotonic()), _hang_up, [line])
        timer.daemon = True
        timer.start()
        try:
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            yield line
        finally:
            timer.cancel()
            line.close()


def ask(
    host: str, port: int, question: Question, tls: ssl.SSLContext | None, patience_s: float = PATIENCE_S
) -> Answer:
    """The answer to `question`. Raises NoAnswerError."""
    begun = monotonic()

    def late() -> bool:
        return monotonic() - begun >= patience_s * 0.98

    try:
        with connected(host, port, tls, patience_s) as line:
            answer = _asked(HTTPConnection(host, port), line, question, begun)
    except TimeoutError:
        raise NoAnswerError(f"no answer within {patience_s:g} s") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswerError(f"no whole answer within {patience_s:g} s" if late() else told(error)) from None
    if late():
        raise NoAnswerError(f"no whole answer within {patience_s:g} s")
    return answer


def told(error: Exception) -> str:
    """`error`, for people."""
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {(error.reason or 'hung up').replace('_', ' ').lower()}"
    if isinstance(error, OSError):
        text = error.strerror or "no answer"
        return text[:1].lower() + text[1:]
    return "the answer broke off" if isinstance(error, IncompleteRead) else "what answers is no web server"


def _asked(web: HTTPConnection, line: socket.socket, question: Question, begun: float) -> Answer:
    web.sock = line
    headers = {"User-Agent": "sciatica-coach check", "Connection": "close", **question.headers}
    try:
        web.request(question.method, question.path, question.body, headers)
        response = web.getresponse()
        body = response.read(_LARGEST)
        if response.length and len(body) < _LARGEST:
            raise IncompleteRead(body, response.length)
        took_ms = round((monotonic() - begun) * 1000)
        return Answer(response.status, response.headers, body, took_ms)
    finally:
        web.close()


def _hang_up(line: socket.socket) -> None:
    """From another thread: the one that reads keeps its TLS, and meets an end."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
