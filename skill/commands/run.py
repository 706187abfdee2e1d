"""`sciatica-coach run`: the local smart speaker and the webhook."""

from flask import Flask

from skill.commands.command import Commands, Options, add_command, tell
from skill.commands.listening import add_address, check
from skill.config import Config
from skill.content import load_content
from skill.intents.turn import utc_now
from skill.speaker.conversation import Speaker
from skill.speaker.page import BLUEPRINT, add_speaker
from skill.web import RECORDINGS, SKILL, create_app
from skill.web.hosts import is_loopback, nearby, only_under, with_port
from skill.web.server import Server


def add(commands: Commands) -> None:
    """Add the command."""
    add_address(add_command(commands, "run", "start the local smart speaker and the webhook", _do))


def _do(options: Options, config: Config) -> None:
    check(options, config)

    def make() -> Flask:
        app = create_app(config, verify=not is_loopback(options.host))
        content = load_content()
        recordings = app.extensions[RECORDINGS]
        speaker = Speaker.leading(app.extensions[SKILL], content, config.routine, utc_now, recordings)
        examples = {situation: list(phrases) for situation, phrases in content.help.items()}
        add_speaker(app, speaker, config.locale, examples)
        only_under(app, nearby(options.host), BLUEPRINT)
        return app

    tell(f"Sciatica Coach is listening: open http://{with_port(options.host, options.port)}")
    tell("Ctrl-C stops it; your place is kept.")
    Server(make, options.host, options.port).run()
