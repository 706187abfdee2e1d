"""Alexa request envelopes, as a device's cloud would send them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from skill.understanding.heard import Heard, HeardSlot

APPLICATION = "amzn1.ask.skill.sciatica-coach-speaker"
USER = "amzn1.ask.account.sciatica-coach-speaker"

_AUTHORITY = "amzn1.er-authority.echo-sdk.sciatica-coach-speaker"

Json = dict[str, Any]


def launch_request() -> Json:
    """The person opened the skill."""
    return {"type": "LaunchRequest"}


def intent_request(heard: Heard) -> Json:
    """The person said something; slots come with Alexa's entity resolution."""
    slots = {name: _slot(name, slot) for name, slot in heard.slots.items()}
    intent = {"name": heard.intent, "confirmationStatus": "NONE", "slots": slots}
    return {"type": "IntentRequest", "intent": intent}


def session_ended_request(reason: str) -> Json:
    """The session is over. reason: USER_INITIATED, ERROR or EXCEEDED_MAX_REPROMPTS."""
    return {"type": "SessionEndedRequest", "reason": reason}


def envelope(
    request: Json,
    session: Mapping[str, Any],
    device: str,
    locale: str,
    when: datetime,
    *,
    skill: str = APPLICATION,
    account: str = USER,
) -> Json:
    """A whole request of `session` (its sessionId, new and attributes) from `device`."""
    application, user = {"applicationId": skill}, {"userId": account}
    return {
        "version": "1.0",
        "session": {**session, "application": application, "user": user},
        "context": {
            "System": {
                "application": application,
                "user": user,
                "device": {"deviceId": device, "supportedInterfaces": {}},
                "apiEndpoint": "https://api.amazonalexa.com",
            }
        },
        "request": {
            "requestId": f"amzn1.echo-api.request.{uuid4()}",
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "locale": locale,
            **request,
        },
    }


def _slot(name: str, slot: HeardSlot) -> Json:
    if slot.value is not None:
        return {"name": name, "value": str(slot.value), "confirmationStatus": "NONE"}
    matched = slot.id is not None
    resolution: Json = {
        "authority": f"{_AUTHORITY}.{name}",
        "status": {"code": "ER_SUCCESS_MATCH" if matched else "ER_SUCCESS_NO_MATCH"},
    }
    if matched:
        resolution["values"] = [{"value": {"name": slot.spoken, "id": slot.id}}]
    return {
        "name": name,
        "value": slot.spoken,
        "confirmationStatus": "NONE",
        "resolutions": {"resolutionsPerAuthority": [resolution]},
    }
