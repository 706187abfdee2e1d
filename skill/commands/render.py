"""`sciatica-coach render`: a routine as a file to listen to."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from rich.filesize import decimal

from skill.audio.build import BuildError, build
from skill.audio.library import Library
from skill.audio.synthesizer import VoiceError, optional_packages
from skill.coach.content import Content
from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.draft import draft
from skill.commands.planning import (
    add_plan_options,
    add_voice_options,
    chosen_library,
    chosen_voices,
    make_chosen_plan,
)
from skill.commands.progress import recording_progress
from skill.config import VOICES, Config
from skill.content import load_content
from skill.render.audio import Track
from skill.render.captions import webvtt
from skill.render.chapters import chapters
from skill.render.id3 import id3_tag
from skill.render.text import clock
from skill.routine.passage import must_ask_leg
from skill.routine.plan import Plan
from skill.routine.script import sentence_case
from skill.routine.settings import SAFE_LEG
from skill.routine.timeline import Position, Timeline

Write = Callable[[BinaryIO, Timeline, Track, Content], None]


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "render", "write the routine as a file to listen to", _do)
    what = "the file to write: .mp3 or .wav for the sound, .vtt for its captions"
    command.add_argument("out", type=Path, metavar="OUT", help=what)
    add_plan_options(command)
    add_voice_options(command, VOICES, "SCIATICA_VOICE, or espeak")


def _do(options: Options, config: Config) -> None:
    write = _writer(options.out)
    content = load_content()
    plan = make_chosen_plan(options, config, content)
    library = chosen_library(options, config)
    _record(library, plan)
    voice = chosen_voices(library, options, config).of(plan)
    if voice is None:
        raise UsageError(f"the recordings in {library.folder} cannot be read back")
    timeline = Timeline(plan, voice)
    cues = timeline.cut(Position(0), len(timeline))
    track = Track(cues, library, plan.settings.pace, voice.marks)
    try:
        with draft(options.out) as path, path.open("wb") as file:
            write(file, timeline, track, content)
        size = options.out.stat().st_size
    except OSError as wrong:
        raise UsageError(f"{options.out} cannot be written: {wrong.strerror}") from None
    tell(f"{options.out}: {clock(track.duration_ms)}, {decimal(size)}")
    if options.side is None and any(must_ask_leg(timeline, s.id) for s in plan.routine.stretches):
        tell(f"The {SAFE_LEG} leg is taken to be the sore one; --side left, right or both chooses.")


def _writer(path: Path) -> Write:
    """What writes a file of that name. Raises UsageError."""
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")
    try:
        return _WRITERS[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"OUT is {str(path)!r}; allowed: a name that ends in {', '.join(_WRITERS)}"
        ) from None


def _record(library: Library, plan: Plan) -> None:
    """Make what is missing of the recordings of `plan`. Raises UsageError."""
    missing = library.missing(dict.fromkeys(cue.text for cue in plan.cues if cue.text))
    try:
        with recording_progress() as progress:
            build(library, missing, progress=progress)
    except BuildError as wrong:
        raise UsageError(f"{library.voice}: {wrong}; what is recorded is kept") from None
    except OSError as wrong:
        raise UsageError(f"recordings cannot be kept in {library.folder}: {wrong.strerror}") from None


def _write_mp3(file: BinaryIO, timeline: Timeline, track: Track, content: Content) -> None:
    title = sentence_case(timeline.plan.routine.name)
    file.write(id3_tag(title, track.duration_ms, chapters(timeline, content.words)))
    file.writelines(track.read())


def _write_wav(file: BinaryIO, _: Timeline, track: Track, __: Content) -> None:
    try:
        with optional_packages():
            from skill.render.wav import write_wav
    except VoiceError as wrong:
        raise UsageError(f"a WAV is decoded: {wrong}") from None
    write_wav(file, track.read())


def _write_captions(file: BinaryIO, timeline: Timeline, _: Track, __: Content) -> None:
    file.write(webvtt(timeline).encode())


_WRITERS: dict[str, Write] = {".mp3": _write_mp3, ".wav": _write_wav, ".vtt": _write_captions}
