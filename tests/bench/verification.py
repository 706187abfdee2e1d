"""What it costs to find out whether a request is Alexa's, its key known, against the bare signature."""

import base64
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.datastructures import EnvironHeaders

from skill.speaker.envelopes import envelope, intent_request
from skill.understanding.understand import understand
from skill.web.keys import Keys
from skill.web.verify import Verifier
from tests.bench.timing import Pair, time_pair
from tests.conversations.client import MovableClock
from tests.web.authority import START, URL, authority


def verification(rounds: int = 3_000) -> Iterator[tuple[str, str, Pair]]:
    """A request of the usual size, in the headers that a server passes on."""
    root, leaf, pem = authority().root, authority().leaf(), authority().pem(authority().leaf())
    session = {"sessionId": "s", "new": False, "attributes": {}}
    asked = intent_request(understand("next stretch"))
    body = json.dumps(envelope(asked, session, "amzn1.ask.device.bench", "en-US", MovableClock()())).encode()
    signed = leaf.signature(body)
    headers = EnvironHeaders({"HTTP_SIGNATURECERTCHAINURL": URL, "HTTP_SIGNATURE_256": signed})
    verifier = Verifier(Keys(lambda _: pem, [root.certificate], lambda: START), lambda: START)
    signature, key = base64.b64decode(signed), leaf.certificate.public_key()
    assert isinstance(key, RSAPublicKey)

    def bare() -> None:
        key.verify(signature, body, PKCS1v15(), SHA256())

    yield (
        "verification, its key known",
        "a bare RSA-2048 verification",
        time_pair(lambda: verifier.check_signature(headers, body), bare, rounds),
    )
