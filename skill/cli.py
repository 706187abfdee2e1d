"""The command `sciatica-coach`."""

import argparse
import os
import sys
from collections.abc import Sequence

from skill import __version__
from skill.commands import audio, backup, check, plan, render, restore, run, say, serve, setup, understand
from skill.commands.command import UsageError
from skill.config import Config, ConfigError
from skill.logs import set_up
from skill.routine.schema import ContentError
from skill.store import StoreUrlError

COMMANDS = (run, serve, say, understand, plan, render, audio, setup, check, backup, restore)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        config = Config.from_environment(os.environ)
        set_up(config.log)
        options.do(options, config)
    except (ConfigError, ContentError, StoreUrlError, UsageError) as wrong:
        print(f"sciatica-coach: {wrong}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sciatica-coach",
        description="A voice coach that leads a person with sciatica through four stretches.",
        epilog="Settings come from SCIATICA_* environment variables: see docs/settings.md.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
