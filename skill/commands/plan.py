"""`sciatica-coach plan`: the timeline of a routine."""

import argparse
import json

from rich.console import Console

from skill.coach.content import Content
from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.planning import (
    add_plan_options,
    add_voice_options,
    chosen_library,
    chosen_voices,
    make_chosen_plan,
)
from skill.config import VOICES, Config
from skill.content import load_content
from skill.render.text import plan_data, plan_table
from skill.routine.plan import Plan
from skill.routine.timeline import Timeline
from skill.routine.voice import ModelledVoice, RecordedVoice

ALEXA = "alexa"


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "plan", "show the timeline of the routine", _do)
    command.add_argument("--json", action="store_true", help="a list of cues, times in milliseconds")
    add_plan_options(command)
    recorded = "SCIATICA_VOICE where all of the plan is recorded, else an estimate of Alexa's"
    add_voice_options(command, (ALEXA, *VOICES), recorded)
    slowness = "how slowly Alexa's voice speaks: 0.5 to 2, usually 1"
    command.add_argument("--r", type=_pace, help=slowness)


def _pace(text: str) -> float:
    try:
        r = float(text)
    except ValueError:
        r = 0
    if not 0.5 <= r <= 2:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed: 0.5 to 2")
    return r


def _do(options: Options, config: Config) -> None:
    content = load_content()
    plan = make_chosen_plan(options, config, content)
    voice = _voice(options, config, content, plan)
    timeline = Timeline(plan, voice)
    if options.json:
        tell(json.dumps(plan_data(timeline), indent=1))
        return
    table = plan_table(timeline, plan.routine, content.words)
    spoken = f"recorded by {voice.name}" if isinstance(voice, RecordedVoice) else "as Alexa may speak"
    table.title = f"{table.title}, {spoken}"
    Console().print(table)


def _voice(options: Options, config: Config, content: Content, plan: Plan) -> RecordedVoice | ModelledVoice:
    """The voice asked for; where none is, a recorded one if there is. Raises UsageError."""
    wants_estimate = options.voice == ALEXA or options.r is not None
    wants_recording = options.voice in VOICES or options.marks is not None
    if wants_estimate and wants_recording:
        raise UsageError(
            "--r is for Alexa's voice; --marks and another --voice are for recordings: allowed: one of them"
        )
    estimate = ModelledVoice() if options.r is None else ModelledVoice(options.r)
    if wants_estimate:
        return estimate
    library = chosen_library(options, config)
    recorded = chosen_voices(library, options, config).of(plan)
    if recorded is None and wants_recording:
        how = f"sciatica-coach audio build --voice {library.voice}"
        raise UsageError(f"not all of this plan is recorded by {library.voice}: {how}")
    return recorded or estimate
