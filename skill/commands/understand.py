"""`sciatica-coach understand`: what an utterance means, as JSON."""

import json
import sys

from skill.commands.command import Commands, Options, add_command, tell
from skill.config import Config
from skill.understanding.heard import to_json
from skill.understanding.understand import understand


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "understand", "show what an utterance means, as JSON", _do)
    command.add_argument("text", nargs="+", metavar="TEXT", help="what is said; - reads one a line")


def _do(options: Options, _: Config) -> None:
    utterances = sys.stdin if options.text == ["-"] else [" ".join(options.text)]
    for utterance in utterances:
        tell(json.dumps(to_json(understand(utterance.strip()))))
