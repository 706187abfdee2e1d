"""`sciatica-coach say`: talk to the coach in the terminal."""

from contextlib import closing

from rich.console import Console

from skill.commands.command import Commands, Options, add_command
from skill.commands.keeping import reachable_store
from skill.config import LOCALES, Config
from skill.content import load_content
from skill.intents.turn import utc_now
from skill.secret import secret_of
from skill.skill import skill_builder
from skill.speaker.conversation import Conversation, Speaker
from skill.speaker.display import print_turn
from skill.speaker.terminal import converse
from skill.store.store import Store


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "say", "talk to the coach in the terminal", _do)
    command.add_argument("text", nargs="*", metavar="TEXT", help="one turn; without it, a conversation")
    command.add_argument("--locale", choices=LOCALES, help="default: SCIATICA_LOCALE, or en-US")


def _do(options: Options, config: Config) -> None:
    with closing(reachable_store(config)) as store:
        _talk(options, config, store)


def _talk(options: Options, config: Config, store: Store) -> None:
    content = load_content()
    skill = skill_builder(content, config.routine, store, utc_now, config.pause, secret_of(config)).create()
    speaker = Speaker.leading(skill, content, config.routine, utc_now)
    locale, console = options.locale or config.locale, Console(highlight=False)
    if options.text:
        print_turn(Conversation.carried_on(speaker, locale).say(" ".join(options.text)), console)
    else:
        converse(Conversation(speaker, locale), console)
