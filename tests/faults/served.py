"""Real `sciatica-coach serve` processes on a file, and what asks them."""

import json
import multiprocessing
import os
import re
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from skill.cli import main
from skill.intents.turn import utc_now
from tests.intents.alexa import SECRET, Echo, Json

READY_WITHIN_S = 60
PATIENCE_S = 20
"""How long is waited for an answer; Alexa waits 8 s."""

_NONE: Mapping[str, str] = {}
_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """What came back, and how long that took."""

    status: int
    body: Json
    took_s: float

    @property
    def turn(self) -> int:
        """The number of the turn."""
        return int(self.body["sessionAttributes"]["device"]["turn"])


@dataclass
class Served:
    """A server that runs."""

    process: BaseProcess
    port: int
    log: Path

    def post(self, body: Json | bytes, headers: Mapping[str, str] = _JSON) -> Answer:
        """One turn. Raises one of GONE where the server is gone."""
        begun = monotonic()
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, answered = self._ask("POST", "/alexa", raw, headers)
        return Answer(status, json.loads(answered), monotonic() - begun)

    def get(self, path: str) -> str:
        """What is at `path`."""
        return self._ask("GET", path)[1]

    def counted(self, name: str, label: str = "") -> float:
        """The sum of a counter in its metrics, over all labels, or all that have this one."""
        counts = re.findall(rf"^{name}_total({{.*}})? (\S+)$", self.get("/metrics"), re.MULTILINE)
        return sum(float(count) for labels, count in counts if label in labels)

    def replays(self) -> float:
        """How many turns it gave their first answer again."""
        return self.counted("sciatica_turns", 'outcome="replayed"')

    def kill(self) -> None:
        """kill -9, the worker with its master: nothing is told, nothing is tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        self.process.close()

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = _NONE
    ) -> tuple[int, str]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.read().decode()
        finally:
            line.close()


GONE = (OSError, HTTPException, ValueError)
"""What is raised where a server has been killed; a torn answer is no JSON."""


def device(user: str, name: str = "kitchen") -> Echo:
    """A device that makes bodies for a server; it has no skill of its own."""
    return Echo(None, utc_now, user=user, device=name)  # type: ignore[arg-type]


@cache
def processes() -> ForkServerContext:
    """Starts processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@contextmanager
def serving(folder: Path, name: str = "server", *, ready: bool = True) -> Iterator[Served]:
    """`sciatica-coach serve --no-verify` on the store in `folder`; killed at the end if not before."""
    port, log = free_port(), folder / f"{name}.log"
    process = processes().Process(target=_serve, args=(str(folder), port, str(log)))
    process.start()
    server = Served(process, port, log)
    try:
        if ready:
            await_ready(server)
        yield server
    finally:
        with suppress(ValueError):  # killed already
            server.kill()


def await_ready(server: Served) -> None:
    """Wait until it answers."""
    end = monotonic() + READY_WITHIN_S
    while monotonic() < end and server.process.is_alive():
        with suppress(OSError, HTTPException):
            if "ready" in server.get("/readyz"):
                return
        server.process.join(0.01)
    raise AssertionError(f"never ready: {server.log.read_text('utf-8')}")


def store_in(folder: Path) -> Path:
    """The file that servers on `folder` keep places in."""
    return folder / "coach.sqlite3"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(folder: str, port: int, log: str) -> None:
    os.setsid()
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ |= {
        "SCIATICA_STORE": f"sqlite:///{store_in(Path(folder))}",
        "SCIATICA_AUDIO": f"{folder}/audio",
        "SCIATICA_SECRET": SECRET,
    }
    main(["serve", "--no-verify", "--port", str(port)])
