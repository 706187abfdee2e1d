"""Libraries of the offline voice, for tests that need recordings."""

import shutil
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import pytest

from skill.audio import bells, clip, espeak, mp3, pcm, trim
from skill.audio.build import build
from skill.audio.library import Library
from skill.audio.texts import all_texts
from skill.content import load_content


def built(folder: Path, texts: Iterable[str] | None = None) -> Library:
    """A library in `folder` with `texts`, or with all that the sciatica routine needs."""
    content = load_content()
    library = Library(folder, "espeak", content.language)
    build(library, all_texts(content, content.routine("sciatica")) if texts is None else texts)
    return library


@pytest.fixture(scope="session")
def whole_library(request: pytest.FixtureRequest) -> Library:
    """All that the sciatica routine needs: kept from run to run, and made anew in a minute where clips are
    made otherwise. Tests may read it, not write."""
    folders = request.config.cache.mkdir("recordings")
    folder = folders / _code()
    for old in folders.iterdir():
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return built(folder)


def _code() -> str:
    """Changes when the code does that makes a clip."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (bells, clip, espeak, mp3, pcm, trim)]
    return blake2b(b"".join(sources), digest_size=8).hexdigest()
