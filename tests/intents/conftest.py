"""A real store, and the situations reached once for all tests."""

from collections.abc import Callable
from functools import cache

import pytest

from skill.audio.recordings import Recordings
from skill.intents.streams import Streams
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, skill_on
from tests.intents.audio_device import AudioEcho
from tests.intents.situations import Situation, reach

URL = "https://coach.example.com"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """A real SQLite file; tests keep apart by their users. It need not survive a power cut."""
    store = SqliteStore(str(tmp_path_factory.mktemp("store") / "coach.sqlite3"))
    store._connection().execute("pragma synchronous = off")
    return store


@pytest.fixture(scope="session")
def situation(store: SqliteStore) -> Callable[[str], Situation]:
    """A situation by its name, reached once."""
    return cache(lambda name: reach(name, store))


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def echo(store: SqliteStore, clock: Clock, request: pytest.FixtureRequest) -> Echo:
    """A device of a person who has never used the skill."""
    return Echo(skill_on(store, clock), clock, user=f"amzn1.ask.account.{request.node.name}")


@pytest.fixture
def device(
    store: SqliteStore, clock: Clock, recordings: Recordings, request: pytest.FixtureRequest
) -> AudioEcho:
    """A device that plays streams, of a person who has never used the skill."""
    skill = skill_on(store, clock, streams=Streams(recordings, URL))
    return AudioEcho(skill, clock, user=f"amzn1.ask.account.{request.node.name}")
