"""Clips whose frames tell what they are, and the routine in their voice."""

from collections.abc import Iterator, Mapping
from functools import cache

from skill.render.audio import FRAME_BYTES, FRAME_MS, SILENT_FRAME, Track
from skill.routine.marks import BELL_MS, Marks
from skill.routine.routine import Routine
from skill.routine.settings import Pace, Settings
from skill.routine.timeline import Position, TimedCue, Timeline
from skill.routine.units import DurationMs
from skill.routine.voice import ModelledVoice, RecordedVoice
from tests.routine.choices import ROUTINE, plan_of

HEADER = SILENT_FRAME[:4]
TICK_FRAMES = 3


@cache
def frames_of(name: str, count: int) -> bytes:
    """`count` frames; the first says `name`, the others where in the clip they are."""
    first = HEADER + f"[{name}]".encode().ljust(FRAME_BYTES - 4, b"*")
    rest = [HEADER + f"{index}".encode().ljust(FRAME_BYTES - 4, b"+") for index in range(1, count)]
    return first + b"".join(rest)


def name_of(text: str, pace: Pace) -> str:
    """Short enough for a frame."""
    return f"{pace}:{text}"[:100]


class Lengths(Mapping[tuple[str, Pace], DurationMs]):
    """Whatever is asked for is recorded, and lasts whole frames."""

    def __getitem__(self, said: tuple[str, Pace]) -> DurationMs:
        return DurationMs(-(-ModelledVoice().speech_ms(*said) // FRAME_MS) * FRAME_MS)

    def __iter__(self) -> Iterator[tuple[str, Pace]]:
        return iter(())

    def __len__(self) -> int:
        return 0


class NamedClips:
    """A clip for every text, and the sounds."""

    def speech(self, text: str, pace: Pace) -> bytes | None:
        return frames_of(name_of(text, pace), Lengths()[text, pace] // FRAME_MS)

    def sound(self, name: str) -> bytes | None:
        return frames_of(name, {"bell": BELL_MS // FRAME_MS, "tick": TICK_FRAMES}[name])


def recorded(chosen: Settings, routine: Routine = ROUTINE, marks: Marks = Marks.BELL) -> Timeline:
    return Timeline(plan_of(chosen, routine), RecordedVoice("named", "1", marks, Lengths()))


def whole(timeline: Timeline) -> tuple[TimedCue, ...]:
    return timeline.cut(Position(0), len(timeline))


def track_of(timeline: Timeline) -> Track:
    voice = timeline.voice
    assert isinstance(voice, RecordedVoice)
    return Track(whole(timeline), NamedClips(), timeline.plan.settings.pace, voice.marks)


def heard(track: Track) -> list[tuple[int, str]]:
    """When each clip begins, in milliseconds, and its name."""
    found: list[tuple[int, str]] = []
    at = 0
    for piece in track.read():
        start = -1
        while (start := piece.find(HEADER + b"[", start + 1)) >= 0:
            name = piece[start + 5 : start + FRAME_BYTES].rstrip(b"*")[:-1].decode()
            found.append(((at + start) // FRAME_BYTES * FRAME_MS, name))
        at += len(piece)
    return found
