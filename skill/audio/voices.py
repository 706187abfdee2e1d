"""The voices there are, by the names that SCIATICA_VOICE allows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from skill.audio.synthesizer import Synthesizer, VoiceError, optional_packages

ESPEAK_VOICE, ESPEAK_WORDS_A_MINUTE = "en-us+f2", 150
"""The default voice at its default rate is hard to understand; this one is much less so."""


@dataclass(frozen=True, slots=True)
class VoiceKind:
    """A voice: what it is, all that its sound depends on, the packages it needs and what opens it."""

    about: str
    recipe: str
    packages: tuple[str, ...]
    open: Callable[[str], Synthesizer]

    @property
    def missing_packages(self) -> list[str]:
        """The packages that are not installed."""
        return [name for name in self.packages if find_spec(name) is None]


def open_voice(name: str, language: str) -> Synthesizer:
    """The voice called `name`. Raises VoiceError."""
    with optional_packages():
        return VOICES[name].open(language)


def recipe(name: str) -> str:
    """All that the sound of a voice depends on. Raises KeyError."""
    return VOICES[name].recipe


def _espeak(language: str) -> Synthesizer:
    from skill.audio.espeak import espeak

    if language != "en":
        raise VoiceError(f"espeak speaks {language!r} with no voice chosen; allowed: en")
    return espeak(ESPEAK_VOICE, ESPEAK_WORDS_A_MINUTE)


def _gtts(language: str) -> Synthesizer:
    from skill.audio.google import Google

    return Google(language)


VOICES: Mapping[str, VoiceKind] = {
    "espeak": VoiceKind(
        "espeak-ng, on this machine; plain, but needs no network",
        f"espeak-ng {ESPEAK_VOICE} {ESPEAK_WORDS_A_MINUTE}",
        ("av", "espeakng_loader"),
        _espeak,
    ),
    "gtts": VoiceKind(
        "Google Translate's voice, through gTTS; asks the network once for each text",
        "gtts com",
        ("av", "gtts"),
        _gtts,
    ),
}
