"""`sciatica-coach serve`: the webhook alone, for Alexa."""

import logging

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.listening import add_address, check
from skill.config import Config
from skill.web import create_app
from skill.web.hosts import is_loopback, with_port
from skill.web.server import Server

_log = logging.getLogger(__name__)


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "serve", "start the webhook alone, for Alexa", _do)
    add_address(command)
    command.add_argument(
        "--no-verify", action="store_true", help="believe every request; on loopback only, for trying out"
    )


def _do(options: Options, config: Config) -> None:
    if options.no_verify and not is_loopback(options.host):
        raise UsageError(f"--no-verify needs a loopback --host such as 127.0.0.1, not {options.host}")
    check(options, config)
    if not config.skill_id:
        _log.warning("SCIATICA_SKILL_ID is not set: any Alexa skill may use this webhook")
    tell(f"Sciatica Coach is listening: http://{with_port(options.host, options.port)}/alexa")
    Server(lambda: create_app(config, verify=not options.no_verify), options.host, options.port).run()
