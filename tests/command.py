"""The installed console script, run as a person runs it."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

COMMAND = Path(sys.executable).with_name("sciatica-coach")

Result = subprocess.CompletedProcess[str]
Run = Callable[..., Result]


def runner(environment: Mapping[str, str], deadline_s: float) -> Run:
    """Runs the command to its end."""

    def run(*arguments: str | Path, stdin: str = "", **settings: str) -> Result:
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
            env={**environment, **settings},
        )

    return run
