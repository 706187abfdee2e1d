"""The endpoint over a real socket: it answers, or refuses with a 4xx, whatever comes."""

import json
import pkgutil
import re
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope
from werkzeug.serving import make_server

from skill.config import Config
from skill.metrics import REFUSED
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.refusal import Refusal
from tests.intents.alexa import SKILL_ID, Clock, Echo, Json, intent, skill_on
from tests.intents.rules import check_response, said


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]


class Server:
    """The application behind a socket."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        app = create_app(Config(skill_id=SKILL_ID), clock=clock, store=store, verify=False)
        self._server = make_server("127.0.0.1", 0, app, threaded=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """Close the socket."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def send(
        self, method: str, path: str, body: bytes | None = None, content: str | None = "application/json"
    ) -> Answer:
        """One request."""
        headers = {"Content-Type": content} if content is not None else {}
        connection = HTTPConnection("127.0.0.1", self._server.server_port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), dict(response.headers))
        finally:
            connection.close()


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def server(store: SqliteStore, clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[Server]:
    """A running server; nothing may have gone wrong in it."""
    server = Server(store, clock)
    yield server
    server.stop()
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


@pytest.fixture
def echo(store: SqliteStore, clock: Clock) -> Echo:
    """Makes envelopes."""
    return Echo(skill_on(store, clock), clock)


def test_a_conversation(server: Server, echo: Echo) -> None:
    for request, heard in (
        ({"type": "LaunchRequest"}, "Welcome to Sciatica Coach"),
        (intent("AMAZON.NoIntent"), "Shall we start the routine?"),
        (intent("AMAZON.YesIntent"), "stretch"),
    ):
        body = echo.body(request)
        answer = server.send("POST", "/alexa", json.dumps(body).encode())
        assert answer.status == 200
        envelope = json.loads(answer.body)
        check_response(envelope)
        assert heard in said(envelope)
        assert echo.session
        echo.session["attributes"] = envelope["sessionAttributes"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        *((content, 200) for content in (None, "", "application/json", "Application/JSON;charset=utf-8")),
        *((content, 415) for content in ("text/plain", "text/json", "multipart/form-data", "x")),
    ],
)
def test_only_json_is_read(server: Server, echo: Echo, content: str | None, status: int) -> None:
    body = json.dumps(echo.body({"type": "LaunchRequest"})).encode()
    assert server.send("POST", "/alexa", body, content).status == status


@pytest.mark.parametrize("locale", ["de-DE", "xx", "", "en", "\n", "x" * 9_000, "\N{SNOWMAN}"])
def test_another_locale_is_answered_in_english(server: Server, echo: Echo, locale: str) -> None:
    body = echo.body({"type": "LaunchRequest", "locale": locale})
    answer = server.send("POST", "/alexa", json.dumps(body).encode())
    assert answer.status == 200
    assert "Welcome to Sciatica Coach" in said(json.loads(answer.body))
    assert answer.headers["Cache-Control"] == "no-store"


AMBIGUOUS = {
    "not a number": ('"version"', '"more": NaN, "version"'),
    "infinite": ('"version"', '"more": Infinity, "version"'),
    "infinite by its exponent": ('"version"', '"more": -1e999, "version"'),
    "half a pair": ('"en-US"', '"\\ud800"'),
    "a name twice": ('"version"', '"version": "1.0", "version"'),
    "a type twice": ('"LaunchRequest"', '"LaunchRequest", "type": "SessionEndedRequest"'),
    "a name of Python's": ('"version"', '"__class__": {}, "version"'),
    "a byte order mark": ('{"version"', '\ufeff{"version"'),
    "a comment": ('"version"', '/* */ "version"'),
    "single quotes": ('"en-US"', "'en-US'"),
    "more behind": ("}}", "}} {}"),
    "a control character": ('"en-US"', '"en-US\x00"'),
}
"""What to replace in a good body by what, so that two readers may read it differently."""


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_is_ambiguous_is_refused(server: Server, echo: Echo, store: SqliteStore, name: str) -> None:
    good = json.dumps(echo.body({"type": "LaunchRequest"}))
    old, new = AMBIGUOUS[name]
    start, _, end = good.rpartition(old)
    assert server.send("POST", "/alexa", (start + new + end).encode()).status == 400
    assert store._connection().execute("select count(*) from person").fetchone() == (0,)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "cp500"])
def test_no_other_encoding_is_read(server: Server, echo: Echo, encoding: str) -> None:
    body = json.dumps(echo.body({"type": "LaunchRequest"})).encode(encoding)
    assert server.send("POST", "/alexa", body).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{}",
        b'{"request": null}',
        b'{"request": []}',
        b'{"request": {}}',
        b'{"request": {"type": 5}}',
        b'{"request": {"type": "NoSuchRequest"}}',
        b'{"request": {"type": "LaunchRequest"}}',
        b"\xff\xfe\x00",
        b"a=b&c=d",
        b"[" * 60_000,
        b'{"request": ' * 5_000,
        b'{"request": {"type": "LaunchRequest", "timestamp": 1e999}}',
        b"9" * 5_000,
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_what_is_no_request_is_refused(server: Server, store: SqliteStore, body: bytes) -> None:
    answer = server.send("POST", "/alexa", body)
    assert answer.status == 400
    assert json.loads(answer.body) == {"error": "bad request"}
    assert store._connection().execute("select count(*) from person").fetchone() == (0,)


@pytest.mark.parametrize(
    "path",
    [
        "version",
        "session",
        "session.sessionId",
        "session.attributes",
        "session.user",
        "session.application",
        "session.new",
        "context",
        "context.System",
        "context.System.application",
        "context.System.application.applicationId",
        "context.System.device",
        "context.System.device.deviceId",
        "context.System.user",
        "context.System.user.userId",
        "request.type",
        "request.requestId",
        "request.timestamp",
        "request.locale",
        "request.intent",
        "request.intent.name",
        "request.intent.slots",
    ],
)
def test_wrong_types_anywhere_are_answered_or_refused(server: Server, echo: Echo, path: str) -> None:
    for wrong in (None, "text", 5, True, [], {}, [[]], {"a": []}):
        body = echo.body(intent("AMAZON.HelpIntent"))
        _owner(body, path)[path.split(".")[-1]] = wrong
        answer = server.send("POST", "/alexa", json.dumps(body).encode())
        assert answer.status in (200, 400), wrong
        assert b"Traceback" not in answer.body


@pytest.mark.parametrize("missing", ["context", "context.System", "context.System.application", "request"])
def test_a_request_that_lacks_what_alexa_always_sends_is_refused(
    server: Server, echo: Echo, missing: str
) -> None:
    body = echo.body({"type": "LaunchRequest"})
    del _owner(body, missing)[missing.split(".")[-1]]
    assert server.send("POST", "/alexa", json.dumps(body).encode()).status == 400


def test_an_event_of_nobodys_is_refused_not_asked_for_again(server: Server, echo: Echo) -> None:
    body = echo.body({"type": "AlexaSkillEvent.SkillDisabled"})
    del body["session"]["user"], body["context"]["System"]["user"]
    assert server.send("POST", "/alexa", json.dumps(body).encode()).status == 400


@pytest.mark.parametrize("wrong", [None, 5, [], {}, "Nonsense"], ids=str)
def test_the_sdks_own_names_do_no_harm(server: Server, echo: Echo, wrong: object) -> None:
    """It takes a name that it does not know for one of the attributes of its objects."""
    for path in (
        "request.object_type",
        "request.attribute_map",
        "session.deserialized_types",
        "context.system",
    ):
        body = echo.body({"type": "LaunchRequest"})
        _owner(body, path)[path.split(".")[-1]] = wrong
        assert server.send("POST", "/alexa", json.dumps(body).encode()).status in (200, 400), path


@pytest.mark.parametrize("name", ["timestamp", "eventCreationTime", "eventPublishingTime"])
def test_of_a_time_that_is_none_nothing_is_printed(
    server: Server, echo: Echo, name: str, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    body = echo.body({"type": "AlexaSkillEvent.SkillEnabled"})
    body["request"][name] = "2027-01-15T08:00:00 HURTS"
    status = server.send("POST", "/alexa", json.dumps(body).encode()).status
    assert status == (400 if name == "timestamp" else 200)
    assert "HURTS" not in f"{[str(each.message) for each in recwarn]} {capfd.readouterr()}"


def test_the_sdk_reads_no_other_times() -> None:
    times: set[str] = set()
    models: set[type] = set()
    new: set[type] = {RequestEnvelope}
    while new:
        models |= new
        named: set[str] = set()
        for model in new:
            kinds = getattr(model, "deserialized_types", {})
            times |= {
                model.attribute_map[name] for name, kind in kinds.items() if "date" in kind.split(".")[0]
            }  # type: ignore[attr-defined]
            named |= {*kinds.values(), *getattr(model, "discriminator_value_class_map", {}).values()}
        found = (name for each in named for name in re.findall(r"ask_sdk_model[.\w]+", each))
        new = {pkgutil.resolve_name(name) for name in found} - models
    assert times == {"timestamp", "eventCreationTime", "eventPublishingTime"}
    assert len(models) > 200


def _owner(body: Json, path: str) -> Json:
    """The part of `body` that holds the last key of `path`."""
    for key in path.split(".")[:-1]:
        body = body[key]
    return body


def test_a_huge_body_is_refused_unread(server: Server) -> None:
    assert server.send("POST", "/alexa", b"x" * (64 * 1024 + 1)).status == 413


def test_another_skills_request_is_refused(server: Server, echo: Echo, store: SqliteStore) -> None:
    before = REFUSED.labels(Refusal.SKILL)._value.get()
    body = echo.body({"type": "LaunchRequest"})
    body["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.other"
    answer = server.send("POST", "/alexa", json.dumps(body).encode())
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "bad request"})
    assert REFUSED.labels(Refusal.SKILL)._value.get() == before + 1
    assert store._connection().execute("select count(*) from person").fetchone() == (0,)


def test_an_event_that_the_store_cannot_carry_out_is_to_be_sent_again(
    server: Server, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PersistenceException("the disk is gone")

    monkeypatch.setattr(SqliteStore, "delete_attributes", fail)
    body = json.dumps(echo.body({"type": "AlexaSkillEvent.SkillDisabled"})).encode()
    answer = server.send("POST", "/alexa", body)
    assert (answer.status, json.loads(answer.body)) == (503, {"error": "service unavailable"})
    assert answer.headers["Retry-After"] == "60"
    monkeypatch.undo()
    assert server.send("POST", "/alexa", body).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_no_other_method_is_allowed(server: Server, method: str) -> None:
    answer = server.send(method, "/alexa")
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"


def test_no_other_path_is_served(server: Server) -> None:
    assert [server.send("GET", path).status for path in ("/", "/alexa/", "/speaker/turn")] == [404] * 3


def test_the_process_is_alive_and_ready(server: Server) -> None:
    assert server.send("GET", "/healthz").status == 200
    assert server.send("GET", "/readyz").status == 200


def test_not_ready_where_the_store_is_broken(server: Server, store: SqliteStore) -> None:
    store._connection().execute("drop table person")
    with pytest.raises(PersistenceException):
        store.ping()
    assert server.send("GET", "/readyz").status == 503
    assert server.send("GET", "/healthz").status == 200


def test_not_ready_where_the_store_hangs(tmp_path: Path) -> None:
    hangs = threading.Event()

    class Hanging(SqliteStore):
        """A store that does not answer."""

        def ping(self) -> None:
            hangs.wait()

    client = create_app(Config(), store=Hanging(str(tmp_path / "coach.sqlite3"))).test_client()
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        hangs.set()
