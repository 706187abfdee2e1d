"""Requests as Alexa sends them, but for the signature, which only Amazon can make."""

import base64
import json
from datetime import UTC, datetime

from skill.commands.checks.line import Question
from skill.speaker.envelopes import envelope, launch_request

ANY_SKILL = "amzn1.ask.skill.sciatica-coach-check"
_ACCOUNT = "amzn1.ask.account.sciatica-coach-check"
_DEVICE = "amzn1.ask.device.sciatica-coach-check"
_SESSION = {"new": True, "sessionId": "amzn1.echo-api.session.sciatica-coach-check"}
_AMAZONS = "https://s3.amazonaws.com/echo.api"
_JUNK = base64.b64encode(b"junk" * 64).decode()


def forged(path: str, skill_id: str, now: datetime) -> dict[str, Question]:
    """Requests that must all be refused, by what is wrong with them. The first has nothing else wrong."""
    asked, skill = now.astimezone(UTC), skill_id or ANY_SKILL
    whole = envelope(launch_request(), _SESSION, _DEVICE, "en-US", asked, skill=skill, account=_ACCOUNT)
    signatures = {
        "unsigned": {},
        "signed with junk": _signed(f"{_AMAZONS}/echo-api-cert.pem"),
        "signed with an old certificate": _signed(f"{_AMAZONS}/echo-api-cert-0.pem"),
        "signed by somebody else": _signed("https://example.com/echo.api/echo-api-cert.pem"),
    }
    kind = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    body = json.dumps(whole).encode()
    return {what: Question("POST", path, kind | headers, body) for what, headers in signatures.items()}


def _signed(chain_url: str) -> dict[str, str]:
    return {"SignatureCertChainUrl": chain_url, "Signature": _JUNK, "Signature-256": _JUNK}
