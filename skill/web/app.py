"""The application beneath the routes: what it reads, and what caller and log get where it fails."""

from flask import Flask, Response, abort, jsonify, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from skill.intents.faults import tells_no_words

LARGEST_BODY = 64 * 1024


class App(Flask):
    """Reads no more than a bounded body; answers every error with its name, as JSON; logs one that nobody
    foresaw by its kind and its place; serves nothing without a route of ours; never debugs, whatever the
    environment says.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
        self.config.update(DEBUG=False, PROPAGATE_EXCEPTIONS=False, PROVIDE_AUTOMATIC_OPTIONS=False)
        self.logger.addFilter(tells_no_words)
        self.before_request(_plain_path)
        self.before_request(_whole_body)
        self.register_error_handler(HTTPException, _plain)


def _plain_path() -> None:
    """Werkzeug reads two slashes in front as one. A proxy that keeps a path to itself may not."""
    if request.environ["PATH_INFO"].startswith("//"):
        abort(404)


def _whole_body() -> None:
    """Of a body in chunks, Werkzeug hands over what fits and keeps quiet about the rest."""
    if request.method != "POST" or not request.url_rule or request.content_length is not None:
        return
    try:
        too_large = len(request.get_data()) == LARGEST_BODY and request.environ["wsgi.input"].read(1)
    except (ParseException, OSError):  # no chunks, or broken off
        abort(400)
    if too_large:
        abort(413)


def _plain(error: HTTPException) -> Response:
    response = jsonify(error=error.name.lower())
    response.status_code = error.code or 500
    response.headers.extend(
        {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    )
    return response
