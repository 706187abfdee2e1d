"""What can be measured of a clip once it is decoded."""

from math import log10

import av

from skill.audio.pcm import FULL_SCALE, Pcm, decoded
from skill.render.audio import FRAME_BYTES, RATE_HZ

FRAME_HEADER = bytes.fromhex("fff364c4")


def frames_of(clip: bytes) -> list[bytes]:
    """The frames of a clip, cut by their length."""
    return [clip[start : start + FRAME_BYTES] for start in range(0, len(clip), FRAME_BYTES)]


def stands_alone(frame: bytes) -> bool:
    """Whether a frame is one of ours and needs none before it: its main_data_begin is 0."""
    return len(frame) == FRAME_BYTES and frame[:3] == FRAME_HEADER[:3] and frame[4] == 0


def peak_dbfs(pcm: Pcm) -> float:
    """The greatest sample."""
    return 20 * log10(max(max(pcm), -min(pcm), 1) / FULL_SCALE)


def rms_dbfs(pcm: Pcm) -> float:
    """The root of the mean square."""
    return 10 * log10(max(sum(value * value for value in pcm) / len(pcm), 1) / FULL_SCALE**2)


def onset_ms(pcm: Pcm, within_db: float = 40) -> float:
    """When it rises to that near its peak."""
    threshold = max(max(pcm), -min(pcm)) / 10 ** (within_db / 20)
    return next(index for index, value in enumerate(pcm) if abs(value) > threshold) * 1000 / RATE_HZ


def tail_ms(pcm: Pcm) -> float:
    """How long it has been 40 dB below its peak at the end."""
    return onset_ms(pcm[::-1])


def integrated_lufs(clip: bytes) -> float:
    """The loudness as in EBU R 128 of a clip."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE_HZ, format="s16", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    pcm = decoded(clip)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm))
    frame.planes[0].update(pcm.tobytes())
    frame.sample_rate = RATE_HZ
    source.push(frame)
    source.push(None)
    measured = -70.0
    while True:
        try:
            measured = float(sink.pull().metadata.get("lavfi.r128.I", measured))
        except av.EOFError:
            return measured
