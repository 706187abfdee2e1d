"""`GET /audio/<token>.mp3`: a recording, or the part of it that a player asks for."""

from hashlib import blake2b
from threading import BoundedSemaphore

from flask import Blueprint, Response, request

from skill.audio.recordings import OldEditionError, Recordings, UnknownTokenError
from skill.render.audio import Track

KEEP = "private, max-age=86400, immutable"
"""A token names the edition too: what it stands for never changes."""


LISTENS = "sciatica_coach.listens"
"""The key in the WSGI environment of what to call, if it is there, once a recording is about to be sent."""

MOST_LISTENERS = 200
"""Recordings sent at a time: a player that is paused keeps a thread, and some must be left for turns."""


def audio(recordings: Recordings, most: int = MOST_LISTENERS) -> Blueprint:
    """The route, for at most so many listeners at a time. What `recordings` opens is read as it is sent."""
    blueprint = Blueprint("audio", __name__)
    places = BoundedSemaphore(most)

    @blueprint.get("/audio/<token>.mp3")
    def recording(token: str) -> Response:
        try:
            track = recordings.open(token)
        except UnknownTokenError:
            return _refusal(404, "There is no such recording.")
        except OldEditionError:
            return _refusal(410, "This recording has been replaced by a newer one.")
        response = Response(mimetype="audio/mpeg")
        response.set_etag(blake2b(token.encode(), digest_size=16).hexdigest())
        response.headers.update({"Accept-Ranges": "bytes", "Cache-Control": KEEP})
        response.make_conditional(request)
        if response.status_code != 200:
            return response
        if not places.acquire(blocking=False):
            return _refusal(503, "Too many listen just now.")
        response.call_on_close(places.release)
        response = _with_body(response, track)
        if response.status_code < 300:
            request.environ.get(LISTENS, bool)()
        return response

    return blueprint


def _with_body(response: Response, track: Track) -> Response:
    """`response` with what was asked for of `track`; a refusal where it has no such part."""
    start, stop = 0, track.size
    if _wants_part(response):
        try:
            start, stop = _part(track.size)
        except ValueError:
            response.close()
            refusal = _refusal(416, "The recording has no such part.")
            refusal.content_range.set(None, None, track.size)
            return refusal
        response.status_code = 206
        response.content_range.set(start, stop, track.size)
    response.content_length = stop - start
    response.response = track.read(start, stop)
    return response


def _wants_part(response: Response) -> bool:
    """Whether to answer with a part: where several are asked for, all of it is as good an answer."""
    unit, _, parts = request.headers.get("Range", "").partition("=")
    unchanged = request.headers.get("If-Range") in (None, response.headers["ETag"])
    return request.method == "GET" and unit.strip().lower() == "bytes" and "," not in parts and unchanged


def _part(size: int) -> tuple[int, int]:
    """The first byte asked for, and the one after the last. Raises ValueError where there is none."""
    if request.range is None:
        raise ValueError("not a range")
    ((start, stop),) = request.range.ranges
    start = max(start + size, 0) if start < 0 else start
    if start >= size:
        raise ValueError("behind the end")
    return start, size if stop is None else min(stop, size)


def _refusal(status: int, why: str) -> Response:
    return Response(f"{why}\n", status, {"Cache-Control": "no-store"}, mimetype="text/plain")
