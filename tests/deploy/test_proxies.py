"""The deployed proxies, run by the real programs before real webhooks: what they pass on, and what not."""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from skill.web import create_app
from skill.web.app import LARGEST_BODY
from skill.web.headers import HEADERS
from tests.audio.test_recordings import timeline_of
from tests.conversations.client import Device
from tests.conversations.script import hold
from tests.deploy.conftest import Heard, heard
from tests.deploy.proxies import CLIENT, DEPLOY, FROM, NAME, PATIENCE_S, PROXIES, Proxy, proxying
from tests.deploy.topology import Host, host
from tests.deploy.webhooks import signature
from tests.faults.served import free_port
from tests.intents.recorded import recordings_in
from tests.store.postgresql_server import PostgresqlServer
from tests.store.writer import Caller
from tests.web.test_server import rest_of

LAUNCH = {"type": "LaunchRequest"}
HSTS = "max-age=31536000"
PUBLIC = ("/alexa", "/art.png", "/privacy")
AT_ONCE = 8
ENDLESS = b"Content-Length: 60000\r\n\r\n{"
NGINX = (DEPLOY / "nginx" / "sciatica-coach.conf").read_text("utf-8")


@pytest.fixture(scope="module", params=PROXIES)
def there(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database: PostgresqlServer,
    recorded: Path,
) -> Iterator[Host]:
    """A host that runs; at the end no log of its proxy tells who asked, or what they listened to."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = {"SCIATICA_AUDIO": str(recorded), "SCIATICA_URL": f"https://{NAME}"}
    with host(request.param, folder, database.fresh(), **settings) as running:
        yield running
        logged = running.proxy.logged()
    assert logged
    assert CLIENT not in logged
    assert ".mp3" not in logged


def test_the_conversation_over_https(there: Host, plain: list[Heard]) -> None:
    """The same words and places as from an application in this process, on a file."""
    assert heard(hold(Device(there.ask, there.clock))) == plain


def test_what_is_public_is_passed_on_and_nothing_else(there: Host) -> None:
    rules = {rule.rule for rule in create_app(verify=False).url_map.iter_rules()}
    for path in sorted(rules - {*PUBLIC, "/audio/<token>.mp3"}):
        for way in (path, f"/{path}", f"/audio/..{path}", f"/audio/%2e%2e{path}", f"/alexa/..{path}"):
            assert there.proxy.ask("GET", way).status == 404, way
    assert {path: there.proxy.ask("GET", path).status for path in PUBLIC} == {
        "/alexa": 405,
        "/art.png": 200,
        "/privacy": 200,
    }
    assert there.proxy.ask("GET", "/").status == 404


@pytest.mark.parametrize("path", [*PUBLIC, "/audio/nothing.mp3", "/nothing"])
def test_every_header_comes_once(there: Host, path: str) -> None:
    headers = there.proxy.ask("GET", path).headers
    assert headers.get_all("Strict-Transport-Security") == [HSTS]
    ours = {name: headers.get_all(name) or [] for name in (*HEADERS, "Cache-Control", "Content-Type")}
    assert all(len(values) <= 1 for values in ours.values()), ours
    if path != "/nothing":
        assert all(len(values) == 1 for values in ours.values()), ours


def test_what_alexa_did_not_sign_is_refused(there: Host) -> None:
    raw = json.dumps(there.device("stranger").body(LAUNCH)).encode()
    headers = signature(raw)
    assert there.proxy.ask("POST", "/alexa", raw, headers).status == 200
    assert there.proxy.ask("POST", "/alexa", raw, {"Content-Type": "application/json"}).status == 400
    assert there.proxy.ask("POST", "/alexa", raw + b" ", headers).status == 400


def test_a_body_may_be_as_large_as_the_webhook_takes_it(there: Host) -> None:
    raw = json.dumps(there.device("large").body(LAUNCH)).encode()
    raw += b" " * (LARGEST_BODY - len(raw))
    headers = signature(raw)
    assert there.proxy.ask("POST", "/alexa", raw, headers).status == 200
    too_large = there.proxy.ask("POST", "/alexa", raw + b" ", signature(raw + b" "))
    assert too_large.status == 413
    head = "".join(f"{name}: {value}\r\n" for name, value in signature(raw + b" ").items())
    with there.proxy.secured() as line:
        line.sendall(
            f"POST /alexa HTTP/1.1\r\nHost: {NAME}\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode()
            + f"{len(raw) + 1:x}\r\n".encode()
            + raw
            + b" \r\n0\r\n\r\n"
        )
        status = int(line.recv(1_000).split()[1])
    assert status in (413, 502), "cut off"


def address(recorded: Path) -> str:
    """That of a recording."""
    recordings = recordings_in(recorded)
    return f"/audio/{recordings.stream_token(timeline_of(recordings))}.mp3"


def test_who_hangs_up_in_mid_recording_is_not_named(there: Host, recorded: Path) -> None:
    """Several times: it is told of in one way or another, as it happens."""
    ask = f"GET {address(recorded)} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    before, end = there.proxy.logged(), monotonic() + PATIENCE_S
    for _ in range(AT_ONCE):
        with there.proxy.secured() as line:
            line.sendall(ask)
            assert line.recv(1_000).startswith(b"HTTP/1.1 200")
    while len(re.findall("/audio 200|incomplete response", there.proxy.logged()[len(before) :])) < AT_ONCE:
        assert monotonic() < end
        sleep(0.01)
    assert CLIENT not in there.proxy.logged()


def test_a_part_of_a_recording(there: Host, recorded: Path) -> None:
    path = address(recorded)
    whole = there.proxy.ask("GET", path)
    assert whole.status == 200
    part = there.proxy.ask("GET", path, headers={"Range": "bytes=1000-1999"})
    assert part.status == 206
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole.body)}"
    assert part.body == whole.body[1000:2000]
    assert there.proxy.ask("GET", path, headers={"Range": "bytes=99999999-"}).status == 416


def test_who_comes_without_tls_is_sent_to_it(there: Host) -> None:
    line = HTTPConnection("127.0.0.1", there.proxy.plain_port, timeout=10)
    line.request("GET", "/privacy", headers={"Host": NAME})
    response = line.getresponse()
    response.read()
    line.close()
    assert response.status == 308
    assert response.headers["Location"] == f"https://{NAME}/privacy"


def test_no_turn_is_lost_or_mixed_up_while_a_webhook_is_restarted(there: Host) -> None:
    """Behind nginx the other one answers meanwhile; Caddy lets requests wait, from 2.11 on."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for webhook in there.webhooks:
            stop = Event()
            talking = [pool.submit(talk, there, f"{webhook.port} {nth}", stop) for nth in range(AT_ONCE)]
            try:
                webhook.restart()
            finally:
                stop.set()
            missed = sum(each.result() for each in talking)
            assert missed == 0 or not there.proxy.retries


def talk(there: Host, user: str, stop: Event) -> int:
    """Turn after turn, with one that is answered after the stop; returns how often no webhook was there."""
    caller, missed, last = Caller(there.device(user)), 0, False
    while not last:
        last = stop.is_set()
        try:
            caller.asks(there)
        except ConnectionError:
            missed, last = missed + 1, False
            continue
        assert caller.answer
        assert caller.answer.turn == caller.turns
    return missed


@pytest.mark.parametrize("name", PROXIES)
def test_where_no_webhook_answers_the_log_says_so(name: str, tmp_path: Path) -> None:
    """Without who asked for what."""
    with proxying(name, tmp_path / name, [free_port()]) as proxy:
        assert proxy.ask("GET", "/audio/token.mp3").status == 502
        logged = proxy.logged()
    assert re.search(r"\b502\b", logged)
    assert CLIENT not in logged
    assert "token" not in logged


def test_nginx_slows_down_who_asks_too_often(tmp_path: Path) -> None:
    """A thousand requests at once from one address; the first hundred are a household's, or Amazon's."""
    ask = f"GET /privacy HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    with proxying("nginx", tmp_path / "nginx", [free_port()]) as proxy, proxy.secured() as line:
        line.sendall(ask * 999 + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        statuses = [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+) ", rest_of(line))]
    assert len(statuses) == 1_000
    assert set(statuses[:100]) == {502}, "let through to a webhook that is not there"
    assert set(statuses) == {502, 429}


@pytest.mark.parametrize(
    ("same", "other"),
    [(["192.0.2.7"], "192.0.2.8"), (["2001:db8:1:2::1", "2001:db8:1:2:ffff::"], "2001:db8:1:3::1")],
)
def test_nginx_lets_nobody_keep_many_connections(tmp_path: Path, same: list[str], other: str) -> None:
    """With a body that never ends. A network of 64 bits is one, in IPv6."""
    most = int(re.findall(r"limit_conn coach_connections (\d+);", NGINX)[0])
    assert most * 10 <= 768, "Debian's worker_connections"
    with proxying("nginx", tmp_path / "nginx", [free_port()]) as proxy, ExitStack() as stay:

        def begins(address: str) -> ssl.SSLSocket:
            line = stay.enter_context(proxy.secured())
            line.sendall(f"POST /alexa HTTP/1.1\r\nHost: {NAME}\r\n{FROM}: {address}\r\n".encode() + ENDLESS)
            return line

        for _, address in zip(range(most), cycle(same), strict=False):
            begins(address)
        assert begins(same[-1]).recv(1_000).startswith(b"HTTP/1.1 429 ")
        assert proxy.ask("GET", "/privacy", headers={FROM: same[-1]}).status == 429
        assert proxy.ask("GET", "/privacy", headers={FROM: other}).status == 502, "let through"


class Upstream:
    """Takes the place of a webhook, one request at a time: keeps what it is sent."""

    def __init__(self) -> None:
        self.port = free_port()
        self.heard: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", self.port))

    def serve(self) -> None:
        """Until it is closed."""
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as reader:
                head = b""
                while not head.endswith(b"\r\n\r\n") and (piece := reader.readline()):
                    head += piece
                length = re.search(rb"(?i)content-length: (\d+)", head)
                self.heard.append(head + reader.read(int(length[1]) if length else 0))
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")

    def close(self) -> None:
        """No more requests."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(upstream.serve)
        yield upstream
        upstream.close()
        serving.result()


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest, tmp_path: Path, upstream: Upstream) -> Iterator[Proxy]:
    """A proxy before an Upstream."""
    with proxying(request.param, tmp_path / request.param, [upstream.port]) as running:
        yield running


def test_a_slow_client_does_not_reach_the_webhook(proxy: Proxy, upstream: Upstream) -> None:
    """Before its request is whole, no thread of the webhook waits for it."""
    body = json.dumps({"words": "x" * 40_000}).encode()
    head = f"POST /alexa HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {len(body)}\r\nX-Slow: yes\r\n\r\n"
    with proxy.secured() as slow:
        slow.sendall(head.encode() + body[:20_000])
        for _ in range(5):
            assert proxy.ask("POST", "/alexa", body).body == b"OK"
        assert not [heard for heard in upstream.heard if b"x-slow" in heard.lower()]
        slow.sendall(body[20_000:])
        assert slow.recv(1_000).startswith(b"HTTP/1.1 200")
    (heard,) = (heard for heard in upstream.heard if b"x-slow" in heard.lower())
    assert heard.endswith(b"\r\n\r\n" + body)


def test_the_webhook_learns_that_there_was_a_proxy_and_not_who_asked(
    proxy: Proxy, upstream: Upstream
) -> None:
    proxy.ask("GET", "/privacy")
    (heard,) = upstream.heard
    head = heard.decode().lower()
    assert "x-forwarded-proto: https\r\n" in head
    assert f"host: {NAME}" in head
    assert CLIENT not in head
