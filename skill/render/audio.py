"""The MP3 of a row of cues: their clips' frames and silent ones, joined as bytes.

24 kHz mono MPEG-2 Layer III at a constant 48 kbps, no frame leaning on another and none with a header
of the whole: every frame is 144 bytes and 24 ms, so a time is a place in the bytes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from skill.routine.cue import CueKind, Step
from skill.routine.marks import BELL_MS, Marks
from skill.routine.settings import Pace
from skill.routine.timeline import TimedCue
from skill.routine.units import DurationMs

RATE_HZ = 24_000
FRAME_MS = 24
FRAME_BYTES = 144
SILENT_FRAME = bytes.fromhex("fff364c4") + bytes(140)

_BELL, _TICK = "bell", "tick"
_BELL_BYTES = BELL_MS // FRAME_MS * FRAME_BYTES
_SILENCE = SILENT_FRAME * 256
"""About six seconds; whoever reads a longer silence is given this again and again."""


class Clips(Protocol):
    """Recordings, each in whole frames."""

    def speech(self, text: str, pace: Pace) -> bytes | None:
        """The frames of `text`; None where it is not recorded."""

    def sound(self, name: str) -> bytes | None:
        """The frames of the sound called `name`: bell or tick."""


class _Segment(NamedTuple):
    """`size` bytes that begin with a sound, words, or a bell and words, and end in silence."""

    size: int
    text: str
    sound: str


class Track:
    """The MP3 of `cues`, spoken by `clips` at `pace`, with holds marked by `marks`.

    Each cue starts at the frame nearest to its time, counted from the first. What is not recorded is
    silent; a clip that is too long for its cue is cut.
    """

    def __init__(self, cues: Sequence[TimedCue], clips: Clips, pace: Pace, marks: Marks) -> None:
        self._clips, self._pace = clips, pace
        self._segments = tuple(_segments(cues, marks))
        self._starts = (0, *accumulate(segment.size for segment in self._segments))

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._starts[-1]

    @property
    def duration_ms(self) -> DurationMs:
        """How long it lasts."""
        return DurationMs(self.size // FRAME_BYTES * FRAME_MS)

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, piece by piece; each clip is fetched when it is due."""
        stop = self.size if stop is None else min(stop, self.size)
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            begin, end = self._starts[index], min(self._starts[index + 1], stop)
            if sounding := self._sounding(self._segments[index])[start - begin : end - begin]:
                yield sounding
            yield from _silence(start + len(sounding), end)
            start, index = end, index + 1

    def _sounding(self, segment: _Segment) -> bytes:
        """The frames of `segment` before it falls silent."""
        sound = (segment.sound and self._clips.sound(segment.sound)) or b""
        if not segment.text:
            return sound[: segment.size]
        words = self._clips.speech(segment.text, self._pace) or b""
        if segment.sound and words and segment.size - len(words) >= _BELL_BYTES:
            bell = sound[:_BELL_BYTES]
            return bell + _SILENCE[: _BELL_BYTES - len(bell)] + words
        return words[: segment.size]


def _segments(cues: Sequence[TimedCue], marks: Marks) -> Iterator[_Segment]:
    at = begin = 0
    for timed in cues:
        sound = ""
        for ms, next_sound in (*_sounds(timed, marks), (timed.duration, "")):
            end = _frame(at + ms) * FRAME_BYTES
            if ms:
                yield _Segment(end - begin, timed.cue.text, sound)
                begin = end
            sound = next_sound
        at += timed.duration


def _sounds(timed: TimedCue, marks: Marks) -> Sequence[tuple[int, str]]:
    """What sounds in a cue beside its words, and how many milliseconds from its start."""
    cue = timed.cue
    if marks is Marks.SILENCE or not (cue.kind is CueKind.HOLD or cue.step is Step.RELEASE):
        return ()
    if cue.step is Step.RELEASE:
        rings = cue.text or (cue.duration is not None and timed.duration == cue.duration + BELL_MS)
        return ((0, _BELL),) if rings else ()
    first = 0 if timed.held else 1000
    ticks = range(-timed.held % 1000 or first, timed.duration, 1000) if marks is Marks.TICK else ()
    bell = () if timed.held else ((0, _BELL),)
    return (*bell, *((ms, _TICK) for ms in ticks))


def _frame(ms: int) -> int:
    """The frame nearest to `ms`."""
    return (ms + FRAME_MS // 2) // FRAME_MS


def _silence(start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a silence from `start` up to `stop`."""
    while start < stop:
        inside = start % FRAME_BYTES
        piece = _SILENCE[inside : inside + stop - start]
        yield piece
        start += len(piece)
