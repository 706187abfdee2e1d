"""PCM: 24 kHz, one channel, 16 bits, in an array; and what PyAV does with it."""

from array import array
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import TypeAlias

import av
from av.filter import Graph

from skill.render.audio import RATE_HZ

Pcm: TypeAlias = "array[int]"

FULL_SCALE = 32_768
_LEAST_MEASURED = RATE_HZ
"""Loudness is an average over blocks of 400 ms, so a shorter clip is measured over and over."""


def silence(samples: int) -> Pcm:
    """So many samples of nothing."""
    return array("h", bytes(2 * samples))


def samples(ms: float) -> int:
    """How many samples last `ms` milliseconds."""
    return round(ms * RATE_HZ / 1000)


def decoded(audio: bytes) -> Pcm:
    """A whole audio file. Raises ValueError where it is none."""
    pcm = array("h")
    to_pcm = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    try:
        with av.open(BytesIO(audio), "r") as container:
            for frame in container.decode(audio=0):
                _append(pcm, to_pcm.resample(frame))
        _append(pcm, to_pcm.resample(None))
    except (av.FFmpegError, IndexError) as wrong:
        raise ValueError(f"not audio: {wrong}") from None
    return pcm


def resampled(pcm: Pcm, rate_hz: int) -> Pcm:
    """`pcm`, which has `rate_hz` samples a second."""
    to_pcm = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    result = array("h")
    _append(result, to_pcm.resample(_frame(pcm, rate_hz)))
    _append(result, to_pcm.resample(None))
    return result


def stretched(pcm: Pcm, rate_percent: int) -> Pcm:
    """`pcm` spoken at `rate_percent` of its rate, at the same pitch."""
    return _joined(_filtered(pcm, ("atempo", str(rate_percent / 100))))


def louder(pcm: Pcm, gain_db: float, most_dbfs: float) -> Pcm:
    """`pcm` with a gain, its peaks held down to `most_dbfs`."""
    limit = 10 ** (most_dbfs / 20)
    return _joined(
        _filtered(
            pcm,
            ("aformat", "sample_fmts=dbl"),
            ("volume", f"{gain_db}dB"),
            ("alimiter", f"limit={limit}:level=0:latency=1:attack=5:release=50"),
        )
    )


def loudness_lufs(pcm: Pcm) -> float:
    """The integrated loudness as in EBU R 128; -70 for silence."""
    if not pcm:
        return -70.0
    often = pcm * -(-_LEAST_MEASURED // len(pcm))
    measured = -70.0
    for frame in _filtered(often, ("ebur128", "metadata=1")):
        measured = float(frame.metadata.get("lavfi.r128.I", measured))
    return measured


def _joined(frames: Iterator[av.AudioFrame]) -> Pcm:
    pcm = array("h")
    _append(pcm, frames)
    return pcm


def _append(pcm: Pcm, frames: "Iterator[av.AudioFrame] | list[av.AudioFrame]") -> None:
    for frame in frames:
        pcm.frombytes(bytes(frame.planes[0])[: 2 * frame.samples])


def _frame(pcm: Pcm, rate_hz: int = RATE_HZ) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm))
    frame.planes[0].update(pcm.tobytes())
    frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
    return frame


def _filtered(pcm: Pcm, *filters: tuple[str, str]) -> Iterator[av.AudioFrame]:
    """The frames that come out of a chain of filters, given by name and arguments."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE_HZ, format="s16", layout="mono")
    end = ("aformat", f"sample_fmts=s16:sample_rates={RATE_HZ}:channel_layouts=mono")
    chain = [source, *(graph.add(*each) for each in (*filters, end)), graph.add("abuffersink")]
    for before, after in pairwise(chain):
        before.link_to(after)
    graph.configure()
    source.push(_frame(pcm))
    source.push(None)
    while True:
        try:
            frame = chain[-1].pull()
        except av.EOFError:
            return
        assert isinstance(frame, av.AudioFrame)  # noqa: S101  an abuffersink gives no other
        yield frame
