"""What all tests share. None reads or writes what a person who runs them has in their own data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.audio.recordings import Recordings
from tests.intents.recorded import record, recordings_in


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    record(folder)
    return folder


@pytest.fixture(scope="session")
def recordings(recorded: Path) -> Recordings:
    """What is recorded."""
    return recordings_in(recorded)
