"""A synthesizer: what turns a text into speech."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from skill.audio.pcm import Pcm

_EXTRAS = {"av": "clips", "espeakng_loader": "espeak"}
"""The extra of this package that each optional package belongs to."""


class VoiceError(Exception):
    """A voice that cannot speak; the message says why, and what helps."""


class Synthesizer(Protocol):
    """Speaks one text at a time."""

    def pcm(self, text: str) -> "Pcm":
        """`text` as it is spoken, with any silence around it. Raises VoiceError."""


@contextmanager
def optional_packages() -> Iterator[None]:
    """Turns the failed import of an optional package into a VoiceError that says how to get it."""
    try:
        yield
    except ImportError as wrong:
        package = (wrong.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        why = f"the package {package} cannot be imported ({wrong})"
        raise VoiceError(f"{why}: {how_to_install(package)}") from None


def how_to_install(package: str) -> str:
    """What a person types to get `package`."""
    extra = f"[{_EXTRAS[package]}]" if package in _EXTRAS else ""
    return f"pip install 'sciatica-coach{extra}'"
