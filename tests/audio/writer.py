"""Processes that write clips until they are killed."""

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from skill.audio.library import Library
from skill.routine.settings import Pace
from tests.audio.clips import clip, text


def write_for_ever(folder: Path, first: int, acknowledge: Connection) -> None:
    """Add clips with ever higher numbers; send the number of each that was added."""
    library, number = Library(folder, "espeak", "en"), first
    while True:
        for pace in Pace:
            library.add_speech(text(number), pace, clip(number))
        acknowledge.send(number)
        number += 1


def die_before(function: str, folder: Path, acknowledge: Connection) -> None:
    """Add one clip, and be killed when `function` of the path to a file is called."""

    def die(*_: object, **__: object) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    acknowledge.close()
    setattr(Path, function, die)
    Library(folder, "espeak", "en").add_speech(text(0), Pace.NORMAL, clip(0))
