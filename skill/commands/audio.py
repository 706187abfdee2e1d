"""`sciatica-coach audio`: voices, and what is recorded of them."""

from skill.audio.build import BuildError, Report, build
from skill.audio.library import Library
from skill.audio.synthesizer import how_to_install
from skill.audio.voices import VOICES, VoiceKind
from skill.commands.clips import library_of, texts_to_record
from skill.commands.command import Commands, Options, UsageError, add_command, tell
from skill.commands.progress import recording_progress
from skill.config import Config


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "audio", "make recordings, or list them", _list)
    actions = command.add_subparsers(title="commands", required=True, metavar="COMMAND")
    make = add_command(actions, "build", "make the recordings that are missing", _build)
    make.add_argument("--voice", choices=[*VOICES], help="default: SCIATICA_VOICE, or espeak")
    stands_in = "who says what the voice fails to; nobody unless given"
    make.add_argument("--fallback", choices=["espeak"], default="", help=stands_in)
    add_command(actions, "list", "list the voices and what is recorded of them", _list)


def _build(options: Options, config: Config) -> None:
    voice = options.voice or config.voice
    if options.fallback == voice:
        raise UsageError(f"--fallback {voice}: it cannot stand in for itself; allowed: with --voice gtts")
    library, texts = library_of(voice, config), texts_to_record(config)
    again = _again(voice) + (f" --fallback {options.fallback}" if options.fallback else "")
    try:
        with recording_progress() as progress:
            report = build(library, texts, fallback=options.fallback, progress=progress)
    except BuildError as wrong:
        done = f"{wrong.report.made + wrong.report.lent} new recordings are kept"
        instead = " --fallback espeak" if voice != "espeak" and not options.fallback else ""
        stand_in = f"; and to let espeak stand in: {again}{instead}" if instead else ""
        raise UsageError(f"{voice}: {wrong}. {done}; to go on: {again}{stand_in}") from None
    except OSError as wrong:
        raise UsageError(f"recordings cannot be kept in {library.folder}: {wrong.strerror}") from None
    except KeyboardInterrupt:
        tell(f"Stopped; what is recorded is kept. To go on: {again}")
        raise
    tell(_summary(library, report, options.fallback))


def _summary(library: Library, report: Report, fallback: str) -> str:
    lines = [f"{report.made + report.lent} texts recorded, {report.there} there already: {_extent(library)}"]
    if report.failure:
        why = f"{fallback} stood in for {report.lent} of them, because {report.failure}"
        lines.append(f"{why}. To have them made anew: {_again(library.voice)}")
    return "\n".join([*lines, f"In {library.folder}"])


def _again(voice: str) -> str:
    return f"sciatica-coach audio build --voice {voice}"


def _extent(library: Library) -> str:
    minutes, megabytes = sum(library.lengths.values()) / 60_000, library.size / 1e6
    return f"{minutes:.1f} minutes at both paces, {megabytes:.1f} MB"


def _list(_: Options, config: Config) -> None:
    texts = texts_to_record(config)
    for name, kind in VOICES.items():
        library = library_of(name, config)
        missing, lent = len(library.missing(texts)), library.lent(texts)
        by_others = f" ({len(lent)} of them by espeak)" if lent else ""
        sounds = "" if library.snapshot.has_sounds else ", and the sounds"
        recorded = f"{len(texts) - missing} of {len(texts)} texts{by_others}, {missing} missing{sounds}"
        tell(f"{name}{' (in use)' if name == config.voice else ''}: {kind.about}")
        tell(f"  packages: {_packages(kind)}")
        tell(f"  recorded: {recorded}; {_extent(library)}")
        tell(f"  folder: {library.folder}")


def _packages(kind: VoiceKind) -> str:
    missing = [f"{name}: {how_to_install(name)}" for name in kind.missing_packages]
    return f"missing: {', '.join(missing)}" if missing else "installed"
