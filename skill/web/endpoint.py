"""`POST /alexa`: verify the raw body, parse it, let the skill answer."""

import json
import logging
import re
from time import perf_counter

from ask_sdk_core.exceptions import AskSdkException, PersistenceException
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_core.skill import CustomSkill
from ask_sdk_model import RequestEnvelope
from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import ServiceUnavailable

from skill.intents.faults import told
from skill.metrics import IN_FLIGHT, REFUSED, TURN_S
from skill.package.endpoint import PATH
from skill.store.person import user_key
from skill.web.refusal import Refusal, RefusedError
from skill.web.verify import Verifier

_log = logging.getLogger(__name__)

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", re.ASCII | re.IGNORECASE)
"""RFC 3339. Of what else the SDK's reader takes for a time it prints parts as a warning."""

_SERIALIZER = DefaultSerializer()

_TIMES_UNREAD = ("eventCreationTime", "eventPublishingTime")

_DEEPEST = 64
"""How deep a body may be nested. Alexa's are no deeper than 20."""

RETRY_AFTER_S = 60
"""When to send a skill event again that could not be carried out."""


def alexa(skill: CustomSkill, verifier: Verifier | None) -> Blueprint:
    """The skill endpoint. Without a verifier every request is believed."""
    blueprint = Blueprint("alexa", __name__)

    @blueprint.post(PATH)
    def answer() -> Response:
        if request.content_type and not request.is_json:
            abort(415)
        body = request.get_data()
        with IN_FLIGHT.track_inprogress():
            begun = perf_counter()
            envelope = checked(body)
            try:
                return jsonify(_SERIALIZER.serialize(skill.invoke(envelope, None)))
            except PersistenceException as error:
                _log.error("a request could not be carried out: %s", told(error))
                raise ServiceUnavailable(retry_after=RETRY_AFTER_S) from None
            finally:
                TURN_S.observe(perf_counter() - begun)

    def checked(body: bytes) -> RequestEnvelope:
        try:
            return _checked(body, skill.skill_id, verifier)
        except RefusedError as refused:
            REFUSED.labels(refused.refusal).inc()
            _log.warning("request refused: %s", refused)
            abort(400)

    return blueprint


def _checked(body: bytes, skill_id: str | None, verifier: Verifier | None) -> RequestEnvelope:
    """The envelope in `body`, proven to come from Alexa, and to be for us. Raises RefusedError."""
    if verifier:
        verifier.check_signature(request.headers, body)
    elif "Origin" in request.headers:
        raise RefusedError(Refusal.ORIGIN, "a web page of somebody's may not speak for Alexa")
    envelope = _parse(body)
    if verifier:
        verifier.check_timestamp(envelope)
    if skill_id and envelope.context.system.application.application_id != skill_id:
        raise RefusedError(Refusal.SKILL, "the request is for another skill")
    return envelope


def _parse(body: bytes) -> RequestEnvelope:
    """The envelope in `body`. Raises RefusedError for anything else."""
    try:
        envelope: RequestEnvelope = _SERIALIZER.deserialize(_plain_json(body), RequestEnvelope)
        kind = envelope.request.object_type
        whole = isinstance(kind, str) and envelope.context.system.application.application_id
        if whole and kind.startswith("AlexaSkillEvent."):
            whole = user_key(envelope)
    except (ValueError, TypeError, AttributeError, RecursionError, AskSdkException) as wrong:
        raise RefusedError(Refusal.BODY, f"the body cannot be read: {told(wrong)}") from None
    if not whole:
        raise RefusedError(Refusal.BODY, "the body lacks the kind of its request, its skill, or its person")
    return envelope


def _plain_json(body: bytes) -> str:
    """`body`, which holds an object with a request in it, in a form that no two readers read differently.

    Raises ValueError for what is not UTF-8, and for what Python reads though it is no JSON or is ambiguous:
    NaN, infinite numbers, halves of surrogate pairs, a name twice in one object; and for what is nested so
    deep that somebody who has to read it again may not be able to. TypeError for no request.
    """
    parsed = json.loads(body.decode(), object_pairs_hook=_object)
    if not isinstance(parsed, dict) or not isinstance(parsed.get("request"), dict):
        raise TypeError("no request")
    _check_depth(parsed)
    _check_times(parsed["request"])
    text = json.dumps(parsed, allow_nan=False, ensure_ascii=False)
    text.encode()
    return text


def _check_times(asked: dict[str, object]) -> None:
    for name in _TIMES_UNREAD:
        asked.pop(name, None)
    made = asked.get("timestamp")
    if isinstance(made, str) and not _TIME.fullmatch(made):
        raise ValueError("no time of RFC 3339")


def _check_depth(parsed: object) -> None:
    level = [parsed]
    for _ in range(_DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise ValueError("nested too deep")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = dict(pairs)
    if len(named) < len(pairs) or any(name.startswith("__") for name in named):
        raise ValueError("a name twice, or one that means something to Python")
    return named
