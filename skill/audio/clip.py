"""A clip: speech made ready to be put beside other speech."""

from skill.audio.mp3 import encoded
from skill.audio.pcm import Pcm, louder, loudness_lufs, samples, stretched
from skill.audio.trim import trimmed
from skill.routine.settings import Pace
from skill.routine.voice import SLOW_RATE_PERCENT

LOUDNESS_LUFS = -16.0
_PEAK_DBFS = -3.0
"""MP3 overshoots a little; decoded, peaks stay below -1.5 dBFS."""
_CLOSE_ENOUGH_DB = 0.2
_MOST_PASSES = 4
_FADE_IN, _FADE_OUT = samples(5), samples(80)


def make_clip(spoken: Pcm, pace: Pace) -> bytes:
    """The frames of `spoken`, as a voice said it, at `pace`. Raises ValueError where nothing is heard."""
    pcm = trimmed(spoken)
    if pace is Pace.SLOW:
        pcm = stretched(pcm, SLOW_RATE_PERCENT)
    return encoded(_faded(_levelled(pcm)))


def _levelled(pcm: Pcm) -> Pcm:
    """`pcm` as loud as every clip; where peaks are held down, some more gain makes up for it."""
    gain_db = LOUDNESS_LUFS - loudness_lufs(pcm)
    result = louder(pcm, gain_db, _PEAK_DBFS)
    for _ in range(_MOST_PASSES):
        short_db = LOUDNESS_LUFS - loudness_lufs(result)
        if abs(short_db) < _CLOSE_ENOUGH_DB:
            break
        gain_db += short_db
        result = louder(pcm, gain_db, _PEAK_DBFS)
    return result


def _faded(pcm: Pcm) -> Pcm:
    """`pcm` with a soft beginning and end."""
    for index in range(min(_FADE_IN, len(pcm))):
        pcm[index] = pcm[index] * index // _FADE_IN
    for index in range(1, min(_FADE_OUT, len(pcm)) + 1):
        pcm[-index] = pcm[-index] * (index - 1) // _FADE_OUT
    return pcm
