"""The browser's smart speaker: one page, and the turns it takes."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from mimetypes import guess_type
from threading import Lock

from flask import Blueprint, Flask, Response, abort, jsonify, request

from skill.speaker.conversation import LEFT, UNANSWERED, Answer, Conversation, Speaker
from skill.understanding.heard import to_json

MOST_CONVERSATIONS = 64
"""Pages talked to at the same time; the one silent for longest is forgotten first."""

BLUEPRINT = "speaker"
"""Of all its routes."""

_LONGEST_UTTERANCE = 500
_LONGEST_PAGE_ID = 64


class Conversations:
    """The open pages, each with its conversation."""

    def __init__(self, start: Callable[[], Conversation]) -> None:
        self._start, self._lock = start, Lock()
        self._open: OrderedDict[str, Conversation] = OrderedDict()

    def of(self, page: str) -> Conversation:
        """The conversation of `page`, begun if it is new."""
        with self._lock:
            conversation = self._open.pop(page, None) or self._start()
            self._open[page] = conversation
            while len(self._open) > MOST_CONVERSATIONS:
                self._open.popitem(last=False)
            return conversation


def add_speaker(app: Flask, speaker: Speaker, locale: str, examples: dict[str, list[str]]) -> None:
    """Serve the speaker at `/`, talking to `speaker` in `locale` and suggesting `examples`."""
    conversations = Conversations(lambda: Conversation(speaker, locale))
    blueprint = Blueprint(BLUEPRINT, __name__)

    @blueprint.get("/", defaults={"name": "speaker.html"})
    @blueprint.get("/speaker/static/<name>")
    def part(name: str) -> Response:
        return _part(name)

    @blueprint.get("/speaker/examples")
    def suggestions() -> Response:
        return jsonify(locale=locale, examples=examples)

    @blueprint.post("/speaker/turn")
    def turn() -> Response:
        asked = _asked()
        text = _text(asked, "text")[:_LONGEST_UTTERANCE].strip()
        conversation = conversations.of(_page(asked))
        return jsonify(_answer(conversation.say(text, _late_ms(asked)) if text else conversation.launch()))

    @blueprint.post("/speaker/end")
    def end() -> tuple[str, int]:
        asked = _asked()
        reason = UNANSWERED if _text(asked, "reason") == UNANSWERED else LEFT
        conversations.of(_page(asked)).end(reason)
        return "", 204

    app.register_blueprint(blueprint)


def _part(name: str) -> Response:
    """One file of the page, from memory: Flask's own way leaves the file open on a 304."""
    if name not in _PARTS:
        abort(404)
    response = Response((_FOLDER / name).read_bytes(), mimetype=guess_type(name)[0])
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


_FOLDER = files(__package__) / "static"
_PARTS = frozenset(part.name for part in _FOLDER.iterdir())


def _asked() -> dict[str, object]:
    """What our own page asks; another's may not talk in the person's name (CSRF): it has another origin.

    A browser asks us before it sends JSON from elsewhere, and we never agree.
    """
    if request.headers.get("Origin", request.host_url).partition("://")[2].rstrip("/") != request.host:
        abort(403)
    try:
        asked = request.get_json()
    except RecursionError:
        abort(400)
    return asked if isinstance(asked, dict) else abort(400)


def _page(asked: dict[str, object]) -> str:
    page = _text(asked, "page")
    if len(page) > _LONGEST_PAGE_ID:
        abort(400)
    return page


def _text(asked: dict[str, object], name: str) -> str:
    """The text called `name`, "" where there is none."""
    text = asked.get(name) or ""
    return text if isinstance(text, str) else abort(400)


def _late_ms(asked: dict[str, object]) -> int:
    late = asked.get("behind_ms") or 0
    return late if type(late) is int else abort(400)


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "heard": to_json(answer.heard) if answer.heard else None,
        "frames": [asdict(frame) for frame in answer.frames],
        "reprompt": [asdict(frame) for frame in answer.reprompt],
        "ends": answer.ends,
        "situation": answer.situation,
        "then": answer.then,
        "sound": _url(answer.sound),
        "reprompt_sound": _url(answer.reprompt_sound),
    }


def _url(token: str) -> str | None:
    return f"/audio/{token}.mp3" if token else None
