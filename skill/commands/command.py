"""A command: its options, and what it does."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

from skill.config import Config

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Options: TypeAlias = argparse.Namespace


class UsageError(Exception):
    """A command that cannot be carried out; the message says what is allowed."""


def add_command(
    commands: Commands, name: str, help_text: str, do: Callable[[Options, Config], None]
) -> argparse.ArgumentParser:
    """A new command called `name`, carried out by `do`."""
    command = commands.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
    command.set_defaults(do=do)
    return command


def tell(line: str) -> None:
    """One line of output, at once."""
    print(line, flush=True)  # noqa: T201
