"""A visit to the speaker's page: a real server, a real browser, and time that the test moves."""

import itertools
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect
from werkzeug.serving import make_server

from skill.config import Config
from skill.content import load_content
from skill.render.screen import Screen
from skill.speaker.conversation import Speaker
from skill.speaker.page import add_speaker
from skill.store import open_store
from skill.web import RECORDINGS, SKILL, create_app

RECORDER = """
window.starts = [];
new MutationObserver((records) => {
  const kind = document.documentElement.dataset.kind;
  const holding = !document.getElementById("timer").hidden;
  for (const _ of records) window.starts.push({ kind, holding, at: performance.now() });
}).observe(document, { subtree: true, attributeFilter: ["data-kind"] });
"""
"""Notes when each frame starts, on the page's own clock."""


Frame = dict[str, Any]
"""A frame of an answer, as the page gets it."""


@dataclass
class Host:
    """The speaker's server; `now` is its clock, `asked` what it was sent, `statuses` how it answered.

    sounds: MP3s that it serves beside the rest, by name, at `/sounds/<name>`.
    """

    url: str = ""
    now: datetime = datetime(2027, 1, 1, tzinfo=UTC)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    statuses: list[tuple[str, int]] = field(default_factory=list)
    sounds: dict[str, bytes] = field(default_factory=dict)

    def sent(self, path: str) -> list[dict[str, Any]]:
        """The bodies sent to `path`."""
        return [body for where, body in self.asked if where == path]

    def answered(self, path: str) -> list[int]:
        """The statuses of the answers of `path`."""
        return [status for where, status in self.statuses if where == path]


@contextmanager
def serving(folder: Path) -> Iterator[Host]:
    """A server with a store of its own in `folder`."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host = Host()
    server = make_server("127.0.0.1", 0, _app(host, folder), threaded=True)
    host.url = f"http://127.0.0.1:{server.port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def speaker_app(host: Host, folder: Path) -> Flask:
    """The speaker, on the clock of `host`, with a store of its own in `folder`."""
    config, content = Config(audio=str(folder / "audio")), load_content()
    store = open_store(f"sqlite:///{folder}/s.sqlite3")
    app = create_app(config, store=store, clock=lambda: host.now, verify=False)
    screen = Screen(content.routines[config.routine], content.words)
    recordings = app.extensions[RECORDINGS]
    speaker = Speaker(app.extensions[SKILL], screen, lambda: host.now, recordings)
    add_speaker(app, speaker, config.locale, {name: list(said) for name, said in content.help.items()})
    return app


def _app(host: Host, folder: Path) -> Flask:
    app = speaker_app(host, folder)

    @app.get("/sounds/<name>")
    def sound(name: str) -> Response:
        if name not in host.sounds:
            abort(404)
        response = Response(host.sounds[name], mimetype="audio/mpeg")
        return response.make_conditional(request, accept_ranges=True, complete_length=len(host.sounds[name]))

    @app.before_request
    def note() -> None:
        host.asked.append((request.path, request.get_json(silent=True) or {}))
        request.environ.pop("HTTP_IF_NONE_MATCH", None)  # Flask leaves the file of a 304 open.
        request.environ.pop("HTTP_IF_MODIFIED_SINCE", None)

    @app.after_request
    def answered(response: Response) -> Response:
        host.statuses.append((request.path, response.status_code))
        return response

    return app


class Visit:
    """One open page. Unless `live`, time stands still but for `run`."""

    def __init__(self, context: BrowserContext, host: Host, *, live: bool = False, script: str = "") -> None:
        self.page: Page = context.new_page()
        self.host = host
        self.live = live
        self.problems: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.add_init_script(RECORDER + script)
        if not live:
            self.page.clock.install(time=0)
        self.page.goto(host.url)
        if not live:
            self.page.clock.pause_at(10_000)

    def _note(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.problems.append(line.text)

    def start(self) -> dict[str, Any]:
        """Tap to start; returns the answer."""
        return self.answered(lambda: self.page.click("#start"))

    def begin(self) -> dict[str, Any]:
        """Start the routine; returns the answer that plays."""
        self.start()
        self.say("no")
        return self.say("yes")

    def say(self, text: str) -> dict[str, Any]:
        """Type `text` and send it; returns the answer."""
        self.page.fill("#text", text)
        return self.answered(lambda: self.page.press("#text", "Enter"))

    def answered(self, act: Callable[[], None]) -> dict[str, Any]:
        """Do what makes the page send something; returns the answer, which has begun to play."""
        with self.page.expect_response("**/speaker/turn") as response:
            act()
        self.settled()
        answer: dict[str, Any] = json.loads(response.value.text())
        return answer

    def settled(self) -> None:
        """Wait until the page has taken note of an answer."""
        expect(self.page.locator("html")).not_to_have_attribute("data-mode", "thinking")

    def run(self, ms: float) -> None:
        """Let time pass, here and at the host."""
        self.page.clock.run_for(round(ms))
        self.host.now += timedelta(milliseconds=round(ms))

    def run_to(self, answer: dict[str, Any], index: int, ms: int = 0) -> None:
        """From the start of `answer`, let time pass until `ms` into its frame at `index`."""
        self.run(sum(frame["ms"] for frame in answer["frames"][:index]) + ms)

    def record(self, *, missing: Callable[[Frame], bool] = lambda frame: False) -> None:
        """From now on each answer has a recording of all but the words that are `missing`."""
        count = itertools.count(1)

        def answer(route: Route) -> None:
            said = route.fetch().json()
            for frame in said["frames"]:
                frame["recorded"] = not (frame["kind"] == "speech" and missing(frame))
            length = sum(frame["ms"] for frame in said["frames"])
            route.fulfill(json={**said, "sound": f"/audio/{next(count)}.mp3?ms={length}"})

        self.page.route("**/speaker/turn", answer)

    @property
    def words(self) -> str:
        """The words on the screen."""
        return self.page.inner_text("#words")

    @property
    def seconds(self) -> int | None:
        """The seconds left, if they are on the screen."""
        shown = self.page.locator("#seconds")
        return int(shown.inner_text()) if shown.is_visible() else None

    @property
    def side(self) -> str:
        """LEFT or RIGHT, if that is on the screen."""
        shown = self.page.locator("#side")
        return shown.inner_text().strip() if shown.is_visible() else ""

    @property
    def mode(self) -> str:
        """What the conversation is doing."""
        return self.page.locator("html").get_attribute("data-mode") or ""

    @property
    def status(self) -> str:
        """The line that says so."""
        return self.page.inner_text("#status")

    @property
    def positions(self) -> list[float]:
        """Where the recording was, in milliseconds, when each frame so far started."""
        positions: list[float] = self.page.evaluate("window.positions")
        return positions

    @property
    def heard(self) -> list[dict[str, Any]]:
        """What the recordings were told."""
        heard: list[dict[str, Any]] = self.page.evaluate("window.heard")
        return heard

    @property
    def said(self) -> list[str]:
        """What the browser's voice was given to say."""
        said: list[str] = self.page.evaluate("window.said.map((line) => line.text).filter(Boolean)")
        return said

    @property
    def starts(self) -> list[dict[str, Any]]:
        """When each frame so far started."""
        starts: list[dict[str, Any]] = self.page.evaluate("window.starts")
        return starts


def first_hold(answer: dict[str, Any]) -> int:
    """The index of the first frame of the first hold."""
    return next(index for index, frame in enumerate(answer["frames"]) if frame["hold_ms"])


def spoken_seconds(text: str) -> int:
    """The number of seconds named in words as in "Thirteen seconds"."""
    units = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    numbers = [*units.split(), "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    found = re.search(r"(\w+) seconds", text.lower())
    assert found, text
    return numbers.index(found[1])
