"""What `plan` and `render` share: a plan for one person, and the recorded voices it may be heard in."""

import argparse
from collections.abc import Callable, Iterator, Sequence

from skill.audio.library import Library
from skill.audio.recorded_voices import RecordedVoices
from skill.coach.content import Content
from skill.commands.clips import library_of
from skill.commands.command import Options, UsageError
from skill.config import Config
from skill.routine.marks import Marks
from skill.routine.plan import Plan, make_plan
from skill.routine.routine import Routine
from skill.routine.settings import Leg, Pace, Settings, Talk
from skill.routine.stretch import Dose, Range, Stretch


def add_plan_options(command: argparse.ArgumentParser) -> None:
    """Add the options that `make_chosen_plan` reads."""
    option = command.add_argument
    option("--routine", metavar="NAME", help="default: SCIATICA_ROUTINE, or sciatica")
    for name, example in (("--hold", "hamstring=15"), ("--repetitions", "back_flexion=10")):
        text = f"as in {example}; may be repeated"
        option(name, action="append", default=[], metavar="STRETCH=NUMBER", help=text)
    option("--side", choices=[str(leg) for leg in Leg], help="the sore leg")
    option("--pace", choices=[str(pace) for pace in Pace], default=str(Pace.NORMAL))
    option("--talk", choices=[str(talk) for talk in Talk], default=str(Talk.FULL))


def add_voice_options(command: argparse.ArgumentParser, voices: Sequence[str], default: str) -> None:
    """Add the options that choose a voice of `voices`, and what marks its holds."""
    command.add_argument("--voice", choices=voices, help=f"default: {default}")
    marks = "what a recording marks its holds with; default: SCIATICA_MARKS, or bell"
    command.add_argument("--marks", choices=[str(each) for each in Marks], help=marks)


def make_chosen_plan(options: Options, config: Config, content: Content) -> Plan:
    """The plan for what the options say. Raises UsageError."""
    routine = content.routine(options.routine or config.routine)
    return make_plan(routine, _settings(options, routine), content.words)


def chosen_library(options: Options, config: Config) -> Library:
    """The clips of the recorded voice that the options say, or else the configuration."""
    return library_of(options.voice or config.voice, config)


def chosen_voices(library: Library, options: Options, config: Config) -> RecordedVoices:
    """The voices that `library` makes, marked as the options say, or else the configuration."""
    return RecordedVoices(library, Marks(options.marks or config.marks))


def _settings(options: Options, routine: Routine) -> Settings:
    settings = Settings(
        leg=Leg(options.side) if options.side else None,
        pace=Pace(options.pace),
        talk=Talk(options.talk),
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
            raise UsageError(f"{option} {text}: allowed: {name}={limits.least} to {limits.most}")
        yield known[name], int(number)
