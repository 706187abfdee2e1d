"""Texts, an empty library, Google's voice in front of a stand-in, and a sleep that takes no time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from skill.audio.google import Google
from skill.audio.library import Library
from skill.audio.synthesizer import Synthesizer
from skill.audio.voices import open_voice
from tests.audio.google_server import GoogleServer, google_server

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleServer]:
    with google_server(tmp_path_factory.mktemp("google")) as server:
        yield server


@pytest.fixture
def server(served: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> GoogleServer:
    """The stand-in, as if new, with no proxy in between."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    served.asked.clear()
    served.answers.clear()
    served.always = type(served).always
    return served


@dataclass
class Voices:
    """Opens voices: Google's asks the stand-in. `slept` is what it would have waited."""

    server: GoogleServer
    slept: list[float] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def open(self, name: str, language: str) -> Synthesizer:
        """The voice called `name`."""
        self.opened.append(name)
        return open_voice(name, language) if name == "espeak" else self.google()

    def google(self, tld: str = "") -> Google:
        """Google's voice, that gives up on an answer after half a second."""
        return Google("en", self.slept.append, tld or self.server.tld, timeouts_s=(0.5, 0.5))


@pytest.fixture
def voices(server: GoogleServer) -> Voices:
    return Voices(server)


@pytest.fixture
def gtts(tmp_path: Path) -> Library:
    """An empty library of Google's voice."""
    return Library(tmp_path / "audio", "gtts", "en")


@pytest.fixture
def espeak(tmp_path: Path) -> Library:
    """An empty library of the offline voice."""
    return Library(tmp_path / "audio", "espeak", "en")
