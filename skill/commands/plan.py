"""`sciatica-coach plan`: the timeline of a routine."""

import json
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.config import Config
from skill.content import load_content
from skill.render.text import plan_data, plan_table
from skill.routine.plan import make_plan
from skill.routine.routine import Routine
from skill.routine.settings import Flow, Leg, Pace, Settings, Talk
from skill.routine.stretch import Dose, Range, Stretch
from skill.routine.timeline import Timeline
from skill.routine.voice import ModelledVoice


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "plan", "show the timeline of the routine", _do)
    option = command.add_argument
    option("--json", action="store_true", help="a list of cues, times in milliseconds")
    option("--routine", metavar="NAME", help="default: SCIATICA_ROUTINE, or sciatica")
    for name, example in (("--hold", "hamstring=15"), ("--repetitions", "back_flexion=10")):
        text = f"as in {example}; may be repeated"
        option(name, action="append", default=[], metavar="STRETCH=NUMBER", help=text)
    option("--side", choices=[*Leg], help="the sore leg")
    option("--pace", choices=[*Pace], default=Pace.NORMAL)
    option("--talk", choices=[*Talk], default=Talk.FULL)
    option("--flow", choices=[*Flow], default=Flow.STRETCH, help="where to stop and wait")
    option("--r", type=_pace, default=1.0, help="how slowly the voice speaks: 0.5 to 2, usually 1")


def _pace(text: str) -> float:
    r = float(text)
    if not 0.5 <= r <= 2:
        raise ValueError
    return r


def _do(options: Options, config: Config) -> None:
    content = load_content()
    routine = content.routine(options.routine or config.routine)
    plan = make_plan(routine, _settings(options, routine), content.words)
    timeline = Timeline(plan, ModelledVoice(options.r))
    if options.json:
        tell(json.dumps(plan_data(timeline), indent=1))
    else:
        Console().print(plan_table(timeline, routine, content.words))


def _settings(options: Options, routine: Routine) -> Settings:
    settings = Settings(
        leg=Leg(options.side) if options.side else None,
        pace=Pace(options.pace),
        talk=Talk(options.talk),
        flow=Flow(options.flow),
    )
    for stretch, count in _doses(options.hold, routine, "--hold", lambda dose: dose.hold_s):
        settings = settings.with_hold(stretch, count)
    counted = _doses(options.repetitions, routine, "--repetitions", lambda dose: dose.repetitions)
    for stretch, count in counted:
        settings = settings.with_repetitions(stretch, count)
    return settings


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
        if not (number.isascii() and number.isdigit() and len(number) < 5 and int(number) in limits):
            raise UsageError(f"{option} {text}: allowed: {limits.least} to {limits.most}")
        yield known[name], int(number)
