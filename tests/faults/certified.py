"""A world in which only what Alexa signed is believed."""

import json
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from skill.config import Config
from skill.web import create_app
from tests.faults.worlds import World
from tests.intents.alexa import SECRET, Json
from tests.web.authority import URL, authority


@dataclass
class Certified:
    """Signs what is asked in `world`. fails: whether the host of the certificates is down."""

    world: World
    fails: bool = False

    def client(self) -> FlaskClient:
        """The application, started anew."""
        return create_app(
            Config(secret=SECRET, audio=str(self.world.audio)),
            clock=self.world.clock,
            store=self.world.store,
            fetch_certificate=self._fetch,
            trust_roots=[authority().root.certificate],
        ).test_client()

    def post(self, client: FlaskClient, request: Json) -> TestResponse:
        """`request`, signed."""
        raw = json.dumps(self.world.echo.body(request)).encode()
        headers = {
            "SignatureCertChainUrl": URL,
            "Signature-256": authority().leaf().signature(raw),
            "Content-Type": "application/json",
        }
        return client.post("/alexa", data=raw, headers=headers)

    def _fetch(self, _: str) -> bytes:
        if self.fails:
            raise OSError("no route to host")
        return authority().pem(authority().leaf())
