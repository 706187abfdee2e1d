"""The endpoint asked as Alexa and as strangers ask it, over real TLS."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from werkzeug.serving import make_server

from skill.commands.checks.finding import Finding, Verdict
from skill.commands.checks.line import Ports
from skill.commands.checks.webhook import webhook
from skill.config import Config
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from tests.checks.host import (
    AUTHORITY,
    BRIEF_S,
    HERE,
    HSTS,
    NAME,
    NOW,
    PATIENCE_S,
    WELL,
    Says,
    closed_port,
    host,
    leaf,
    serving,
    tls,
)

SKILL = "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef"


def seen(ports: Ports, patience_s: float = PATIENCE_S, skill_id: str = "") -> dict[str, Finding]:
    found = webhook(HERE, skill_id, lambda: NOW, patience_s, ports)
    return {finding.what: finding for finding in found}


def crosses(found: Mapping[str, Finding]) -> set[str]:
    return {what for what, finding in found.items() if finding.verdict is Verdict.WRONG}


def test_a_host_as_it_should_be_has_ticks_alone(tmp_path: Path) -> None:
    with host(tmp_path) as ports:
        found = seen(ports)
    assert list(found) == ["endpoint", "browsers", "privacy", "private", "hsts", "http"]
    assert {finding.verdict for finding in found.values()} == {Verdict.WELL}
    assert found["endpoint"].found.startswith("refuses what Alexa did not sign, in ")
    assert found["browsers"].found == "get 405 from the endpoint"
    assert found["http"].found == "nothing is served without TLS: connection refused"


POSTED, SHOWN, POLICY = ("POST", "/alexa"), ("GET", "/alexa"), ("GET", "/privacy")
FAULTS: dict[str, tuple[tuple[str, str], Says, str, str, str]] = {
    "believes": (POSTED, Says(200, HSTS), "endpoint", "ANYBODY CAN SPEAK FOR ALEXA", "--no-verify"),
    "no webhook": (
        POSTED,
        Says(502),
        "endpoint",
        "502: the proxy reaches no webhook",
        "sciatica-coach serve",
    ),
    "store": (POSTED, Says(503), "endpoint", "503: the proxy reaches no webhook", "sciatica-coach serve"),
    "redirect": (
        POSTED,
        Says(308, {"Location": "https://www.coach.test/alexa"}),
        "endpoint",
        "308, leading to https://www.coach.test/alexa; Alexa does not follow",
        "the address it leads to",
    ),
    "no path": (POSTED, Says(404), "endpoint", "404; a webhook refuses with 400", "pass /alexa on"),
    "login": (POSTED, Says(401), "endpoint", "401; a webhook refuses with 400", "pass /alexa on"),
    "junk": (POSTED, Says(raw=b"\0\xff junk\r\n\r\n"), "endpoint", "no web server", "docs/hosting.md"),
    "nothing": (POSTED, Says(raw=b""), "endpoint", "POST /alexa: ", "docs/hosting.md"),
    "many headers": (
        POSTED,
        Says(raw=b"HTTP/1.1 400 x\r\n" + b"A: b\r\n" * 200),
        "endpoint",
        "no web",
        "docs",
    ),
    "stops half-way": (
        POSTED,
        Says(raw=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 50\r\n\r\n{"),
        "endpoint",
        "the answer broke off",
        "docs/hosting.md",
    ),
    "a page": (SHOWN, Says(200, HSTS, b"<h1>"), "browsers", "get 200 from the endpoint", "pass this path on"),
    "loopback": (
        SHOWN,
        Says(400, HSTS),
        "browsers",
        "answers nobody under this name",
        "sciatica-coach serve",
    ),
    "no policy": (POLICY, Says(404), "privacy", "/privacy: 404", "pass /privacy on"),
    "empty policy": (POLICY, Says(200, body=b" "), "privacy", "/privacy: 200", "pass /privacy on"),
    "metrics": (("GET", "/metrics"), Says(200), "private", "anybody can see /metrics", "404 to /metrics"),
    "health": (("GET", "/healthz"), Says(200), "private", "anybody can see /healthz", "404 to /healthz"),
    "ready": (("GET", "/readyz"), Says(200), "private", "anybody can see /readyz", "404 to /readyz"),
    "no hsts": (
        POSTED,
        Says(400),
        "hsts",
        "not told to use https alone",
        "Strict-Transport-Security: max-age",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_cross_that_says_what_was_seen_and_what_mends_it(
    tmp_path: Path, fault: str
) -> None:
    where, says, what, told, mend = FAULTS[fault]
    with host(tmp_path, {**WELL, where: says}) as ports:
        found = seen(ports)
    assert crosses(found) == {what}
    assert told in found[what].found
    assert mend in found[what].mend


def test_a_webhook_that_hangs_is_one_cross(tmp_path: Path) -> None:
    with host(tmp_path, {**WELL, POSTED: Says(hangs=True)}) as ports:
        found = seen(ports, BRIEF_S)
    assert crosses(found) == {"endpoint"}
    assert "within 0.1 s; Alexa waits 8 s" in found["endpoint"].found


def test_a_private_page_that_hangs_is_neither_tick_nor_cross(tmp_path: Path) -> None:
    with host(tmp_path, {**WELL, ("GET", "/readyz"): Says(hangs=True)}) as ports:
        found = seen(ports, BRIEF_S * 4)
    assert found["private"].verdict is Verdict.UNSURE
    assert found["private"].found == "/readyz: no whole answer within 0.4 s"


def test_an_answer_that_drips_is_hung_up_on(tmp_path: Path) -> None:
    """One byte at a time, each in good time: only a limit for the whole ends it."""
    context = tls(tmp_path, leaf(NAME), AUTHORITY.intermediate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over: list[bool] = []
        thread = Thread(target=_drip, args=(listening, context, over))
        thread.start()
        begun = monotonic()
        found = seen(Ports(listening.getsockname()[1], closed_port()), BRIEF_S)
        took_s = monotonic() - begun
        over.append(True)
        socket.create_connection(listening.getsockname()).close()
        thread.join()
    assert found["endpoint"].found == "POST /alexa: no whole answer within 0.1 s; Alexa waits 8 s"
    assert took_s < 5


def _drip(listening: socket.socket, context: object, over: list[bool]) -> None:
    """Answer each connection for ever, in a thread of its own."""

    def one(line: socket.socket) -> None:
        try:
            with context.wrap_socket(line, server_side=True) as secured:  # type: ignore[attr-defined]
                secured.settimeout(0.02)
                secured.sendall(b"HTTP/1.1 400 Bad Request\r\nX-Slow: ")
                while not over:
                    secured.sendall(b"x")
                    try:
                        secured.recv(4096)
                    except TimeoutError:
                        continue
        except OSError:
            line.close()

    threads = []
    while not over:
        line, _ = listening.accept()
        threads.append(Thread(target=one, args=(line,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("says", "verdict", "told"),
    [
        (Says(308, {"Location": "https://localhost/privacy"}), Verdict.WELL, "308 to https"),
        (Says(404), Verdict.WELL, "nothing is served without TLS: 404"),
        (Says(200, body=b"# Privacy"), Verdict.WRONG, "it is served without TLS, too: 200"),
    ],
)
def test_what_is_served_without_tls_is_a_cross(
    tmp_path: Path, says: Says, verdict: Verdict, told: str
) -> None:
    with serving(None, lambda *_: says) as plain, host(tmp_path) as ports:
        found = seen(Ports(ports.tls, plain))["http"]
    assert found.verdict is verdict
    assert told in found.found


@contextmanager
def real(folder: Path, *, verify: bool, skill_id: str = "") -> Iterator[Ports]:
    """The webhook itself behind TLS, as a proxy passes everything on to it."""
    store = SqliteStore(str(folder / "coach.sqlite3"))
    app = create_app(
        Config(skill_id=skill_id, audio=str(folder), secret="s"),
        store=store,
        verify=verify,
        clock=lambda: datetime.now(UTC),
        fetch_certificate=_down,
    )
    context = tls(folder, leaf(NAME), AUTHORITY.intermediate)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Ports(server.server_port, closed_port())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()


def _down(_: str) -> bytes:
    raise OSError("no route to host")


def test_the_webhook_refuses_all_that_is_forged(tmp_path: Path) -> None:
    with real(tmp_path, verify=True) as ports:
        found = seen(ports)
    assert crosses(found) == {"private", "hsts"}, "no proxy hides pages here, nor adds HSTS"
    assert found["private"].found == "anybody can see /metrics, /healthz, /readyz"


@pytest.mark.parametrize("skill_id", ["", SKILL])
def test_the_webhook_that_believes_everybody_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skill_id: str
) -> None:
    with real(tmp_path, verify=False, skill_id=skill_id) as ports:
        found = seen(ports, skill_id=skill_id)
    assert "ANYBODY CAN SPEAK FOR ALEXA: a request that is unsigned was answered" in found["endpoint"].found
