"""SSML for Alexa's voice, within Alexa's limits (alexa.md sections 1 and 2)."""

import re
from xml.sax.saxutils import escape

from skill.routine.cue import CueKind
from skill.routine.passage import Room
from skill.routine.settings import Pace
from skill.routine.timeline import TimedCue
from skill.routine.units import DurationMs
from skill.routine.voice import SLOW_RATE_PERCENT

MOST_CHARACTERS = 8_000
"""Of one outputSpeech, tags included."""
LONGEST_BREAK = DurationMs(10_000)

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_AROUND_A_PASSAGE = 2_500
"""Characters kept free for the answer before a passage and the prompt after it."""


def speak(cues: tuple[TimedCue, ...], pace: Pace = Pace.NORMAL) -> str:
    """One <speak> document; "" for no cues."""
    return f"<speak>{' '.join(_tag(cue, pace) for cue in cues)}</speak>" if cues else ""


def _tag(timed: TimedCue, pace: Pace) -> str:
    if timed.cue.kind is CueKind.SPEECH:
        return _speech(timed.cue.text, pace)
    return _silence(timed.duration)


def _speech(text: str, pace: Pace) -> str:
    safe = escape(_NOT_XML.sub(" ", text))
    return f'<prosody rate="{SLOW_RATE_PERCENT}%">{safe}</prosody>' if pace is Pace.SLOW else safe


def _silence(duration: DurationMs) -> str:
    """Breaks of at most ten seconds; a row of them adds up."""
    whole, rest = divmod(duration, LONGEST_BREAK)
    breaks = ['<break time="10s"/>'] * whole
    return "".join(breaks + ([f'<break time="{rest}ms"/>'] if rest else []))


def _size(timed: TimedCue) -> int:
    """Characters of a cue, at the longer of the paces."""
    return len(_tag(timed, Pace.SLOW)) + 1


ROOM = Room(size=_size, most=MOST_CHARACTERS - _AROUND_A_PASSAGE)
"""What a passage may take of a response."""
