"""Real `sciatica-coach serve` processes that verify every request, and Amazon's side of it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Protocol

from cryptography.x509 import load_pem_x509_certificate

from skill.cli import main
from skill.commands import serve
from skill.web import create_app
from tests.conversations.client import MovableClock
from tests.faults.served import Answer, Served, await_ready, free_port, processes
from tests.intents.alexa import SECRET, Json
from tests.web.authority import URL, authority, pem_of

MORNING = datetime(2027, 1, 15, 8, tzinfo=UTC)
LEFT_WITHIN_S = 20


class Seconds(Protocol):
    """A number that processes share."""

    value: float


@dataclass
class SharedClock(MovableClock):
    """Goes for the device and for every webhook."""

    now: datetime = MORNING
    shared: Seconds = field(default_factory=lambda: processes().Value("d", MORNING.timestamp()))

    def move(self, seconds: float) -> None:
        """Let time pass for all."""
        super().move(seconds)
        self.shared.value = self.now.timestamp()


@dataclass(frozen=True)
class Amazon:
    """What a process has to know to believe the tests: a root, and the file at URL."""

    root: bytes
    chain: bytes


@cache
def amazon() -> Amazon:
    """The tests' own, made once."""
    return Amazon(pem_of(authority().root), authority().pem(authority().leaf()))


def signature(raw: bytes) -> dict[str, str]:
    """The headers that Alexa sends with this body."""
    signed = authority().leaf().signature(raw)
    return {"SignatureCertChainUrl": URL, "Signature-256": signed, "Content-Type": "application/json"}


@dataclass
class Webhook:
    """A place where a webhook runs, now or later: it is always the same port, store and log."""

    settings: Mapping[str, str]
    clock: SharedClock
    log: Path
    port: int = field(default_factory=free_port)
    served: Served | None = None

    def start(self, *, ready: bool = True) -> None:
        """Run `sciatica-coach serve`."""
        given = (dict(self.settings), self.port, str(self.log), self.clock.shared, amazon())
        process = processes().Process(target=_serve, args=given)
        process.start()
        self.served = Served(process, self.port, self.log)
        if ready:
            await_ready(self.served)

    def post(self, body: Json) -> Answer:
        """One turn, signed. Raises one of GONE where it is gone."""
        assert self.served
        raw = json.dumps(body).encode()
        return self.served.post(raw, signature(raw))

    def stop(self) -> None:
        """As systemd and docker do it: SIGTERM, and wait."""
        assert self.served
        process, self.served = self.served.process, None
        process.terminate()
        process.join(LEFT_WITHIN_S)
        assert process.exitcode is not None, "it did not stop"
        process.close()

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """kill -9, the worker with its master."""
        assert self.served
        self.served.kill()
        self.served = None


@contextmanager
def webhooks(
    folder: Path, count: int, clock: SharedClock, settings: Mapping[str, str]
) -> Iterator[list[Webhook]]:
    """So many, running, on one store; killed at the end if not before."""
    all_settings = {"SCIATICA_SECRET": SECRET, "SCIATICA_AUDIO": str(folder / "audio"), **settings}
    them = [Webhook(all_settings, clock, folder / f"webhook{nth}.log") for nth in range(count)]
    try:
        for each in them:
            each.start(ready=False)
        for each in them:
            assert each.served
            await_ready(each.served)
        yield them
    finally:
        for each in them:
            if each.served:
                with suppress(ValueError):
                    each.kill()


def _serve(settings: Mapping[str, str], port: int, log: str, now: Seconds, amazon: Amazon) -> None:
    """In a process of its own: the command as it is, but with another clock, and another Amazon."""
    os.setsid()
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ |= settings
    serve.create_app = partial(  # type: ignore[assignment]
        create_app,
        clock=lambda: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=now.value),
        fetch_certificate=lambda url: amazon.chain,
        trust_roots=[load_pem_x509_certificate(amazon.root)],
    )
    raise SystemExit(main(["serve", "--port", str(port)]))
