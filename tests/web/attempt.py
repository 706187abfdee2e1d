"""A request as it reaches the endpoint, made wrong in one way; for our verifier and for the SDK's."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from skill.web.refusal import Refusal
from tests.intents.alexa import Json
from tests.web.authority import URL, Signer, authority, pem_of
from tests.web.conftest import World

SIGNATURE, CHAIN_URL = "Signature-256", "SignatureCertChainUrl"


def _leave(raw: bytes) -> bytes:
    return raw


@dataclass(frozen=True)
class Attempt:
    """A launch that Alexa signed just now, until a case changes something."""

    body: Json
    leaf: Signer
    pem: bytes
    url: str = URL
    late_s: float = 0
    """How long it has been under way. A negative time: its clock is ahead of ours."""
    encode: Callable[[Json], bytes] = lambda body: json.dumps(body).encode()
    sign: Callable[[Signer, bytes], str] = Signer.signature
    travel: Callable[[bytes], bytes] = _leave
    """What becomes of the body once it is signed."""
    headers: dict[str, str | None] = field(default_factory=dict)
    """In place of the proper ones; None for none."""
    error: Exception | None = None
    """Of the certificate's host."""

    def sent(self) -> tuple[dict[str, str], bytes]:
        """Headers and body."""
        raw = self.encode(self.body)
        proper: dict[str, str | None] = {CHAIN_URL: self.url, SIGNATURE: self.sign(self.leaf, raw)}
        headers = {name: value for name, value in (proper | self.headers).items() if value is not None}
        return headers, self.travel(raw)

    def published(self, leaf: Signer, *others: Signer) -> "Attempt":
        """Signed by `leaf`, which is published with `others`, or else with the usual intermediate."""
        return replace(self, leaf=leaf, pem=pem_of(leaf, *(others or (authority().intermediate,))))


Change = Callable[[Attempt], Attempt]


@dataclass(frozen=True)
class Case:
    """What is changed, and why that is refused; or None, if it is good."""

    name: str
    refusal: Refusal | None
    change: Change

    def attempt(self, world: World) -> Attempt:
        """The request, its time gone by."""
        launch = world.echo.body({"type": "LaunchRequest"})
        attempt = self.change(Attempt(launch, world.leaf, authority().pem(world.leaf)))
        world.clock.after(attempt.late_s)
        return attempt
