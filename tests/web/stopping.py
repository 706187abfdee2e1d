"""Run as `python -m tests.web.stopping PORT FOLDER`: `sciatica-coach serve` with a store that can be held up.

While there is a file `held` in the folder, nothing is saved; where it holds "for good", a save is given up
soon. A file `closed` tells that the store was closed.
"""

import sys
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from ask_sdk_model import RequestEnvelope
from flask import Flask

from skill import service
from skill.cli import main
from skill.commands import serve
from skill.store.guard import Guard
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.audio import audio
from tests.web.serving import Long

FOR_GOOD = "for good"
LIMIT_S = 5.0
SHORT_S = 0.3


class Slow(SqliteStore):
    """A real file, in `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "coach.sqlite3"))
        self._folder = folder

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """Once it may."""
        while (self._folder / "held").exists():
            sleep(0.005)
        super().save_attributes(request_envelope, attributes)

    def close(self) -> None:
        """And say so."""
        super().close()
        (self._folder / "closed").touch()


def _app(*arguments: Any, **options: Any) -> Flask:
    app = create_app(*arguments, **options)
    app.register_blueprint(audio(Long()), url_prefix="/long", name="long")  # type: ignore[arg-type]
    return app


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    held = folder / "held"
    short = held.exists() and held.read_text("utf-8") == FOR_GOOD
    service.open_store = lambda url: Slow(folder)  # type: ignore[assignment]
    service.Guard = partial(Guard, limit_s=SHORT_S if short else LIMIT_S)  # type: ignore[misc, assignment]
    serve.create_app = _app
    sys.exit(main(["serve", "--no-verify", "--port", sys.argv[1]]))
