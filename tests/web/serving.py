"""Run as `python -m tests.web.serving PORT`: the webhook under gunicorn as it is served, and more routes.

It believes every request, and its patience with slow clients is short.
"""

import os
import sys
from collections.abc import Iterator

from flask import Flask

from skill.config import Config
from skill.logs import set_up
from skill.web import create_app, worker
from skill.web.audio import audio
from skill.web.server import Server

PIECE, PIECES = b"x" * 65_536, 500
PARTING_S = 0.2


class Long:
    """What stands for any recording: long, and all the same."""

    size = len(PIECE) * PIECES

    def open(self, token: str) -> "Long":
        """For whatever token."""
        return self

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """In pieces."""
        for _ in range(PIECES):
            yield PIECE


def _app() -> Flask:
    app = create_app(Config(), verify=False)
    app.register_blueprint(audio(Long()), url_prefix="/long", name="long")  # type: ignore[arg-type]

    @app.get("/no-recording")
    def no_recording() -> Iterator[bytes]:
        yield from Long().read(0, 0)

    @app.get("/breaks/<words>")
    def breaks(words: str) -> Iterator[bytes]:
        yield b"so far so good"
        raise ValueError(words)

    return app


if __name__ == "__main__":
    set_up(os.environ.get("SCIATICA_LOG", "text"))
    worker.PATIENCE_S, worker.PARTING_S = 0.5, PARTING_S
    Server(_app, "127.0.0.1", int(sys.argv[1])).run()
