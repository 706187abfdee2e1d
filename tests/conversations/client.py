"""A device that talks to a webhook, or to whatever else answers, with a clock of its own."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from flask import Flask
from werkzeug.serving import make_server

from skill.speaker.envelopes import envelope, intent_request, launch_request, session_ended_request
from skill.understanding.understand import understand

Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a request envelope to whoever answers it; gives the response envelope."""


@dataclass
class MovableClock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 1, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of `app`, served on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def over_http(url: str) -> Ask:
    """Asks the webhook at `url`, which believes every request."""

    def ask(asked: dict[str, Any]) -> dict[str, Any]:
        post = Request(f"{url}/alexa", json.dumps(asked).encode(), {"Content-Type": "application/json"})
        with urlopen(post) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    return ask


@dataclass
class Device:
    """One Echo: keeps the session as Alexa's cloud does."""

    ask: Ask
    clock: MovableClock
    locale: str = "en-US"
    session: dict[str, Any] = field(default_factory=dict)
    intent: str | None = None

    def hears(self, said: str) -> dict[str, Any]:
        """The response to what is said, or to LAUNCH or SESSION_ENDED REASON."""
        self.intent = None
        if said == "LAUNCH":
            return self._send(launch_request())
        if said.startswith("SESSION_ENDED"):
            answer = self._send(session_ended_request(said.split()[1]))
            self.session = {}
            return answer
        heard = understand(said)
        self.intent = heard.intent
        return self._send(intent_request(heard))

    def _send(self, request: dict[str, Any]) -> dict[str, Any]:
        session = {"sessionId": "s", "attributes": {}, **self.session, "new": not self.session}
        answer = self.ask(envelope(request, session, "amzn1.ask.device.test", self.locale, self.clock()))
        ends = answer["response"].get("shouldEndSession", True)
        self.session = {} if ends else {"attributes": answer["sessionAttributes"]}
        return answer
