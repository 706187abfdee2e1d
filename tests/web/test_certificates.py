"""Fetching a file from a host that may be anybody, over real TLS; and the roots that vouch for it."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from urllib.error import URLError

import certifi
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from skill.web import certificates
from skill.web.certificates import LARGEST, blocks, fetch_chain, readable, system_roots
from tests.web.authority import URL, Signer, authority, issue, pem_of
from tests.web.forgeries import noise

HOST = "s3.amazonaws.com"
DAY = timedelta(days=1)
YESTERDAY = datetime.now(UTC).replace(microsecond=0) - DAY
Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Host:
    """Whoever answers for s3.amazonaws.com."""

    listening: socket.socket
    answer: Answer = b""
    asked: list[bytes] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def serve(self, context: ssl.SSLContext) -> None:
        """One connection after another, until it is closed."""
        while True:
            connection, _ = self.listening.accept()
            if self.closing.is_set():
                connection.close()
                return
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                self.asked.append(secure.recv(65_536))
                if callable(self.answer):
                    self.answer(secure)
                else:
                    secure.sendall(self.answer)
                secure.unwrap()


@contextmanager
def serving(signer: Signer, folder: Path) -> Iterator[Host]:
    """A host that shows the certificate of `signer`."""
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "host.pem").write_bytes(key + pem_of(signer))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "host.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = Host(listening)
        thread = threading.Thread(target=host.serve, args=(context,))
        thread.start()
        try:
            yield host
        finally:
            host.closing.set()
            with socket.socket() as last:
                last.connect(listening.getsockname())
            thread.join()


@pytest.fixture
def root() -> Signer:
    """The only one that is trusted, besides the system's."""
    return issue("web root", None, authority=True, start=YESTERDAY)


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Signer) -> Iterator[Callable[[Host], None]]:
    """Leads whoever looks for Amazon's host to another."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(pem_of(root))
    monkeypatch.setattr(certifi, "where", lambda: str(trusted))
    certificates._opener.cache_clear()

    def to(host: Host) -> None:
        def look_up(name: str, port: int, *_: object) -> list[tuple[object, ...]]:
            assert (name, port) == (HOST, 443)
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", host.listening.getsockname())]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    yield to
    certificates._opener.cache_clear()


def server(root: Signer, name: str = HOST, **options: object) -> Signer:
    """A certificate for a server."""
    made: dict[str, object] = {"start": YESTERDAY, "names": [name], **options}
    return issue("server", root, authority=False, **made)  # type: ignore[arg-type]


@pytest.fixture
def host(root: Signer, lead: Callable[[Host], None], tmp_path: Path) -> Iterator[Host]:
    """A host that is trusted."""
    with serving(server(root), tmp_path) as host:
        lead(host)
        yield host


def http(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A response that says how long it is."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "Connection: close", "", "")
    return "\r\n".join(lines).encode() + body


def endless(part: bytes, begin: bytes = b"") -> Callable[[socket.socket], None]:
    """Sends until nobody listens."""

    def send(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(part)

    return send


def silent(connection: socket.socket) -> None:
    """Waits until the other side has had enough."""
    connection.recv(1)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (http(b"a chain"), b"a chain"),
        (http(), b""),
        (http(b"x" * LARGEST), b"x" * LARGEST),
        (CHUNKED, b"abcde"),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", b"abc"),
    ],
    ids=["usual", "empty", "64 KB", "chunked", "HTTP/1.0"],
)
def test_what_is_published_is_fetched(host: Host, answer: bytes, body: bytes) -> None:
    host.answer = answer
    assert fetch_chain(URL) == body
    (asked,) = host.asked
    assert asked.startswith(b"GET /echo.api/echo-api-cert-7.pem HTTP/1.1\r\n")
    assert b"\r\nHost: s3.amazonaws.com\r\n" in asked


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (http(b"x" * (LARGEST + 1)), "too large"),
        (endless(b"x" * 8_192, b"HTTP/1.1 200 OK\r\n\r\n"), "too large"),
        *(
            (http(b"", f"{status} Moved", f"Location: {URL}"), f"HTTP status {status}")
            for status in (301, 302, 303, 307, 308)
        ),
        (http(b"", "302 Found", "Location: file:///etc/passwd"), "HTTP status 302"),
        (http(b"", "304 Not Modified"), "HTTP status 304"),
        (http(b"<Error/>", "403 Forbidden"), "HTTP status 403"),
        (http(b"", "503 Slow Down"), "HTTP status 503"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (b"", "closed connection"),
        (endless(b"x" * 8_192, b"HTTP/1.1 200 OK\r\nA: "), "header line"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_an_error(host: Host, answer: Answer, told: str) -> None:
    host.answer = answer
    with pytest.raises((OSError, HTTPException), match=told):
        fetch_chain(URL)
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "answer", [silent, endless(b"HTTP/1.1 100 Continue\r\n\r\n")], ids=["nothing", "100"]
)
def test_an_answer_that_never_comes_is_not_waited_for(
    host: Host, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "_TIMEOUT_S", 0.2)
    host.answer, began = answer, monotonic()
    with pytest.raises(TimeoutError):
        fetch_chain(URL)
    assert monotonic() - began < 5


@pytest.mark.parametrize(
    "show",
    [
        lambda root: server(root, "evil.com"),
        lambda root: server(root, start=YESTERDAY - 10 * DAY, lasts=DAY),
        lambda root: issue(HOST, None, authority=True, start=YESTERDAY, names=[HOST]),
        lambda _: server(issue("web root", None, authority=True, start=YESTERDAY, key=authority().root.key)),
    ],
    ids=["another name", "expired", "its own issuer", "a stranger named as ours"],
)
def test_a_host_that_is_not_amazons_is_not_even_asked(
    lead: Callable[[Host], None], root: Signer, tmp_path: Path, show: Callable[[Signer], Signer]
) -> None:
    with serving(show(root), tmp_path) as host:
        lead(host)
        with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch_chain(URL)
        assert host.asked == []


def test_a_host_that_is_not_there(lead: Callable[[Host], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(URLError, match="no such name"):
        fetch_chain(URL)


def test_the_roots_are_those_of_browsers() -> None:
    names = {root.subject.rfc4514_string() for root in system_roots()}
    assert len(names) > 50
    assert sum("Amazon Root CA" in name for name in names) == 4


def test_a_root_that_cannot_be_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "roots.pem"
    file.write_bytes(
        b"# Issuer: nobody\n" + noise() + pem_of(authority().root) + b"-----BEGIN CERTIFICATE-----\n"
    )
    monkeypatch.setattr(certifi, "where", lambda: str(file))
    assert system_roots.__wrapped__() == (authority().root.certificate,)


def test_a_block_that_never_ends_takes_no_other_with_it() -> None:
    begins = b"-----BEGIN CERTIFICATE-----\nAAAA\n"
    good = pem_of(authority().root)
    assert list(readable(blocks(begins + good + begins))) == [authority().root.certificate]
    assert blocks(begins * 1_000) == []
