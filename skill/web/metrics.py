"""`GET /metrics`: what is counted, for a Prometheus on this host or its network."""

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_PASSED_ON = ("Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
"""What proxies add: who comes through one comes from the internet."""


def metrics() -> Blueprint:
    """The counts; to whoever comes through a proxy, nothing is here."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def counts() -> Response:
        if any(name in request.headers for name in _PASSED_ON):
            abort(404)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint
