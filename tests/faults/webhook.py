"""Asking an application over HTTP, without a socket."""

from collections.abc import Callable

from flask import Flask

from tests.intents.alexa import Json

Post = Callable[[bytes], tuple[int, Json]]
"""Sends a body; gives the status and the answer."""


def post_to(app: Flask) -> Post:
    """Asks `app`."""

    def post(body: bytes) -> tuple[int, Json]:
        response = app.test_client().post("/alexa", data=body, content_type="application/json")
        return response.status_code, response.get_json()

    return post
