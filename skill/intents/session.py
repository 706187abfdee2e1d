"""The session attributes: what a turn leaves for the next one, signed, in case the store does not answer.

version, settings, cleared, device   the mirror of the state: skill/coach/record.py
did                                  what was done and could not be stored yet; absent where nothing was
revision                             of the stored record that they belong to; 0 where none is known
voice                                whom Alexa knew when the session was opened; absent where nobody
seal                                 proves all of them to be ours
"""

import json
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from ask_sdk_model import RequestEnvelope
from itsdangerous import Signer

from skill.coach.moment import Moment
from skill.coach.record import mirror
from skill.intents.device import LATE_MS
from skill.store.person import voice_key

Json = dict[str, Any]
_SEAL = "seal"


class Session:
    """Reads and writes session attributes that are signed with `secret`."""

    def __init__(self, secret: str) -> None:
        self._signer = Signer(secret, salt="session", digest_method=sha256)

    def written(self, envelope: RequestEnvelope, after: Moment, revision: int) -> Json:
        """The attributes that carry the state of `after`, which belongs to the record of `revision`."""
        attributes = {**mirror(after.state, after.timeline), "revision": revision}
        if voice := voice_key(envelope):
            attributes["voice"] = voice
        return {**attributes, _SEAL: self._signature(attributes)}

    def read(self, envelope: RequestEnvelope) -> Json:
        """What we wrote, {} for nothing. Raises ValueError for what somebody else wrote."""
        attributes = (envelope.session and envelope.session.attributes) or {}
        ours = {key: value for key, value in attributes.items() if key not in (_SEAL, LATE_MS)}
        if ours and not compare_digest(str(attributes.get(_SEAL)).encode(), self._signature(ours).encode()):
            raise ValueError("not signed by us")
        return ours

    def voice(self, envelope: RequestEnvelope) -> str | None:
        """The voice that the session was opened in; "" where Alexa knew none, None where we do not."""
        try:
            ours = self.read(envelope)
        except ValueError:
            return None
        return str(ours.get("voice", "")) if ours else None

    def _signature(self, attributes: Json) -> str:
        text = json.dumps(attributes, sort_keys=True, separators=(",", ":"))
        return self._signer.get_signature(text).decode()
