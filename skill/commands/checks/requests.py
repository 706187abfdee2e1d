"""Requests as Alexa sends them, but for the signature, which only Amazon can make."""

import base64
import json
from datetime import UTC, datetime

from skill.commands.checks.line import Question

ANY_SKILL = "amzn1.ask.skill.sciatica-coach-check"
_ACCOUNT = "amzn1.ask.account.sciatica-coach-check"
_AMAZONS = "https://s3.amazonaws.com/echo.api"
_JUNK = base64.b64encode(b"junk" * 64).decode()


def forged(path: str, skill_id: str, now: datetime) -> dict[str, Question]:
    """Requests that must all be refused, by what is wrong with them. The first has nothing else wrong."""
    body = _launch(skill_id or ANY_SKILL, now)
    signatures = {
        "unsigned": {},
        "signed with junk": _signed(f"{_AMAZONS}/echo-api-cert.pem"),
        "signed with an old certificate": _signed(f"{_AMAZONS}/echo-api-cert-0.pem"),
        "signed by somebody else": _signed("https://example.com/echo.api/echo-api-cert.pem"),
    }
    kind = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    return {what: Question("POST", path, kind | headers, body) for what, headers in signatures.items()}


def _signed(chain_url: str) -> dict[str, str]:
    return {"SignatureCertChainUrl": chain_url, "Signature": _JUNK, "Signature-256": _JUNK}


def _launch(skill_id: str, now: datetime) -> bytes:
    application, user = {"applicationId": skill_id}, {"userId": _ACCOUNT}
    device = {"deviceId": "amzn1.ask.device.sciatica-coach-check", "supportedInterfaces": {}}
    system = {"application": application, "user": user, "device": device}
    request = {
        "type": "LaunchRequest",
        "requestId": "amzn1.echo-api.request.sciatica-coach-check",
        "timestamp": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "locale": "en-US",
    }
    session = {"new": True, "sessionId": "amzn1.echo-api.session.sciatica-coach-check"}
    whole = {
        "version": "1.0",
        "session": session | {"application": application, "user": user},
        "context": {"System": system},
        "request": request,
    }
    return json.dumps(whole).encode()
