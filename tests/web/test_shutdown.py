"""A real `serve` that is told to stop: who is in is answered, nobody else gets in, and it ends in time."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

import pytest

from skill.web.worker import ANSWER_S, LEAVE_S, STOP_S
from tests.faults.served import device, free_port
from tests.intents.alexa import Json
from tests.test_cli import wait_until_it_listens
from tests.web.stopping import FOR_GOOD

ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 20
MARGIN_S = 3.0
"""What a busy machine may take longer, the looks at the clock once a second included."""
TURNS = 8
LAUNCH = {"type": "LaunchRequest"}


@dataclass
class Stopping:
    """A server that is about to be stopped."""

    process: "subprocess.Popen[bytes]"
    port: int
    folder: Path

    def line(self) -> HTTPConnection:
        """A connection, kept alive."""
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def post(self, user: str) -> Json:
        """What a launch is answered, whole."""
        with closing(self.line()) as line:
            line.request("POST", "/alexa", json.dumps(device(user).body(LAUNCH)))
            response = line.getresponse()
            assert response.status == 200
            answer: Json = json.loads(response.read())
            return answer

    def in_flight(self) -> int:
        """How many turns are being answered."""
        with closing(self.line()) as line:
            text = asked(line, "/metrics")[1]
        (number,) = re.findall(r"^sciatica_turns_in_flight (\S+)$", text, re.MULTILINE)
        return round(float(number))

    def ends(self) -> float:
        """After how many seconds it has ended; with 0, the store closed, and not a word from gunicorn."""
        begun = monotonic()
        assert self.process.wait(STOP_S + MARGIN_S) == 0
        took_s = monotonic() - begun
        log = (self.folder / "log").read_text("utf-8")
        assert "gunicorn" not in log, log
        assert "Traceback" not in log, log
        assert (self.folder / "closed").exists()
        return took_s

    @property
    def worker(self) -> int:
        """The process id of the worker."""
        master = self.process.pid
        (pid,) = Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()
        return int(pid)


def asked(line: HTTPConnection, path: str) -> tuple[int, str]:
    """The status and the text of a GET."""
    line.request("GET", path)
    response = line.getresponse()
    return response.status, response.read().decode()


def until(true: Callable[[], bool]) -> None:
    """Come back once that is so."""
    end = monotonic() + PATIENCE_S
    while not true():
        assert monotonic() < end
        sleep(0.01)


def refuses(port: int) -> bool:
    """Whether a new connection is refused."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def stored(folder: Path) -> int:
    """How many people there are in the store."""
    with closing(sqlite3.connect(folder / "coach.sqlite3")) as connection:
        return int(connection.execute("select count(*) from person").fetchone()[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Stopping]:
    """One that answers; killed at the end, with its worker, if it has not ended by then."""
    with stopping(tmp_path) as server:
        yield server


@contextmanager
def stopping(folder: Path) -> Iterator[Stopping]:
    """The same, on a store that may be held up from the beginning."""
    port = free_port()
    command = [sys.executable, "-m", "tests.web.stopping", str(port), str(folder)]
    settings = {"XDG_DATA_HOME": str(folder), "SCIATICA_STORE": f"sqlite:///{folder}/coach.sqlite3"}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            wait_until_it_listens(process, port)
            server = Stopping(process, port, folder)
            until(lambda: "alive" in get_or_nothing(server, "/healthz"))
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def get_or_nothing(server: Stopping, path: str) -> str:
    """What is at `path`; "" while nobody answers."""
    with closing(server.line()) as line, suppress(OSError, HTTPException):
        return asked(line, path)[1]
    return ""


def terminate(server: Stopping) -> None:
    """As a supervisor does."""
    os.kill(server.process.pid, signal.SIGTERM)


def terminate_twice(server: Stopping) -> None:
    """As an impatient one does, or one that tells all processes of a group."""
    terminate(server)
    os.killpg(server.process.pid, signal.SIGTERM)


def press_ctrl_c(server: Stopping) -> None:
    """A terminal tells the whole group."""
    os.killpg(server.process.pid, signal.SIGINT)


def close_the_terminal(server: Stopping) -> None:
    """So does one that goes away."""
    os.killpg(server.process.pid, signal.SIGHUP)


@pytest.mark.parametrize("stop", [terminate, terminate_twice, press_ctrl_c, close_the_terminal])
def test_turns_in_flight_are_answered_and_stored_and_nobody_else_gets_in(
    server: Stopping, stop: Callable[[Stopping], None]
) -> None:
    held = server.folder / "held"
    with closing(server.line()) as kept, ThreadPoolExecutor(TURNS) as pool:
        assert asked(kept, "/readyz") == (200, '{"status":"ready"}\n')
        held.touch()
        answers = [pool.submit(server.post, f"amzn1.ask.account.{nth}") for nth in range(TURNS)]
        until(lambda: server.in_flight() == TURNS)
        stop(server)
        until(lambda: refuses(server.port))
        assert asked(kept, "/readyz") == (503, '{"status":"stopping"}\n')
        assert not any(answer.done() for answer in answers)
        assert stored(server.folder) == 0
        held.unlink()
        for answer in answers:
            assert "Welcome" in json.dumps(answer.result())
    assert server.ends() < MARGIN_S
    assert stored(server.folder) == TURNS


def test_who_is_idle_or_slow_or_listens_holds_up_no_stop_for_long(server: Stopping) -> None:
    with ExitStack() as stay:
        idle = stay.enter_context(closing(server.line()))
        assert asked(idle, "/healthz")[0] == 200
        clients = [socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) for _ in range(3)]
        silent, half, player = map(stay.enter_context, clients)
        half.sendall(b"POST /alexa HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        player.sendall(b"GET /long/audio/x.mp3 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert player.recv(1_000).startswith(b"HTTP/1.1 200 ")
        terminate(server)
        assert server.ends() < LEAVE_S + MARGIN_S
        for client in (silent, half):
            assert client.recv(1_000) == b""
    assert LEAVE_S + MARGIN_S < ANSWER_S < STOP_S < 10  # what a container gets


def test_who_has_connected_but_is_not_let_in_yet_is_answered(server: Stopping) -> None:
    worker = server.worker
    os.kill(worker, signal.SIGSTOP)
    try:
        waiting = [socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) for _ in range(TURNS)]
        for client in waiting:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        terminate(server)
    finally:
        os.kill(worker, signal.SIGCONT)
    for client in waiting:
        assert client.recv(12) == b"HTTP/1.1 200"
        client.close()
    assert server.ends() < MARGIN_S


def test_a_store_that_never_comes_back_holds_up_no_stop(tmp_path: Path) -> None:
    (tmp_path / "held").write_text(FOR_GOOD, "utf-8")
    with stopping(tmp_path) as server:
        assert "Welcome" in json.dumps(server.post("amzn1.ask.account.A"))
        terminate(server)
        assert server.ends() < MARGIN_S
    assert stored(tmp_path) == 0


def test_a_worker_that_is_killed_is_replaced_and_the_place_is_kept(server: Stopping) -> None:
    first = server.post("amzn1.ask.account.A")
    killed = server.worker
    os.kill(killed, signal.SIGKILL)
    until(lambda: "ready" in get_or_nothing(server, "/readyz"))
    assert server.worker != killed
    again = server.post("amzn1.ask.account.A")
    assert again["sessionAttributes"]["device"]["turn"] == first["sessionAttributes"]["device"]["turn"] + 1
    terminate(server)
    assert server.process.wait(STOP_S + MARGIN_S) == 0


def test_no_signal_makes_a_second_worker_or_master(server: Stopping) -> None:
    """The end of the worker is seen to after what came before it."""
    killed = server.worker
    for ask in (signal.SIGTTIN, signal.SIGUSR2):
        os.kill(server.process.pid, ask)
    os.kill(killed, signal.SIGKILL)
    until(lambda: "ready" in get_or_nothing(server, "/readyz"))
    assert server.worker != killed, "and it is the only one"
    terminate(server)
    assert server.process.wait(STOP_S + MARGIN_S) == 0


def test_a_worker_whose_master_is_killed_leaves(server: Stopping) -> None:
    server.process.kill()
    server.process.wait(PATIENCE_S)
    until(lambda: refuses(server.port))
    until(lambda: (server.folder / "closed").exists())
