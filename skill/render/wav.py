"""A recording as WAV: its own frames, decoded."""

import wave
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import av

from skill.render.audio import FRAME_BYTES, RATE_HZ


def write_wav(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Write `pieces`, each of whole frames, to `file` as PCM of 16 bits."""
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        for samples in _decoded(pieces):
            wav.writeframes(samples)


def _decoded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = av.AudioCodecContext.create("mp3", "r")
    for piece in pieces:
        for start in range(0, len(piece), FRAME_BYTES):
            for frame in decoder.decode(av.Packet(piece[start : start + FRAME_BYTES])):
                yield bytes(frame.planes[0])[: 2 * frame.samples]
