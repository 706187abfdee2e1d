"""What all tests share. None reads or writes what a person who runs them has in their own data folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.audio.recordings import Recordings
from tests.intents.recorded import record, recordings_in

RAN = pytest.StashKey[list[str]]()
"""The programs that stood behind the stores."""


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that shares out the tests which programs ran in this one."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["stores"] = session.config.stash.get(RAN, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear of them there."""
    node.config.stash.setdefault(RAN, []).extend(getattr(node, "workeroutput", {}).get("stores", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell which they were."""
    if ran := config.stash.get(RAN, None):
        terminalreporter.write_line(f"stores: {', '.join(dict.fromkeys(ran))}")
