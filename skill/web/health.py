"""`GET /healthz`: the process is alive. `GET /readyz`: it can reach its store, and is here to stay."""

from ask_sdk_core.exceptions import PersistenceException
from flask import Blueprint, Response, jsonify, request

from skill.store.guard import Guard

STOPS = "sciatica_coach.stops"
"""The key in the WSGI environment of whether the process is about to end, if that is known."""


def health(store: Guard) -> Blueprint:
    """Both probes."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @blueprint.get("/readyz")
    def ready() -> Response:
        if request.environ.get(STOPS):
            return _not_ready("stopping")
        try:
            store.ping()
        except PersistenceException:
            return _not_ready("store unreachable")
        return jsonify(status="ready")

    return blueprint


def _not_ready(why: str) -> Response:
    response = jsonify(status=why)
    response.status_code = 503
    return response
