"""A signed world: an application that verifies, and what may reach it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from skill.config import Config
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from tests.intents.alexa import SKILL_ID, Clock, Echo, Json, skill_on
from tests.web.authority import URL, Signer, authority


@dataclass
class World:
    """Amazon's certificate file, an application that fetches it, and a device of Alexa's."""

    store: SqliteStore
    clock: Clock
    echo: Echo
    leaf: Signer
    pem: bytes = b""
    fetched: list[str] = field(default_factory=list)
    error: Exception | None = None
    """What fetching fails with."""

    def fetch(self, url: str) -> bytes:
        """What is published at `url`."""
        self.fetched.append(url)
        if self.error:
            raise self.error
        return self.pem

    @property
    def app(self) -> Flask:
        """The application, verifying, with our own root trusted."""
        return create_app(
            Config(skill_id=SKILL_ID),
            clock=self.clock,
            store=self.store,
            fetch_certificate=self.fetch,
            trust_roots=[authority().root.certificate],
        )

    def post(
        self, client: FlaskClient, body: Json | None = None, *, url: str = URL, **headers: str
    ) -> TestResponse:
        """A signed launch, or `body`; `headers` in place of the proper ones, "" for none."""
        raw = json.dumps(body or self.echo.body({"type": "LaunchRequest"})).encode()
        given = {"SignatureCertChainUrl": url, "Signature-256": self.leaf.signature(raw)}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in given.items() if value}
        return client.post("/alexa", data=raw, headers={"Content-Type": "application/json", **kept})

    @property
    def reached(self) -> bool:
        """Whether a request got as far as the handlers, which save a record."""
        rows = self.store._connection().execute("select count(*) from person").fetchone()
        return bool(rows[0])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A real file."""
    store = SqliteStore(str(tmp_path / "coach.sqlite3"))
    yield store
    store._connection().close()


@pytest.fixture
def world(store: SqliteStore) -> World:
    """All in order."""
    clock, leaf = Clock(), authority().leaf()
    clock.now = clock.now + timedelta(days=30)
    return World(store, clock, Echo(skill_on(store, clock), clock), leaf, authority().pem(leaf))
