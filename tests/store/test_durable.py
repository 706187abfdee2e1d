"""Every answered turn is on the disk, whenever the process is killed."""

import multiprocessing
import random
import sqlite3
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, parsed, skill_on
from tests.killing import last_told
from tests.store.writer import take_turns

ROUNDS = 20
MOST_TURNS = 15


@pytest.fixture
def processes() -> ForkServerContext:
    """Starts processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.writer"])
    return context


def test_every_acknowledged_turn_survives_a_kill(tmp_path: Path, processes: ForkServerContext) -> None:
    path, chance = tmp_path / "coach.sqlite3", random.Random(7)
    for _ in range(ROUNDS):
        acknowledged = last_told(processes, take_turns, str(path), after=chance.randint(1, MOST_TURNS))
        stored = turns_in(path)
        assert acknowledged <= stored, f"{acknowledged} turns were answered, {stored} are stored"
        with sqlite3.connect(path) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        connection.close()


def turns_in(path: Path) -> int:
    """How many turns the file tells of, read by a process that comes later."""
    clock = Clock()
    store = SqliteStore(str(path))
    body = Echo(skill_on(store, clock), clock).body({"type": "LaunchRequest"})
    (device,) = store.get_attributes(parsed(body))["devices"].values()
    store._connection().close()
    return int(device["turn"])
