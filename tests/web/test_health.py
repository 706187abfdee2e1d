"""Whether the process lives, and whether it is of use: the store says so, in time, and not for ever."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from flask.testing import FlaskClient

from skill.config import Config
from skill.web import STORE, create_app
from skill.web.health import STOPS
from tests.faults.worlds import FaultyStore

READY, NOT_READY = (200, {"status": "ready"}), (503, {"status": "store unreachable"})
ANSWERS_WITHIN_S = 1.0
"""What probes usually wait."""


class Hanging(FaultyStore):
    """A store that answers nobody until it is `released`, once it is told to."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.free = Event()
        self.free.set()

    def ping(self) -> None:
        self.free.wait()
        super().ping()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Hanging]:
    """A real file."""
    store = Hanging(str(tmp_path / "coach.sqlite3"))
    yield store
    store.free.set()


@pytest.fixture
def client(store: Hanging) -> Iterator[FlaskClient]:
    """Asks an application on it."""
    app = create_app(Config(), store=store)
    yield app.test_client()
    app.extensions[STORE].close()


def probed(client: FlaskClient, path: str = "/readyz") -> tuple[int, object]:
    """What a probe gets, in time."""
    begun = monotonic()
    answer = client.get(path)
    assert monotonic() - begun < ANSWERS_WITHIN_S
    return answer.status_code, answer.json


def test_a_store_that_hangs_and_comes_back(client: FlaskClient, store: Hanging) -> None:
    assert probed(client) == READY
    store.free.clear()
    for _ in range(3):
        assert probed(client) == NOT_READY
    assert probed(client, "/healthz") == (200, {"status": "alive"})
    store.free.set()
    assert probed(client) == READY


def test_a_store_that_takes_nothing_in_and_then_does(client: FlaskClient, store: Hanging) -> None:
    store.pragmas = ["query_only = on"]
    assert probed(client) == NOT_READY
    assert probed(client, "/healthz") == (200, {"status": "alive"})
    store.pragmas = ["query_only = off"]
    assert probed(client) == READY


def test_a_process_that_is_about_to_end_is_alive_but_not_ready(client: FlaskClient) -> None:
    answers = [client.get(path, environ_base={STOPS: True}) for path in ("/readyz", "/healthz")]
    assert [(answer.status_code, answer.json["status"]) for answer in answers if answer.json] == [
        (503, "stopping"),
        (200, "alive"),
    ]
