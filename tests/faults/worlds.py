"""An application on a file of its own, in which things can be broken."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from ask_sdk_model import RequestEnvelope
from flask.testing import FlaskClient

from skill.config import Config
from skill.store.failures import UnreadableRecordError
from skill.store.guard import Guard
from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from skill.web import SKILL, create_app
from tests.faults.places import LAUNCH, URL
from tests.intents.alexa import SECRET, Clock, Echo, Json, parsed
from tests.intents.audio_device import AudioEcho
from tests.intents.rules import check_response
from tests.store.wrapping import Wrapping

SHORT_S = 0.05
"""The limit that a call of a slow store gets here: the arithmetic is the same, and nobody waits."""


class FaultyStore(SqliteStore):
    """A real file, on connections that may be hampered, and with calls that may be held up.

    pragmas: said to each connection before it is used. held: calls that wait for `released`.
    raises: what a call does instead, by its name.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.pragmas: list[str] = []
        self.held: set[str] = set()
        self.raises: dict[str, Callable[[], Any]] = {}
        self.released = Event()

    def _connection(self) -> sqlite3.Connection:
        connection = super()._connection()
        for pragma in ("synchronous = off", *self.pragmas):
            connection.execute(f"pragma {pragma}").fetchall()
        return connection

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        return self._done("load", lambda: super(FaultyStore, self).get_attributes(request_envelope))

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        self._done("save", lambda: super(FaultyStore, self).save_attributes(request_envelope, attributes))

    def _done(self, name: str, call: Callable[[], Any]) -> Any:
        if name in self.held:
            self.released.wait()
        return self.raises.get(name, call)()


class Counting(Wrapping):
    """Counts how often the application turns to `store`, and how often in vain."""

    calls = failures = 0

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls += 1
        try:
            result = call()
        except Exception:
            self.failures += 1
            raise
        self.failures += not isinstance(result, dict | None)
        return result


@dataclass
class World:
    """A device, and the application it talks to. audio: the folder of the recordings."""

    file: Path
    echo: Echo
    audio: Path
    short: bool = False
    """Whether the store's limit is SHORT_S."""
    store: FaultyStore = field(init=False)
    calls: int = 0
    failures: int = 0

    def __post_init__(self) -> None:
        self.store = FaultyStore(str(self.file))

    @property
    def clock(self) -> Clock:
        """The clock that all go by."""
        return self.echo.clock

    @contextmanager
    def app(self, store: Store | None = None) -> Iterator[FlaskClient]:
        """The application, started anew; at the end it has done all that it began."""
        inner = store or self.store
        counting = Counting(Guard(inner, SHORT_S) if self.short else inner)
        config = Config(secret=SECRET, audio=str(self.audio), url=URL)
        app = create_app(config, clock=self.clock, store=counting, verify=False)
        stores = (app.extensions[SKILL].persistence_adapter, counting.store)
        guards = [each for each in stores if isinstance(each, Guard)]
        try:
            yield app.test_client()
        finally:
            self.calls, self.failures = counting.calls, counting.failures
            done = self.store.released.is_set() or not self.store.held
            for guard in guards:
                guard._pool.shutdown(wait=done)

    def sends(self, client: FlaskClient, request: Json) -> Json:
        """One turn, held to Alexa's rules; the session goes on with what it was answered."""
        spoken = request["type"] in ("LaunchRequest", "IntentRequest")
        kept = self.echo.session
        answer = client.post("/alexa", json=self.echo.body(self._about(request)))
        assert answer.status_code == 200, answer.get_json()
        envelope: Json = answer.get_json()
        if spoken:
            check_response(envelope)
        else:
            assert set(envelope["response"]) <= {"directives"}
        ended = not spoken or envelope["response"]["shouldEndSession"]
        session = {**(self.echo.session or {}), "attributes": envelope.get("sessionAttributes", {})}
        self.echo.session = None if ended else session
        if not spoken and request["type"] != "SessionEndedRequest":
            self.echo.session = kept
        return envelope

    def _about(self, request: Json) -> Json:
        """`request`, with the stream it is about."""
        if request["type"].startswith("AudioPlayer.") and isinstance(self.echo, AudioEcho):
            assert self.echo.stream
            return {**request, "token": self.echo.stream.token, "offsetInMilliseconds": 60_000}
        return request

    def stored(self) -> Json:
        """The record in the file, read by somebody who comes later; {} where none can be read."""
        store = SqliteStore(str(self.file))
        try:
            return dict(store.get_attributes(parsed(self.someone().body(LAUNCH))))
        except UnreadableRecordError:
            return {}
        finally:
            store._connection().close()

    def someone(self) -> Echo:
        """The same person on the same device, in no session."""
        return Echo(self.echo.skill, self.clock, user=self.echo.user)

    def overwrite(self, record: object) -> None:
        """Put something else in place of every record."""
        text = record if isinstance(record, str) else json.dumps(record)
        connection = sqlite3.connect(self.file)
        with connection:
            connection.execute("update person set record = ?", (text,))
        connection.close()


def turns(record: Json) -> int:
    """How many turns a record tells of, over all devices."""
    devices = record.get("devices", {})
    return sum(device["turn"] for device in devices.values()) if isinstance(devices, dict) else 0
