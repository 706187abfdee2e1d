"""`POST /alexa`: verify the raw body, parse it, let the skill answer."""

import json
import logging

from ask_sdk_core.exceptions import AskSdkException
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_core.skill import CustomSkill
from ask_sdk_model import RequestEnvelope
from flask import Blueprint, Response, jsonify, request

from skill.web.verify import RefusedError, Verifier

_log = logging.getLogger(__name__)


def alexa(skill: CustomSkill, verifier: Verifier | None) -> Blueprint:
    """The skill endpoint. Without a verifier every request is believed."""
    blueprint = Blueprint("alexa", __name__)
    serializer = DefaultSerializer()

    @blueprint.post("/alexa")
    def answer() -> Response:
        body = request.get_data()
        try:
            if verifier:
                verifier.check_signature(request.headers, body)
            elif "Origin" in request.headers:
                raise RefusedError("a web page of somebody's may not speak for Alexa")
            envelope = _parse(serializer, body)
            if verifier:
                verifier.check_timestamp(envelope)
            answer = serializer.serialize(skill.invoke(envelope, None))
        except (RefusedError, AskSdkException) as reason:
            _log.warning("request refused: %s", reason)
            return _refusal()
        return jsonify(answer)

    return blueprint


def _parse(serializer: DefaultSerializer, body: bytes) -> RequestEnvelope:
    """The envelope in `body`. Raises RefusedError for anything else."""
    try:
        parsed = json.loads(body)
        if not isinstance(parsed, dict) or not isinstance(parsed.get("request"), dict):
            raise RefusedError("the body is no Alexa request")
        envelope: RequestEnvelope = serializer.deserialize(json.dumps(parsed), RequestEnvelope)
        named = envelope.request is not None and envelope.context.system.application.application_id
    except (ValueError, TypeError, AttributeError, RecursionError, AskSdkException) as wrong:
        raise RefusedError(f"the body cannot be read: {type(wrong).__name__}") from None
    if not named:
        raise RefusedError("the body lacks its request, or the skill it is for")
    return envelope


def _refusal() -> Response:
    response = jsonify(error="bad request")
    response.status_code = 400
    return response
