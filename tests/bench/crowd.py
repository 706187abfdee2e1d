"""A crowd of people in a store: each with a record as a real one is, and a key as long as Alexa's."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha512
from pathlib import Path
from typing import Any

import psycopg
from rich.progress import track

from skill.store import open_store
from skill.store.store import Store

TEN_YEARS = 3_650
"""Days."""
NAMES = ("hamstring", "calf", "piriformis", "glute")
"""What is done on each of them."""
_PERSON, _DID = "person (key, account, record, updated, revision)", "did (key, day, name, count)"


def key_of(number: int) -> str:
    """The account of one person; numbers that follow each other are far apart in an index."""
    return f"amzn1.ask.account.{sha512(str(number).encode()).hexdigest().upper()}"


@dataclass(frozen=True)
class Crowd:
    """`people` of them in `store`, numbered from 0. The last has done something on each day of ten years."""

    store: Store
    people: int

    @property
    def veteran(self) -> str:
        """The key of the last."""
        return key_of(self.people - 1)


def crowd_in_a_file(path: Path, people: int, record: dict[str, Any]) -> Crowd:
    """In SQLite."""
    store = open_store(f"sqlite:///{path}")
    store.ping()
    day = int(time.time()) // 86_400 * 86_400
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma cache_size = -1000000")  # kB: both indexes, as keys come in no order
        connection.execute("begin")
        rows = ((key, key, text, day, n) for key, text, n in _people(people, record, "SQLite"))
        connection.executemany(f"insert into {_PERSON} values (?, ?, ?, ?, ?)", rows)
        did = ((key, str(day), name, n) for key, day, name, n in _did(people))
        connection.executemany(f"insert into {_DID} values (?, ?, ?, ?)", did)
        connection.execute("commit")
        connection.execute("pragma wal_checkpoint(truncate)")
    return Crowd(store, people)


def crowd_in_a_database(url: str, people: int, record: dict[str, Any]) -> Crowd:
    """In PostgreSQL, with what its own upkeep does in time."""
    store = open_store(url)
    store.ping()
    day = _today()
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        with connection.cursor().copy(f"copy {_PERSON} from stdin") as copy:
            for key, text, n in _people(people, record, "PostgreSQL"):
                copy.write_row((key, key, text, day, n))
        with connection.cursor().copy(f"copy {_DID} from stdin") as copy:
            for row in _did(people):
                copy.write_row(row)
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")
    return Crowd(store, people)


def _people(people: int, record: dict[str, Any], where: str) -> Iterator[tuple[str, str, int]]:
    """Keys, records and revisions, with a bar that tells how far it is."""
    text = json.dumps({name: value for name, value in record.items() if name != "revision"})
    for number in track(range(people), f"{people:,} people into {where}", transient=True):
        yield key_of(number), text, int(record["revision"])


def _did(people: int) -> Iterator[tuple[str, date, str, int]]:
    today = _today()
    for ago in range(TEN_YEARS):
        for name in NAMES:
            yield key_of(people - 1), today - timedelta(days=ago), name, 3


def _today() -> date:
    return datetime.fromtimestamp(time.time(), UTC).date()
