"""`GET /metrics`: what is counted, for a Prometheus on this host or its network."""

import re

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_PASSED_ON = re.compile(r"via|forwarded|x-forwarded-.+|.+-ip|cdn-loop", re.IGNORECASE)
"""The headers that proxies add: who comes through one comes from the internet."""


def metrics() -> Blueprint:
    """The counts; to whoever comes through a proxy, nothing is here."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def counts() -> Response:
        if any(_PASSED_ON.fullmatch(name) for name, _ in request.headers):
            abort(404)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint
