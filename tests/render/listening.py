"""Hearing: what a person with a stopwatch would find in a recording, from its decoded samples alone."""

import os
import shutil
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from math import sqrt
from operator import mul
from pathlib import Path

import av
import pytest

PER_MS = 24
QUIET = 4
"""Samples below this are silence, a ten thousandth of full scale."""
GAP_MS = 40
"""Sounds that are closer than this are one."""
_COMPARED = 20 * PER_MS


def program(name: str) -> str:
    """The path of a program; where it is missing, the test says so, loudly, and fails under CI."""
    path = shutil.which(name)
    if path is None:
        reason = f"{name} is missing, so what it hears is NOT tested: install it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def decoded(path: Path) -> "array[int]":
    """The samples of a file, as PyAV hears them."""
    pcm = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                pcm.frombytes(bytes(part.planes[0])[: 2 * part.samples])
    return pcm


class Heard:
    """The sounds in `pcm`, millisecond by millisecond."""

    def __init__(self, pcm: "array[int]") -> None:
        self.pcm = pcm
        loud = [index for index in range(len(pcm) // PER_MS) if self._level(index) > QUIET]
        breaks = [at for at, (a, b) in enumerate(pairwise(loud), 1) if b - a > GAP_MS]
        self.sounds = [(loud[first], loud[last - 1] + 1) for first, last in pairwise((0, *breaks, len(loud)))]

    def _level(self, ms: int) -> int:
        window = self.pcm[ms * PER_MS : (ms + 1) * PER_MS]
        return max(max(window), -min(window))

    @cached_property
    def onsets(self) -> list[int]:
        """When each sound begins."""
        return [start for start, _ in self.sounds]

    def onset_in(self, start: int, stop: int) -> int:
        """The first onset from `start` up to `stop`. Fails where there is none."""
        found = self.onsets[bisect_left(self.onsets, start) : bisect_right(self.onsets, stop)]
        assert found, f"nothing begins between {start} and {stop} ms"
        return found[0]

    def end_before(self, ms: int) -> int:
        """When the last sound that begins before `ms` ends."""
        return self.sounds[bisect_left(self.onsets, ms) - 1][1]

    def is_silent(self, start: int, stop: int) -> bool:
        """Whether nothing is heard from `start` to `stop`."""
        return all(stop <= begin or end <= start for begin, end in self.sounds)

    def like(self, pattern: "array[int]") -> list[int]:
        """When each sound begins that begins as `pattern` does."""
        start = next(index for index, value in enumerate(pattern) if abs(value) > QUIET)
        wanted = pattern[start : start + _COMPARED]
        return [at for at in self.onsets if self._likeness(at * PER_MS, wanted) > 0.98]

    def _likeness(self, at: int, wanted: Sequence[int]) -> float:
        shifts = range(max(at - 2 * PER_MS, 0), at + 2 * PER_MS)
        return max(_correlation(self.pcm[shift : shift + len(wanted)], wanted) for shift in shifts)


def _correlation(a: Sequence[int], b: Sequence[int]) -> float:
    if len(a) < len(b):
        return 0.0
    power = sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return sum(map(mul, a, b)) / power if power else 0.0
