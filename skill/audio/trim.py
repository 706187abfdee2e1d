"""Trimming: how much silence a recording begins and ends with."""

from skill.audio.pcm import FULL_SCALE, Pcm, samples, silence

LEAD_MS = 5
"""Silence before the words, so that none loses its first consonant."""
TAIL_MS = 150
"""After the words: they die away, and the next sentence does not fall into them."""

_WINDOW = samples(5)
_BELOW_PEAK, _FLOOR = 0.01, FULL_SCALE // 1000
"""What is 40 dB below the loudest, or -60 dBFS, counts as silence."""


def trimmed(pcm: Pcm, lead_ms: int = LEAD_MS, tail_ms: int = TAIL_MS) -> Pcm:
    """`pcm` with that much around what is heard. Raises ValueError where nothing is."""
    peaks = [_peak(pcm[start : start + _WINDOW]) for start in range(0, len(pcm), _WINDOW)]
    threshold = max(_FLOOR, max(peaks, default=0) * _BELOW_PEAK)
    heard = [index for index, peak in enumerate(peaks) if peak > threshold]
    if not heard:
        raise ValueError("nothing is heard")
    lead, tail = samples(lead_ms), samples(tail_ms)
    first, last = heard[0] * _WINDOW, min((heard[-1] + 1) * _WINDOW, len(pcm))
    kept = silence(max(lead - first, 0)) + pcm[max(first - lead, 0) : last + tail]
    return kept + silence(max(last + tail - len(pcm), 0))


def _peak(pcm: Pcm) -> int:
    return max(max(pcm), -min(pcm))
