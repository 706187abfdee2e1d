"""Every answered turn is on the disk, whenever the process is killed."""

import multiprocessing
import random
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Event

import pytest

from skill.intents.device import device_key
from skill.store.sqlite import SqliteStore
from tests.faults.served import await_ready, device, serving, store_in
from tests.intents.alexa import Clock, Echo, Json, parsed, skill_on
from tests.killing import last_told
from tests.store.counter import DAY
from tests.store.speakers import speaks
from tests.store.writer import AT_ONCE, Caller, count_in_threads, last_turns, take_turns

ROUNDS = 20
CROWDS = 4
MOST_TURNS = 15
KILLS = 200
LONGEST_S = 0.6
"""Between the start of a server and its end; it is ready about halfway."""
LAUNCH = {"type": "LaunchRequest"}


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
        is_whole(path)


def test_of_32_at_once_none_is_lost_to_a_kill(tmp_path: Path, processes: ForkServerContext) -> None:
    path, chance, told = tmp_path / "coach.sqlite3", random.Random(5), 0
    for _ in range(CROWDS):
        told += last_told(processes, count_in_threads, str(path), after=chance.randint(40, 80))
        is_whole(path)
        store = SqliteStore(str(path))
        record, history = store.get_attributes(speaks()), store.history(speaks(), DAY)[str(DAY)]
        store.close()
        assert told <= record["count"] <= told + AT_ONCE
        told = record["count"]
        assert record["revision"] == record["count"] == sum(record["by"].values())
        assert history == {"all": record["count"], **record["by"]}


@pytest.mark.long
def test_a_server_under_load_loses_nothing_at_any_of_200_moments(tmp_path: Path) -> None:
    """Killed with kill -9 while it starts, while it answers, and while four devices talk to it at once."""
    chance, early, repeated = random.Random(11), 0, 0
    people = (("A", "kitchen"), ("A", "kitchen"), ("A", "bedroom"), ("B", "kitchen"))
    callers = [Caller(device(user, name)) for user, name in people]
    for nth in range(KILLS):
        with serving(tmp_path, ready=False) as server:
            if nth % 4:
                await_ready(server)
                for caller in callers:
                    caller.repeats(server)
                repeated += 1
            before = sum(caller.turns for caller in callers)
            stop = Event()
            with ThreadPoolExecutor(len(callers)) as pool:
                talking = [pool.submit(caller.asks_until, stop, server) for caller in callers]
                stop.wait(chance.uniform(0, LONGEST_S))
                server.kill()
            for each in talking:
                each.result()
        early += before == sum(caller.turns for caller in callers)
        nothing_is_lost(store_in(tmp_path), callers)
    with serving(tmp_path) as server:
        for caller in callers:
            caller.repeats(server)
            caller.asks(server)
        log = server.log.read_text("utf-8")
    turns = nothing_is_lost(store_in(tmp_path), callers, exactly=True)
    print(f"\n{KILLS} kills, {early} before the first answer, {turns} turns, {repeated} times asked again")
    assert "Traceback" not in log
    assert "overtaken" not in log


def nothing_is_lost(path: Path, callers: Sequence[Caller], *, exactly: bool = False) -> int:
    """Every turn that was answered is stored; returns how many were.

    exactly: nothing else is: a request that was asked again after a kill has counted once.
    """
    told = last_turns(callers)
    if not path.exists():
        assert not any(told.values())
        return 0
    is_whole(path)
    store = SqliteStore(str(path))
    for user in sorted({user for user, _ in told}):
        bodies = {name: device(user, name).body(LAUNCH) for owner, name in told if owner == user}
        stored = {name: _turns(store, body) for name, body in bodies.items()}
        for name, turns in stored.items():
            least = told[user, name]
            same = [each for each in callers if (each.echo.user, each.echo.device) == (user, name)]
            pending = 0 if exactly else sum(each.asking is not None for each in same)
            assert least <= turns <= least + pending, f"{user} {name}: {least} told, {turns} stored"
    store.close()
    return sum(told.values())


def _turns(store: SqliteStore, body: Json) -> int:
    envelope = parsed(body)
    devices = store.get_attributes(envelope).get("devices", {})
    return int(devices.get(device_key(envelope), {}).get("turn", 0))


def is_whole(path: Path) -> None:
    """SQLite finds nothing wrong with the file."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def turns_in(path: Path) -> int:
    """How many turns the file tells of, read by a process that comes later."""
    clock = Clock()
    store = SqliteStore(str(path))
    body = Echo(skill_on(store, clock), clock).body(LAUNCH)
    (told,) = store.get_attributes(parsed(body))["devices"].values()
    store.close()
    return int(told["turn"])
