"""The command `sciatica-coach`."""

import argparse
import ipaddress
import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ask_sdk_core.skill import CustomSkill
from flask import Flask
from rich.console import Console

from skill import __version__
from skill.config import LOCALES, Config, ConfigError
from skill.content import load_content
from skill.intents.turn import utc_now
from skill.render.screen import Screen
from skill.render.text import plan_data, plan_table
from skill.routine.plan import make_plan
from skill.routine.routine import Routine
from skill.routine.schema import ContentError
from skill.routine.settings import Flow, Leg, Pace, Settings, Talk
from skill.routine.stretch import Dose, Range, Stretch
from skill.routine.timeline import Timeline
from skill.routine.voice import ModelledVoice
from skill.skill import build_skill
from skill.skill_package import DEFAULT_URL
from skill.skill_package import write as write_package
from skill.speaker.conversation import Conversation, Speaker
from skill.speaker.page import add_speaker
from skill.speaker.terminal import converse, print_turn
from skill.speaker.understand import to_json, understand
from skill.store import StoreUrlError, open_store
from skill.web import SKILL, create_app
from skill.web.server import Server


class UsageError(Exception):
    """A command that cannot be carried out; the message says what is allowed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        options.do(options, Config.from_environment(os.environ))
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

    run = commands.add_parser("run", help="start the local smart speaker and the webhook")
    _bound(run)
    run.set_defaults(do=_run)

    serve = commands.add_parser("serve", help="start the webhook alone, for Alexa")
    _bound(serve)
    serve.add_argument(
        "--no-verify", action="store_true", help="believe every request; on loopback only, for trying out"
    )
    serve.set_defaults(do=_serve)

    say = commands.add_parser("say", help="talk to the coach in the terminal")
    say.add_argument("text", nargs="*", metavar="TEXT", help="one turn; without it, a conversation")
    say.add_argument("--locale", choices=LOCALES, help="default: SCIATICA_LOCALE, or en-US")
    say.set_defaults(do=_say)

    hear = commands.add_parser("understand", help="show what an utterance means, as JSON")
    hear.add_argument("text", nargs="+", metavar="TEXT", help="what is said; - reads one a line")
    hear.set_defaults(do=_understand)

    plan = commands.add_parser("plan", help="show the timeline of the routine")
    plan.add_argument("--json", action="store_true", help="a list of cues, times in milliseconds")
    _planned(plan)
    plan.set_defaults(do=_plan)

    model = commands.add_parser("model", help="write the Alexa skill package")
    model.add_argument("--write", type=Path, required=True, metavar="FOLDER", help="where to write it")
    model.add_argument("--url", default=DEFAULT_URL, help="the address Alexa sends requests to")
    model.set_defaults(do=_model)
    return parser


def _bound(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="default: 127.0.0.1")
    command.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="default: 8000")


def _planned(command: argparse.ArgumentParser) -> None:
    command.add_argument("--routine", metavar="NAME", help="default: SCIATICA_ROUTINE, or sciatica")
    command.add_argument(
        "--hold",
        action="append",
        default=[],
        metavar="STRETCH=SECONDS",
        help="as in hamstring=15; may be repeated",
    )
    command.add_argument(
        "--repetitions", action="append", default=[], metavar="STRETCH=COUNT", help="as in back_flexion=10"
    )
    command.add_argument("--side", choices=[*Leg], help="the sore leg")
    command.add_argument("--pace", choices=[*Pace], default=Pace.NORMAL)
    command.add_argument("--talk", choices=[*Talk], default=Talk.FULL)
    command.add_argument("--flow", choices=[*Flow], default=Flow.STRETCH, help="where to stop and wait")
    command.add_argument("--r", type=float, default=1.0, help="pace of the voice, 1 is the formula's own")


def _run(options: argparse.Namespace, config: Config) -> None:
    _check_server(options, config)

    def make() -> Flask:
        app = create_app(config, verify=not _is_loopback(options.host))
        examples = {situation: list(phrases) for situation, phrases in load_content().help.items()}
        add_speaker(app, _speaker(app.extensions[SKILL], config), config.locale, examples)
        return app

    _tell(f"Sciatica Coach is listening: open http://{options.host}:{options.port}")
    _tell("Ctrl-C stops it; your place is kept.")
    Server(make, options.host, options.port).run()


def _serve(options: argparse.Namespace, config: Config) -> None:
    if options.no_verify and not _is_loopback(options.host):
        raise UsageError(f"--no-verify needs a loopback --host such as 127.0.0.1, not {options.host}")
    _check_server(options, config)
    Server(lambda: create_app(config, verify=not options.no_verify), options.host, options.port).run()


def _say(options: argparse.Namespace, config: Config) -> None:
    content, store = load_content(), open_store(config.store_url)
    skill = build_skill(content, config.routine, store, utc_now, config.pause)
    speaker = _speaker(skill, config)
    locale = options.locale or config.locale
    if options.text:
        conversation = Conversation.carried_on(speaker, locale)
        print_turn(conversation.say(" ".join(options.text)), Console(highlight=False))
    else:
        converse(Conversation(speaker, locale), Console(highlight=False))


def _understand(options: argparse.Namespace, config: Config) -> None:
    utterances = sys.stdin if options.text == ["-"] else [" ".join(options.text)]
    for utterance in utterances:
        _tell(json.dumps(to_json(understand(utterance.strip()))))


def _plan(options: argparse.Namespace, config: Config) -> None:
    content = load_content()
    routine = content.routine(options.routine or config.routine)
    settings = Settings(
        leg=Leg(options.side) if options.side else None,
        pace=Pace(options.pace),
        talk=Talk(options.talk),
        flow=Flow(options.flow),
    )
    for stretch, count in _doses(options.hold, routine, "--hold", lambda dose: dose.hold_s):
        settings = settings.with_hold(stretch, count)
    for stretch, count in _doses(
        options.repetitions, routine, "--repetitions", lambda dose: dose.repetitions
    ):
        settings = settings.with_repetitions(stretch, count)
    timeline = Timeline(make_plan(routine, settings, content.words), ModelledVoice(options.r))
    if options.json:
        _tell(json.dumps(plan_data(timeline), indent=1))
    else:
        Console().print(plan_table(timeline, routine, content.words))


def _model(options: argparse.Namespace, config: Config) -> None:
    for path in write_package(options.write, options.url):
        _tell(str(path))


def _speaker(skill: CustomSkill, config: Config) -> Speaker:
    content = load_content()
    return Speaker(skill, Screen(content.routine(config.routine), content.words), utc_now)


def _doses(
    given: Sequence[str], routine: Routine, option: str, allowed: Callable[[Dose], Range]
) -> Iterator[tuple[Stretch, int]]:
    """Each STRETCH=NUMBER of an option. Raises UsageError naming what is allowed."""
    known = {stretch.id: stretch for stretch in routine.stretches}
    for text in given:
        name, _, number = text.partition("=")
        if name not in known:
            raise UsageError(f"{option} {text}: allowed stretches: {', '.join(known)}")
        limits = allowed(known[name].dose)
        if not number.isascii() or not number.isdigit() or int(number) not in limits:
            raise UsageError(f"{option} {text}: allowed: {limits.least} to {limits.most}")
        yield known[name], int(number)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_server(options: argparse.Namespace, config: Config) -> None:
    """Fail here, with a sentence, rather than in a worker with a traceback."""
    load_content().routine(config.routine)
    open_store(config.store_url)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"cannot listen on {options.host}:{options.port}: {reason}") from None


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201
