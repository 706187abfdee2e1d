"""A whole host without containers: proxy, webhooks, PostgreSQL, and a device that asks over HTTPS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.deploy.proxies import Proxy, Reply, proxying
from tests.deploy.webhooks import SharedClock, Webhook, signature, webhooks
from tests.faults.served import Answer
from tests.intents.alexa import Echo, Json

BEHIND = {"nginx": 2, "caddy": 1}
"""How many webhooks there are behind each, as it is deployed."""


@dataclass
class Host:
    """What runs."""

    proxy: Proxy
    webhooks: list[Webhook]
    clock: SharedClock

    def send(self, body: Json) -> Reply:
        """A request that Alexa signed."""
        raw = json.dumps(body).encode()
        return self.proxy.ask("POST", "/alexa", raw, signature(raw))

    def ask(self, body: Json) -> Json:
        """The answer to one, which must be good."""
        reply = self.send(body)
        assert reply.status == 200, (reply.status, reply.body)
        answer: Json = json.loads(reply.body)
        return answer

    def post(self, body: Json) -> Answer:
        """The same, for those who measure. Raises ConnectionError where no webhook is there."""
        begun = monotonic()
        reply = self.send(body)
        if reply.status == 502:
            raise ConnectionError
        return Answer(reply.status, json.loads(reply.body), monotonic() - begun)

    def device(self, user: str) -> Echo:
        """Makes bodies; it has no skill of its own."""
        return Echo(None, self.clock, user=user)  # type: ignore[arg-type]


@contextmanager
def host(name: str, folder: Path, store: str, **settings: str) -> Iterator[Host]:
    """That proxy with its webhooks on `store`."""
    clock, settings = SharedClock(), {"SCIATICA_STORE": store, **settings}
    with (
        webhooks(folder, BEHIND[name], clock, settings) as behind,
        proxying(name, folder / name, [each.port for each in behind]) as proxy,
    ):
        yield Host(proxy, behind, clock)
