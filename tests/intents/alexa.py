"""Alexa's side of the wire: whole request envelopes, and devices that keep their session."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_core.skill import CustomSkill
from ask_sdk_model import RequestEnvelope

from skill.content import load_content
from skill.intents.streams import Streams
from skill.routine.units import seconds
from skill.skill import skill_builder
from skill.store.store import Store
from tests.intents.rules import check_response

Json = dict[str, Any]
SKILL_ID = "amzn1.ask.skill.test"
SECRET = "a secret of the tests"
_SERIALIZER = DefaultSerializer()
_NUMBERS: Iterator[int] = count(1)


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def after(self, length_s: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=length_s)


def skill_on(
    store: Store,
    clock: Clock,
    skill_id: str | None = None,
    streams: Streams | None = None,
) -> CustomSkill:
    """The real skill on `store`."""
    builder = skill_builder(load_content(), "sciatica", store, clock, seconds(120), SECRET, skill_id, streams)
    return builder.create()


def parsed(body: Json) -> RequestEnvelope:
    """The envelope as the SDK reads it."""
    return _SERIALIZER.deserialize(json.dumps(body), RequestEnvelope)


def invoke(skill: CustomSkill, body: Json) -> Json:
    """What `skill` answers to `body`, as JSON."""
    answer: Json = _SERIALIZER.serialize(skill.invoke(parsed(body), None))
    return answer


def intent(name: str, slots: Mapping[str, Json] | None = None) -> Json:
    """An intent request; slots by name."""
    named = {key: {"name": key, "confirmationStatus": "NONE", **slot} for key, slot in (slots or {}).items()}
    return {"type": "IntentRequest", "intent": {"name": name, "confirmationStatus": "NONE", "slots": named}}


def number(value: str) -> Json:
    """A slot of a built-in type: Alexa gives the value alone."""
    return {"value": value, "source": "USER"}


def matched(slot_id: str, spoken: str) -> Json:
    """A slot whose value Alexa knows."""
    values = [{"value": {"name": spoken, "id": slot_id}}]
    return {"value": spoken, **_resolutions({"status": {"code": "ER_SUCCESS_MATCH"}, "values": values})}


def unmatched(spoken: str) -> Json:
    """A slot whose value Alexa does not know."""
    return {"value": spoken, **_resolutions({"status": {"code": "ER_SUCCESS_NO_MATCH"}})}


def _resolutions(authority: Json) -> Json:
    authority = {"authority": "amzn1.er-authority.echo-sdk.test", **authority}
    return {"resolutions": {"resolutionsPerAuthority": [authority]}}


@dataclass
class Echo:
    """A device in somebody's home. Every answer is held to Alexa's rules."""

    skill: CustomSkill
    clock: Clock
    user: str = "amzn1.ask.account.A"
    person: str = ""
    device: str = "amzn1.ask.device.kitchen"
    locale: str = "en-US"
    session: Json | None = None
    answer: Json = field(default_factory=dict)

    def body(self, request: Json) -> Json:
        """The envelope of `request`; in a new session, if none is open."""
        new = self.session is None
        if self.session is None:
            self.session = {"sessionId": f"amzn1.echo-api.session.{next(_NUMBERS)}", "attributes": {}}
        application, user = {"applicationId": SKILL_ID}, {"userId": self.user}
        system: Json = {
            "application": application,
            "user": user,
            "device": {"deviceId": self.device, "supportedInterfaces": {}},
            "apiEndpoint": "https://api.amazonalexa.com",
        }
        if self.person:
            system["person"] = {"personId": self.person}
        return {
            "version": "1.0",
            "session": {**self.session, "new": new, "application": application, "user": user},
            "context": {"System": system},
            "request": {
                "requestId": f"amzn1.echo-api.request.{next(_NUMBERS)}",
                "timestamp": self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "locale": self.locale,
                **request,
            },
        }

    def sends(self, request: Json) -> str:
        """One turn; returns the speech, an SSML document."""
        self.answer = invoke(self.skill, self.body(request))
        check_response(self.answer)
        response = self.answer["response"]
        ended = request["type"] == "SessionEndedRequest" or response["shouldEndSession"]
        self.session = (
            None if ended else {**(self.session or {}), "attributes": self.answer["sessionAttributes"]}
        )
        return str(response.get("outputSpeech", {}).get("ssml", ""))

    def launches(self) -> str:
        """The skill is opened."""
        return self.sends({"type": "LaunchRequest"})

    def asks(self, name: str, **slots: Json) -> str:
        """An intent; `AMAZON.` may be left out of built-in ones, as in Next."""
        full = name if name.endswith("Intent") else f"AMAZON.{name}Intent"
        return self.sends(intent(full, slots))

    def ends(self, reason: str = "USER_INITIATED") -> Json:
        """The session is over; returns the response envelope."""
        self.sends({"type": "SessionEndedRequest", "reason": reason})
        return self.answer
