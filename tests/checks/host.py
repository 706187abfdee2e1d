"""A host on this machine that can be got wrong in every way: https with a certificate of a test authority."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from skill.commands.checks.line import Ports
from skill.package.endpoint import Endpoint
from tests.web.authority import Authority, Signer, issue, pem_of

NAME = "localhost"
HERE = Endpoint(f"https://{NAME}/alexa", NAME, "/alexa")
PATIENCE_S = 10.0
"""For what answers: no machine is that busy."""
BRIEF_S = 0.1
"""For what never does."""
NOW = datetime.now(UTC)
HSTS = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True)
class Says:
    """One answer of the host. raw: what is sent instead, as it is. hangs: nothing is."""

    status: int = 404
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    raw: bytes = b""
    hangs: bool = False


WELL: Mapping[tuple[str, str], Says] = {
    ("POST", "/alexa"): Says(400, HSTS),
    ("GET", "/alexa"): Says(405, HSTS),
    ("GET", "/privacy"): Says(200, HSTS, b"# Privacy"),
}
"""What a host says that is as it should be; 404 to all else."""


def an_authority() -> Authority:
    """One whose certificates are good now, unlike those of requests in other tests."""
    start = NOW - timedelta(days=400)
    root = issue("host root", None, authority=True, start=start)
    return Authority(root, issue("host intermediate", root, authority=True, start=start))


AUTHORITY = an_authority()


def leaf(*names: str, days: float = 90) -> Signer:
    """A certificate for `names` that is good for so many days yet."""
    start = NOW - timedelta(days=200)
    return AUTHORITY.leaf(names, start, lasts=NOW + timedelta(days=days, hours=1) - start, name="host")


def trust(folder: Path) -> Path:
    """A file of the authority that is trusted, for SSL_CERT_FILE."""
    file = folder / "roots.pem"
    file.write_bytes(pem_of(AUTHORITY.root))
    return file


def tls(folder: Path, signer: Signer, *others: Signer, old: bool = False) -> ssl.SSLContext:
    """A server's side of TLS with `signer`, and `others` as its chain. old: TLS 1.1 alone."""
    file = folder / "served.pem"
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem_of(signer, *others) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(file)
    return context


class _Handler(BaseHTTPRequestHandler):
    """Says what it is told to."""

    def __init__(self, says: Callable[[str, str], Says], over: threading.Event, *rest: object) -> None:
        self._says, self._over = says, over
        super().__init__(*rest)  # type: ignore[arg-type]

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        says = self._says(self.command, self.path)
        if says.hangs:
            self._over.wait(20)
            return
        if says.raw:
            self.wfile.write(says.raw)
            return
        self.send_response(says.status)
        for name, value in {**says.headers, "Content-Length": str(len(says.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(says.body)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


class _Server(ThreadingHTTPServer):
    """With TLS, made in the thread of each connection."""

    tls: ssl.SSLContext | None = None

    def finish_request(self, request: object, client_address: object) -> None:
        line = request
        assert isinstance(line, socket.socket)
        with suppress(OSError):
            if self.tls:
                with self.tls.wrap_socket(line, server_side=True) as secured:
                    super().finish_request(secured, client_address)  # type: ignore[arg-type]
            else:
                super().finish_request(line, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)
        request.close()


@contextmanager
def serving(context: ssl.SSLContext | None, says: Callable[[str, str], Says]) -> Iterator[int]:
    """Serve on loopback; gives the port."""
    over = threading.Event()
    server = _Server(("127.0.0.1", 0), partial(_Handler, says, over))
    server.tls, server.daemon_threads = context, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def host(
    folder: Path, says: Mapping[tuple[str, str], Says] = WELL, context: ssl.SSLContext | None = None
) -> Iterator[Ports]:
    """The host, by its ports; nothing listens without TLS."""
    context = context or tls(folder, leaf(NAME), AUTHORITY.intermediate)
    with serving(context, lambda method, path: says.get((method, path), Says())) as port:
        yield Ports(port, closed_port())
