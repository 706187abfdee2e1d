"""What a turn costs with a million people stored, against a thousand; and after ten years, against none."""

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import RequestEnvelope
from rich.console import Console

from skill.config import Config
from skill.speaker.envelopes import envelope, intent_request, launch_request
from skill.store import open_store
from skill.understanding.understand import understand
from skill.web import create_app
from tests.bench.crowd import Crowd, crowd_in_a_database, crowd_in_a_file, key_of
from tests.bench.timing import Pair, time_pair
from tests.conversations.client import MovableClock
from tests.store.postgresql_server import running_postgresql

FEW, MANY = 1_000, 1_000_000
SAID = ("pause", "resume", "next stretch", "repeat", "where am I", "how long left")
TURN = "a turn, saved"
FLAT = 0.2
ROUNDS = 870
"""With those to warm up, fewer than there are people: each speaks once."""
FORGOTTEN = 200
_DEVICE = "amzn1.ask.device.bench"
_SERIALIZER = DefaultSerializer()

Row = tuple[str, str, Pair]
Turn = Callable[[], None]


def stores() -> Iterator[Row]:
    """The pairs that are timed. Filling the stores takes minutes."""
    record = real_record()
    with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
        files = [Path(folder) / f"{people}.sqlite3" for people in (FEW, MANY)]
        few, many = (crowd_in_a_file(file, n, record) for file, n in zip(files, (FEW, MANY), strict=True))
        yield from compared("SQLite", few, many)
    try:
        with running_postgresql(max_wal_size="8GB") as server:
            urls = [server.create(f"people_{people}") for people in (FEW, MANY)]
            few, many = (
                crowd_in_a_database(url, n, record) for url, n in zip(urls, (FEW, MANY), strict=True)
            )
            yield from compared("PostgreSQL", few, many)
    except pytest.skip.Exception as missing:
        Console().print(f"PostgreSQL is not timed: {missing}")


def flatness(rows: list[Row]) -> str:
    """Whether turns cost the same, told in a sentence."""
    turns = [pair for what, _, pair in rows if what.startswith(TURN)]
    ratios = [median(pair.ours) / median(pair.baseline) for pair in turns]
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    flat = all(abs(ratio - 1) <= FLAT for ratio in ratios)
    return (
        f"p50 of a turn, against few people and no history: {told}; {'' if flat else 'NOT '}within {FLAT:.0%}"
    )


def compared(kind: str, few: Crowd, many: Crowd) -> Iterator[Row]:
    """One kind of store, with few people in it and with many."""
    theirs, ours = (turns_of(crowd, everybody(crowd)) for crowd in (few, many))
    yield f"{TURN} in {kind}, {MANY:,} people", f"{FEW:,} people", time_pair(ours, theirs, ROUNDS)
    ours, theirs = (turns_of(many, cycle([key]), 7.0) for key in (many.veteran, key_of(0)))
    yield (
        f"{TURN} in {kind}, by who came each day of ten years",
        "by who never did",
        time_pair(ours, theirs, ROUNDS),
    )
    ours, theirs = (counting(many, key) for key in (many.veteran, key_of(0)))
    yield f"a save in {kind} that counts, after ten years", "after none", time_pair(ours, theirs, ROUNDS)
    ours, theirs = (forgetting(crowd) for crowd in (many, few))
    told = f"an account forgotten in {kind}, {MANY:,} people"
    yield told, f"{FEW:,} people", time_pair(ours, theirs, FORGOTTEN)
    for crowd in (few, many):
        crowd.store.close()


def everybody(crowd: Crowd) -> Iterator[str]:
    """The keys of the crowd, in no order, but for the first and the last, who are timed by themselves."""
    numbers = random.Random(1).sample(range(1, crowd.people - 1), FEW - 2)
    return (key_of(number) for number in numbers)


def turns_of(crowd: Crowd, keys: Iterator[str], pause_s: float = 0.0) -> Turn:
    """Takes a whole turn of the next of `keys`, `pause_s` after the last."""
    clock, said = MovableClock(), cycle(SAID)
    client = create_app(Config(), clock=clock, store=crowd.store, verify=False).test_client()

    def turn(key: str) -> None:
        clock.move(pause_s)
        request = intent_request(understand(next(said)))
        assert client.post("/alexa", data=json.dumps(asked(request, key, clock))).status_code == 200

    key = next(keys)
    before = crowd.store.get_attributes(parsed(key))
    turn(key)
    assert crowd.store.get_attributes(parsed(key))["revision"] == before["revision"] + 1
    return lambda: turn(next(keys))


def counting(crowd: Crowd, key: str) -> Turn:
    """Saves a record, and with it that something was done."""
    envelope, record = parsed(key), crowd.store.get_attributes(parsed(key))
    did = {MovableClock().now.date().isoformat(): {"hamstring": 1}}
    return lambda: crowd.store.save_attributes(envelope, {**record, "revision": None, "did": did})


def forgetting(crowd: Crowd) -> Turn:
    """Forgets the next of the crowd."""
    keys = everybody(crowd)
    return lambda: crowd.store.delete_attributes(parsed(next(keys)))


def real_record() -> dict[str, Any]:
    """What is stored of somebody who has said a few things."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store(f"sqlite:///{folder}/one.sqlite3")) as store,
    ):
        clock = MovableClock()
        client = create_app(Config(), clock=clock, store=store, verify=False).test_client()
        for said in ("", "no", "start my routine", "how long left", "next stretch"):
            request = intent_request(understand(said)) if said else launch_request()
            client.post("/alexa", data=json.dumps(asked(request, key_of(0), clock)))
            clock.move(20)
        record = store.get_attributes(parsed(key_of(0)))
        return {**record, "answers": record["answers"][-2:]}  # the others are too old by the next visit


def asked(request: dict[str, Any], key: str, clock: MovableClock) -> dict[str, Any]:
    """An envelope of the account `key`."""
    session = {"sessionId": "s", "new": False, "attributes": {}}
    sent = envelope(request, session, _DEVICE, "en-US", clock())
    sent["session"]["user"] = sent["context"]["System"]["user"] = {"userId": key}
    return sent


def parsed(key: str) -> RequestEnvelope:
    """Anything that the account `key` may have said."""
    return _SERIALIZER.deserialize(json.dumps(asked(launch_request(), key, MovableClock())), RequestEnvelope)
