"""What runs for all tests of the deployment, and what they compare it with."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from skill.config import Config
from skill.web import create_app
from tests.conversations.client import Device, MovableClock, over_http, serving
from tests.conversations.script import hold, place, spoken
from tests.deploy.webhooks import MORNING
from tests.intents.alexa import SECRET, Json
from tests.store.postgresql_server import PostgresqlServer, running_postgresql


class Heard(NamedTuple):
    """An answer, as a person knows it; and the number of the turn, where it has one."""

    words: str
    place: str
    turn: int


def heard(answers: Sequence[Json]) -> list[Heard]:
    """All of them."""
    return [Heard(spoken(each), place(each), turn(each)) for each in answers]


def turn(answer: Json) -> int:
    """The number of the turn, 0 where there is none: it counts by device, and begins anew if forgotten."""
    return int(answer["sessionAttributes"].get("device", {}).get("turn", 0))


@pytest.fixture(scope="session")
def database() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    """The conversation with an application in this process, on a file."""
    folder, clock = tmp_path_factory.mktemp("plain"), MovableClock(MORNING)
    config = Config(store=f"sqlite:///{folder / 'coach.sqlite3'}", audio=str(folder / "audio"), secret=SECRET)
    with serving(create_app(config, clock=clock, verify=False)) as url:
        return heard(hold(Device(over_http(url), clock)))
