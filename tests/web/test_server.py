"""The webhook as gunicorn serves it, over a real socket, to clients that are slow or rude."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import monotonic

import pytest

from skill.intents.turn import utc_now
from skill.store.sqlite import SqliteStore
from skill.web.headers import HEADERS
from skill.web.server import CONNECTIONS, THREADS
from tests.command import COMMAND
from tests.intents.alexa import Clock, Echo, skill_on
from tests.test_cli import wait_until_it_listens
from tests.web.serving import PARTING_S, PIECE, PIECES

ROOT = Path(__file__).parent.parent.parent
POST = b"POST /alexa HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@dataclass
class Served:
    """A server, and what it writes into its log."""

    port: int
    log: Path

    def connect(self) -> socket.socket:
        """A client."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, sent: bytes) -> tuple[int, bytes]:
        """The status and the whole of what is answered to `sent`, up to the end of the connection."""
        with self.connect() as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            answer = rest_of(client)
        return int(answer.split(b" ", 2)[1]), answer


def rest_of(client: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    pieces = []
    while piece := client.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def alive(client: socket.socket) -> bytes:
    """What a client gets that asks, and stays."""
    client.sendall(GET + b"\r\n")
    answer = b""
    while not answer.endswith(b'"alive"}\n'):
        piece = client.recv(65_536)
        assert piece
        answer += piece
    return answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server; when all is done, its log tells of nothing but what failed, by kind and place."""
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.web.serving", str(port)]
    settings = {"SCIATICA_STORE": f"sqlite:///{folder / 's.sqlite3'}", "XDG_DATA_HOME": str(folder)}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log) as server,
    ):
        try:
            wait_until_it_listens(server, port)
            yield Served(port, folder / "log")
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture
def launch(store: SqliteStore) -> bytes:
    """A good body, made now."""
    clock = Clock(utc_now())
    return json.dumps(Echo(skill_on(store, clock), clock).body({"type": "LaunchRequest"})).encode()


def chunk(piece: bytes) -> bytes:
    """One chunk of a body."""
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


@pytest.mark.parametrize("size", [100, 65_536])
def test_a_body_in_chunks(served: Served, launch: bytes, size: int) -> None:
    """Of up to 64 KiB; with a chunk of its own for each so many bytes."""
    launch += b" " * (65_536 - len(launch))
    pieces = (launch[start : start + size] for start in range(0, len(launch), size))
    status, answer = served.send(CHUNKED + b"".join(map(chunk, pieces)) + b"0\r\n\r\n")
    assert status == 200
    assert b"Welcome" in answer


@pytest.mark.parametrize("padding", [0, 1, 200_000])
def test_a_larger_one_is_refused(served: Served, launch: bytes, padding: int) -> None:
    """Though what fits would be a good body."""
    launch += b" " * (65_536 - len(launch))
    status, _ = served.send(CHUNKED + chunk(launch) + chunk(b" " + b" " * padding) + b"0\r\n\r\n")
    assert status == 413


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (CHUNKED + b"zz\r\nxx\r\n0\r\n\r\n", 400),
        (CHUNKED + b"5\r\nhello, it hurts\r\n0\r\n\r\n", 400),
        (CHUNKED + b"5\r\nhel", 400),
        (CHUNKED + b"10000\r\n" + b"x" * 65_536 + b"\r\n", 400),
        (POST + b"Transfer-Encoding: it-hurts\r\n\r\n", 501),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 65537\r\n\r\n", 413),
        (POST + b"Expect: it-hurts\r\n\r\n", 417),
        (b"it hurts\r\n\r\n", 400),
        (b"GET /healthz it-hurts\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n", 414),
        (GET + b"it hurts: me\r\n\r\n", 400),
        (GET + b"X: " + b"x" * 9_000 + b"\r\n\r\n", 431),
        (GET + b"".join(b"X-%d: x\r\n" % number for number in range(70)) + b"\r\n", 431),
        (GET.replace(b"localhost", b"it-hurts.example") + b"\r\n", 400),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_what_is_no_proper_request_gets_a_plain_answer(served: Served, sent: bytes, status: int) -> None:
    before = served.log.stat().st_size
    got, answer = served.send(sent)
    assert got == status
    head, _, body = answer.partition(b"\r\n\r\n")
    assert set(json.loads(body)) == {"error"}
    assert b"hurts" not in answer
    assert b"gunicorn/" not in head
    for name, value in (HEADERS | {"Cache-Control": "no-store"}).items():
        assert head.count(f"\r\n{name}: {value}".encode()) == 1
    log = served.log.read_bytes()[before:]
    assert b"hurts" not in log
    assert b"ERROR" not in log, "anybody could fill it"


SLOW_TO_ASK = [
    *(GET[:9], GET, POST, POST + b"Content-Length: 9\r\n\r\nit", CHUNKED + b"5\r\nhe"),
    CHUNKED.replace(b"POST", b"PUT") + b"5\r\nhe",
]


def test_who_takes_too_long_is_hung_up_on_and_who_listens_slowly_is_not(served: Served) -> None:
    """Slow to ask, or to take an answer that is no recording."""
    with served.connect() as listener, served.connect() as reader:
        listener.sendall(GET.replace(b"healthz", b"long/audio/x.mp3") + b"Connection: close\r\n\r\n")
        reader.sendall(GET.replace(b"healthz", b"no-recording") + b"Connection: close\r\n\r\n")
        slow = [served.connect() for _ in SLOW_TO_ASK]
        for client, beginning in zip(slow, SLOW_TO_ASK, strict=True):
            client.sendall(beginning)
        for client in slow:
            assert b" 200 " not in rest_of(client)
            client.close()
        assert rest_of(reader).count(PIECE[:1]) < len(PIECE) * PIECES
        assert rest_of(listener).count(PIECE[:1]) >= len(PIECE) * PIECES
    assert served.send(GET + b"\r\n")[0] == 200


def test_a_body_that_nobody_reads_is_not_waited_for(served: Served) -> None:
    with served.connect() as client:
        client.sendall(GET + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "asked", [GET + b"Connection: close\r\n\r\n", b"it hurts\r\n\r\n", GET + b"it hurts: me\r\n\r\n"]
)
def test_who_does_not_leave_holds_up_nobody(served: Served, asked: bytes) -> None:
    """Though gunicorn gives each of them two seconds, in which it does nothing else."""
    with ExitStack() as stay:
        for _ in range(5):
            client = stay.enter_context(served.connect())
            client.sendall(asked)
            assert client.recv(65_536).startswith(b"HTTP/1.1 ")
        began = monotonic()
        while monotonic() < began + 2 * PARTING_S:
            asked_at = monotonic()
            assert served.send(GET + b"\r\n")[0] == 200
            assert monotonic() - asked_at < 1


@pytest.mark.parametrize(
    ("head", "status"), [(POST + b"Content-Length: 300000\r\n\r\n", 413), (CHUNKED + b"zz\r\n", 400)]
)
def test_who_is_refused_while_sending_can_read_why(served: Served, head: bytes, status: int) -> None:
    with served.connect() as client:
        client.sendall(head)
        for _ in range(300):
            client.sendall(b"x" * 1_000)
        client.shutdown(socket.SHUT_WR)
        assert rest_of(client).startswith(b"HTTP/1.1 %d " % status)


def test_idle_connections_take_no_thread_and_not_every_connection(served: Served) -> None:
    """More than there are threads; the last are told to close, so that whoever is new gets in."""
    with ExitStack() as stay:
        first = stay.enter_context(served.connect())
        more = (stay.enter_context(served.connect()) for _ in range(THREADS + 20))
        told = [b"\r\nConnection: close\r\n" in alive(client) for client in chain((first,), more)]
        assert told[: CONNECTIONS - THREADS] == [False] * (CONNECTIONS - THREADS)
        assert told[-1]
        assert served.send(GET + b"\r\n")[0] == 200
        assert alive(first).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", [b"//metrics", b"///metrics", b"//healthz", b"//evil.example/metrics"])
def test_a_path_is_what_it_says_letter_by_letter(served: Served, path: bytes) -> None:
    assert served.send(GET.replace(b"/healthz", path) + b"\r\n")[0] == 404


def test_serve_says_where_it_listens_and_its_log_when(tmp_path: Path) -> None:
    command = [COMMAND, "serve", "--port", "0"]
    settings = {"XDG_DATA_HOME": str(tmp_path)}
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout
        said = server.stdout.readline()
        server.terminate()
        _, log = server.communicate(timeout=10)
    assert said == b"Sciatica Coach is listening: http://127.0.0.1:0/alexa\n"
    assert re.match(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING skill\.commands\.serve: ", log)


def test_an_answer_that_breaks_off_is_logged_by_its_kind(served: Served) -> None:
    status, answer = served.send(GET.replace(b"healthz", b"breaks/it-hurts") + b"\r\n")
    assert status == 200
    assert answer.endswith(b"so far so good\r\n")
    log = served.log.read_text("utf-8")
    assert "a request failed: ValueError\n" in log
    assert "hurts" not in log
    assert "Traceback" not in log
