"""MP3: PCM as bare frames, each of which stands alone."""

from fractions import Fraction

import av

from skill.audio.pcm import Pcm, silence
from skill.render.audio import FRAME_BYTES, FRAME_MS, RATE_HZ

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
_DELAY = 1105
"""Samples by which encoder and decoder together are late."""
_LEAD = 2 * FRAME_SAMPLES - _DELAY
"""With this much silence before it and the first frame dropped, sound comes one whole frame late."""
_QUALITY = "5"
"""LAME's middle: 100 times as fast as speech here, and nothing better can be heard at this bit rate."""


def encoded(pcm: Pcm) -> bytes:
    """`pcm` as whole frames at 48 kbps; its first sample is heard one frame after their start."""
    frames = -(-len(pcm) // FRAME_SAMPLES) + 1
    padded = silence(_LEAD) + pcm + silence((frames + 3) * FRAME_SAMPLES - _LEAD - len(pcm))
    encoder = _encoder()
    packets = [bytes(packet) for packet in (*encoder.encode(_planar(padded)), *encoder.encode(None))]
    kept = packets[1 : 1 + frames]
    if {len(packet) for packet in kept} != {FRAME_BYTES} or len(kept) < frames:
        raise ValueError("the MP3 encoder of this machine makes other frames than 48 kbps at 24 kHz")
    return b"".join(kept)


def _encoder() -> av.AudioCodecContext:
    encoder = av.AudioCodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE_HZ, "mono", "s16p"
    encoder.bit_rate, encoder.options = 48_000, {"reservoir": "0", "compression_level": _QUALITY}
    return encoder


def _planar(pcm: Pcm) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16p", layout="mono", samples=len(pcm))
    frame.planes[0].update(pcm.tobytes())
    frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), 0
    return frame
