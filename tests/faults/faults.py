"""The faults: each breaks a world, and mends it again as far as an operator could."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from copy import deepcopy
from datetime import timedelta
from functools import partial

from ask_sdk_core.exceptions import PersistenceException

from skill.coach.record import VERSION
from tests.faults.worlds import World, turns
from tests.intents.audio_device import AudioEcho

Fault = Callable[[World], Iterator[None]]
"""Breaks it, and at the second step mends it."""


def gone(world: World) -> Iterator[None]:
    """A file where the folder should be: nothing can be opened."""
    folder, aside = world.file.parent, world.file.parent.with_suffix(".aside")
    folder.rename(aside)
    folder.touch()
    yield
    folder.unlink()
    aside.rename(folder)


def held(world: World, calls: tuple[str, ...], *, returns: bool) -> Iterator[None]:
    """Calls take longer than the limit; where they return, what they do is done late."""
    world.short, world.store.held = True, set(calls)
    yield
    if returns:
        world.store.released.set()


def locked(world: World) -> Iterator[None]:
    """Another process holds the file for writing."""
    world.short = True
    with closing(sqlite3.connect(world.file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield


def hampered(world: World, pragma: str) -> Iterator[None]:
    """Every connection refuses to write."""
    with closing(sqlite3.connect(world.file)) as connection:
        (pages,) = connection.execute("pragma page_count").fetchone()
    world.store.pragmas = [pragma.format(pages=pages)]
    yield
    world.store.pragmas = []


def corrupted(world: World, damage: Callable[[bytes], bytes]) -> Iterator[None]:
    """The file is not what was written; mended from a backup."""
    whole = world.file.read_bytes()
    world.file.write_bytes(damage(whole))
    damaged = world.file.read_bytes()
    yield
    assert world.file.read_bytes() == damaged, "what is left of a damaged file must not be made worse"
    for each in world.file.parent.iterdir():
        each.unlink()
    world.file.write_bytes(whole)


def log_lost(world: World) -> Iterator[None]:
    """The write-ahead log is gone, and with it the last turn; the file tells of the one before."""
    last = {key: value for key, value in world.stored().items() if key != "revision"}
    before = deepcopy(last)
    for device in before["devices"].values():
        device["turn"] -= 1
    world.overwrite(before)
    with closing(sqlite3.connect(world.file, isolation_level=None)) as connection:
        connection.execute("update person set record = ?", (json.dumps(last),))
        assert world.stored() != before
        file = world.file.read_bytes()
    for each in world.file.parent.iterdir():
        each.unlink()
    world.file.write_bytes(file)
    assert turns(world.stored()) == turns(before)
    yield


def recorded_as(world: World, record: object) -> Iterator[None]:
    """The record is not what we wrote."""
    kept = world.stored()
    world.overwrite(record)
    yield
    if world.stored() and world.stored().get("version", 0) != VERSION:
        world.overwrite({key: value for key, value in kept.items() if key != "revision"})


def raising(world: World, calls: tuple[str, ...], error: Callable[[], object]) -> Iterator[None]:
    """The adapter does not what it should."""
    world.store.raises = dict.fromkeys(calls, error)
    yield
    world.store.raises = {}


def jumped(world: World, by: timedelta) -> Iterator[None]:
    """The clock is set; a stream on the device goes on as it did."""
    world.clock.now += by
    if isinstance(world.echo, AudioEcho) and world.echo.stream:
        world.echo.stream.begun += by.total_seconds()
    yield


def _raise(error: Exception) -> object:
    raise error


BOTH = ("load", "save")
STORE_FAULTS: Mapping[str, Fault] = {
    "down": gone,
    "slow to save": partial(held, calls=("save",), returns=True),
    "slow": partial(held, calls=BOTH, returns=True),
    "hangs": partial(held, calls=BOTH, returns=False),
    "locked": locked,
    "read-only": partial(hampered, pragma="query_only = on"),
    "disk full": partial(hampered, pragma="max_page_count = {pages}"),
    "pages overwritten": partial(corrupted, damage=lambda file: file[:4096] + b"\xaa" * (len(file) - 4096)),
    "truncated": partial(corrupted, damage=lambda file: file[: len(file) // 2]),
    "text in its place": partial(corrupted, damage=lambda file: b"this is a letter" * 999),
    "log lost": log_lost,
    "record torn": partial(recorded_as, record='{"version": 1, "devi'),
    "record of junk": partial(recorded_as, record={"version": 1, "settings": 5, "devices": [7]}),
    "record of a newer version": partial(recorded_as, record={"version": VERSION + 1, "more": True}),
    "cannot load": partial(raising, calls=("load",), error=lambda: _raise(PersistenceException("x"))),
    "cannot save": partial(raising, calls=("save",), error=lambda: _raise(PersistenceException("x"))),
    "raises KeyError": partial(raising, calls=BOTH, error=lambda: _raise(KeyError("x"))),
    "raises MemoryError": partial(raising, calls=BOTH, error=lambda: _raise(MemoryError())),
    "gives a number": partial(raising, calls=("load",), error=lambda: 5),
}
YEAR = timedelta(days=365)
CLOCK_FAULTS: Mapping[str, Fault] = {
    "clock a year ahead": partial(jumped, by=YEAR),
    "clock a year back": partial(jumped, by=-YEAR),
    "clock an hour back": partial(jumped, by=timedelta(hours=-1)),
}
