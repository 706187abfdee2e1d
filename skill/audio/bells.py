"""The sounds that mark a hold, made here: a gentle bell and a soft tick. The same bytes each time."""

from array import array
from collections.abc import Mapping
from math import exp, pi, sin

from skill.audio.mp3 import FRAME_SAMPLES, encoded
from skill.audio.pcm import FULL_SCALE, Pcm
from skill.render.audio import FRAME_MS, RATE_HZ
from skill.routine.marks import BELL_MS

Partials = tuple[tuple[float, float, float], ...]
"""Each its frequency in Hz, its share of the loudness, and the seconds in which it falls to a third."""

_BELL: Partials = ((528, 1.0, 0.11), (1056, 0.45, 0.08), (1457, 0.25, 0.06), (2218, 0.12, 0.03))
_BELL_PEAK, _BELL_STRIKE_S = 0.2, 0.008
_TICK: Partials = ((880, 1.0, 0.010), (1760, 0.3, 0.005))
_TICK_PEAK, _TICK_STRIKE_S = 0.06, 0.003
_TICK_FRAMES = 3
_FADE = RATE_HZ // 100


def sounds() -> Mapping[str, bytes]:
    """The frames of each sound, by its name."""
    bell = _struck(_BELL, _BELL_PEAK, _BELL_STRIKE_S, BELL_MS // FRAME_MS)
    tick = _struck(_TICK, _TICK_PEAK, _TICK_STRIKE_S, _TICK_FRAMES)
    return {"bell": encoded(bell), "tick": encoded(tick)}


def _struck(partials: Partials, peak: float, strike_s: float, frames: int) -> Pcm:
    """A struck body that dies away within `frames`, of which the first is the encoder's."""
    count = (frames - 1) * FRAME_SAMPLES
    total = sum(share for _, share, _ in partials)
    pcm = array("h")
    for index in range(count):
        time_s = index / RATE_HZ
        swing = sum(
            share * exp(-time_s / decay_s) * sin(2 * pi * hz * time_s) for hz, share, decay_s in partials
        )
        strike = min(time_s / strike_s, 1) * min((count - index) / _FADE, 1)
        pcm.append(round(FULL_SCALE * peak * strike * swing / total))
    return pcm
