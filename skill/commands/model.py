"""`sciatica-coach model`: the Alexa skill package."""

from pathlib import Path

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.config import Config
from skill.package.skill_package import DEFAULT_URL, write


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "model", "write the Alexa skill package", _do)
    where = "where to write it; ask-resources.json goes beside it"
    command.add_argument("--write", type=Path, required=True, metavar="FOLDER", help=where)
    command.add_argument("--url", default=DEFAULT_URL, help="the address Alexa sends requests to")


def _do(options: Options, _: Config) -> None:
    try:
        written = write(options.write, options.url)
    except (ValueError, OSError) as wrong:
        raise UsageError(f"the skill package cannot be written: {wrong}") from None
    for path in written:
        tell(str(path))
