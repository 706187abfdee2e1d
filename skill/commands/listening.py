"""What the commands that listen on a port have in common."""

import argparse
import os
import socket

from skill.commands.command import Options, UsageError
from skill.commands.keeping import reachable_store
from skill.config import Config
from skill.content import load_content


def add_address(command: argparse.ArgumentParser) -> None:
    """The options --host and --port, from HOST and PORT where they are not given."""
    command.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="default: 127.0.0.1")
    command.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="default: 8000")


def check(options: Options, config: Config) -> None:
    """Fail here, with a sentence, rather than in a worker with a traceback."""
    load_content().routine(config.routine)
    reachable_store(config).close()  # the worker opens its own: no connection outlives a fork
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"cannot listen on {options.host}:{options.port}: {reason}") from None
