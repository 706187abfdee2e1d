"""`GET /healthz`: the process is alive. `GET /readyz`: it can reach its store."""

from ask_sdk_core.exceptions import PersistenceException
from flask import Blueprint, Response, jsonify

from skill.store.guard import Guard


def health(store: Guard) -> Blueprint:
    """Both probes."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @blueprint.get("/readyz")
    def ready() -> Response:
        try:
            store.ping()
        except PersistenceException:
            response = jsonify(status="store unreachable")
            response.status_code = 503
            return response
        return jsonify(status="ready")

    return blueprint
