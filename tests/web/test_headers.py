"""Every response tells a browser how far to trust it; and on loopback only loopback is served."""

import pytest
from flask.testing import FlaskClient

from skill.config import Config
from skill.metrics import REFUSED
from skill.store.sqlite import SqliteStore
from skill.web import create_app, hosts
from skill.web.headers import CONTENT_SECURITY_POLICY
from skill.web.refusal import Refusal

EXPECTED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NAMES = [
    *(("localhost", True), ("localhost:8000", True), ("LOCALHOST", True), ("127.0.0.1:8000", True)),
    *(("127.8.9.10", True), ("[::1]", True), ("[::1]:8000", True)),
    *(("evil.example", False), ("evil.example:8000", False), ("localhost.evil.example", False)),
    *(("127.0.0.1.evil.example", False), ("192.168.1.5", False), ("0.0.0.0", False), ("[::]", False)),
    *(("", False), ("[", False), ("localhost@evil.example", False), ("evil.example#localhost", False)),
    *(("2130706433", False), ("localhost:x", False), ("::1", False)),
]


NEARBY = [
    *(("localhost:8000", True), ("127.0.0.1:8000", True), ("192.168.1.5:8000", True), ("[fe80::1]", True)),
    *(("0.0.0.0:8000", True), ("Living-Room", True), ("living-room.lan:8000", True)),
    *(("living-room.local", True), ("coach.example", True), ("COACH.example:8000", True)),
    *(("evil.example", False), ("evil.local", False), ("192.168.1.5.evil.example", False)),
    *(("living-room.evil.example", False), ("evil.example@192.168.1.5", False), ("2130706433", False)),
    *(("", False), ("[", False), ("x", False)),
]


@pytest.fixture
def client(store: SqliteStore) -> FlaskClient:
    """A webhook that believes every request."""
    return create_app(Config(), store=store, verify=False).test_client()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/privacy", 200),
        ("GET", "/metrics", 200),
        ("GET", "/art.png", 200),
        ("GET", "/no/such/page", 404),
        ("GET", "/audio/no-such.mp3", 404),
        ("GET", "/alexa", 405),
        ("OPTIONS", "/alexa", 405),
        ("POST", "/alexa", 400),
        ("POST", "/healthz", 405),
    ],
)
def test_every_response_has_them(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert {name: answer.headers.getlist(name) for name in EXPECTED} == {
        name: [value] for name, value in EXPECTED.items()
    }
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cache-Control"] == {
        "/privacy": "public, max-age=3600",
        "/art.png": "public, max-age=86400",
    }.get(path, "no-store")


@pytest.mark.parametrize(("url", "shared"), [("", False), ("https://coach.example.com", True)])
def test_only_what_alexa_is_sent_to_may_be_shown_by_others(
    store: SqliteStore, url: str, shared: bool
) -> None:
    client = create_app(Config(url=url), store=store).test_client()
    for path, ours in (("/art.png", False), ("/audio/x.mp3", False), ("/privacy", True), ("/nowhere", True)):
        policy = client.get(path).headers.getlist("Cross-Origin-Resource-Policy")
        assert policy == ["cross-origin" if shared and not ours else "same-origin"], path


def test_the_policy_allows_nothing_but_ourselves() -> None:
    allowed = dict(each.split(" ", 1) for each in CONTENT_SECURITY_POLICY.split("; "))
    assert set(allowed.values()) == {"'none'", "'self'"}
    assert [name for name, source in allowed.items() if source == "'none'"] == [
        *("default-src", "base-uri", "form-action", "frame-ancestors")
    ]


@pytest.mark.parametrize(("name", "served"), NAMES)
def test_who_believes_every_request_serves_loopback_names_only(
    client: FlaskClient, name: str, served: bool
) -> None:
    answer = client.get("/healthz", headers={"Host": name})
    assert answer.status_code == (200 if served else 400)
    assert name not in answer.text or not name


def test_who_verifies_is_served_under_any_name(store: SqliteStore) -> None:
    client = create_app(Config(), store=store).test_client()
    assert client.get("/healthz", headers={"Host": "coach.example.com"}).status_code == 200


@pytest.mark.parametrize(("name", "served"), NEARBY)
def test_a_part_for_the_neighbours_is_served_under_no_name_that_anybody_may_choose(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, name: str, served: bool
) -> None:
    monkeypatch.setattr(hosts.socket, "gethostname", lambda: "Living-Room.lan")
    app = create_app(Config(), store=store)
    hosts.only_under(app, hosts.nearby("coach.example"), "privacy")
    answer = app.test_client().get("/privacy", headers={"Host": name})
    assert answer.status_code == (200 if served else 400)
    assert app.test_client().get("/healthz", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost", "null", ""])
def test_no_web_page_may_speak_for_alexa(client: FlaskClient, origin: str) -> None:
    before = REFUSED.labels(Refusal.ORIGIN)._value.get()
    assert client.post("/alexa", json={}, headers={"Origin": origin}).status_code == 400
    assert REFUSED.labels(Refusal.ORIGIN)._value.get() == before + 1
