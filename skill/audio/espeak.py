"""espeak-ng, the voice that needs no network.

The library is GPL-3.0-or-later, which is why it is an extra of its own, loaded only when it is used.
"""

import ctypes as c
import threading
from array import array
from functools import cache

import espeakng_loader

from skill.audio.pcm import Pcm, resampled
from skill.audio.synthesizer import VoiceError

_SYNCHRONOUS, _DONT_EXIT, _UTF8, _RATE = 2, 0x8000, 1, 1
_LONGEST_DATA_PATH = 159
_Heard = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.c_void_p)


class Espeak:
    """The voice, kept by the library in global state: there is one, and it says one thing at a time."""

    def __init__(self, voice: str, words_a_minute: int) -> None:
        self._lock = threading.Lock()
        self._said = bytearray()
        self._heard = _Heard(self._hear)
        try:
            self._library = c.CDLL(espeakng_loader.get_library_path())
        except OSError as wrong:
            raise VoiceError(f"espeak-ng cannot be loaded: {wrong}") from None
        self._rate_hz = _initialized(self._library, espeakng_loader.get_data_path())
        self._library.espeak_SetSynthCallback(self._heard)
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise VoiceError(f"espeak-ng has no voice {voice}")
        self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._library.espeak_Synth.argtypes = [
            *(c.c_void_p, c.c_size_t, c.c_uint, c.c_int, c.c_uint, c.c_uint, c.c_void_p, c.c_void_p)
        ]

    def pcm(self, text: str) -> Pcm:
        """`text` as it is spoken. Raises VoiceError."""
        words = text.encode() + b"\0"
        with self._lock:
            self._said.clear()
            wrong = self._library.espeak_Synth(words, len(words), 0, 1, 0, _UTF8, None, None)
            said = array("h", bytes(self._said))
        if wrong or not said:
            raise VoiceError(f"espeak-ng cannot say {text!r}: error {wrong}")
        return resampled(said, self._rate_hz)

    def _hear(self, samples: "c._Pointer[c.c_short]", count: int, _: object) -> int:
        if samples and count > 0:
            self._said += c.string_at(samples, 2 * count)
        return 0


@cache
def espeak(voice: str, words_a_minute: int) -> Espeak:
    """The voice of this process. Raises VoiceError."""
    return Espeak(voice, words_a_minute)


def _initialized(library: c.CDLL, data: str) -> int:
    """Samples a second, once the library has read its data from the folder `data`."""
    if len(data.encode()) > _LONGEST_DATA_PATH:
        raise VoiceError(
            f"espeak-ng cannot read its data from a path of more than {_LONGEST_DATA_PATH} bytes: "
            f"install this package in a folder that is less deep than {data}"
        )
    library.espeak_Initialize.argtypes = [c.c_int, c.c_int, c.c_char_p, c.c_int]
    rate_hz: int = library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
    if rate_hz <= 0:
        raise VoiceError(f"espeak-ng finds no data in {data}")
    return rate_hz
