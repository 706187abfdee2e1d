"""Run as `python -m tests.web.serving PORT`: the webhook under gunicorn as it is served, and two routes more.

It believes every request, and its patience with slow clients is short.
"""

import sys
from collections.abc import Iterator

from flask import Flask

from skill.config import Config
from skill.web import create_app, server

PIECE, PIECES = b"x" * 65_536, 500


def _app() -> Flask:
    app = create_app(Config(), verify=False)

    @app.get("/long")
    def long() -> Iterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    @app.get("/breaks/<words>")
    def breaks(words: str) -> Iterator[bytes]:
        yield b"so far so good"
        raise ValueError(words)

    return app


if __name__ == "__main__":
    server.PATIENCE_S = 0.5
    server.Server(_app, "127.0.0.1", int(sys.argv[1])).run()
