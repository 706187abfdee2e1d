"""Files of older versions are brought up to date, losing nothing; those of newer ones are left alone."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.store.sqlite import SqliteStore
from tests.store.speakers import ANNA, BERT, VOICE, speaks

FIRST = """create table if not exists person (
    key text primary key,
    account text not null,  -- through which the person speaks; all its voices go with it
    record text not null,
    updated integer not null  -- seconds since 1970, UTC
) without rowid"""
SECOND = "alter table person add column revision integer not null default 0"
VERSIONS = {0: [FIRST], 1: [FIRST], 2: [FIRST, SECOND]}
"""As released: what made a file of each version. The first program wrote no version."""
PEOPLE = [
    (ANNA, ANNA, '{"a":1}', 1_790_000_000),
    (BERT, BERT, "{damaged", 1_790_086_399),
    (VOICE, ANNA, json.dumps({"long": "\u00df" * 30_000}), 5),
]


def old_file(path: Path, version: int) -> Path:
    """A file as a program of that version left it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma journal_mode = wal")
        for step in VERSIONS[version]:
            connection.execute(step)
        rows: Sequence[tuple[object, ...]] = PEOPLE if version < 2 else [(*row, 7) for row in PEOPLE]
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into person values ({marks})", rows)
        connection.execute(f"pragma user_version = {version}")
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_an_older_version_is_brought_up_to_date(version: int, tmp_path: Path) -> None:
    path, revision = old_file(tmp_path / "coach.sqlite3", version), 7 if version == 2 else 0
    store = SqliteStore(str(path))
    assert store.get_attributes(speaks()) == {"a": 1, "revision": revision}
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select key, account, record, updated, revision from person order by key")
        assert rows.fetchall() == sorted(
            (key, account, record, updated - updated % 86_400, revision)
            for key, account, record, updated in PEOPLE
        )
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    did = {"2026-11-23": {"hamstring 10": 1}}
    store.save_attributes(speaks(), {"a": 2, "upon": revision, "revision": revision + 1, "did": did})
    assert store.get_attributes(speaks()) == {"a": 2, "revision": revision + 1}
    assert store.history(speaks(), date(2026, 1, 1)) == did
    store.delete_attributes(speaks())
    assert [store.get_attributes(speaks(ANNA, voice)) for voice in ("", VOICE)] == [{}, {}]
    store.close()


def test_a_file_that_was_brought_up_to_date_is_like_a_new_one(tmp_path: Path) -> None:
    tables = set()
    for path in (old_file(tmp_path / "old.sqlite3", 1), tmp_path / "new.sqlite3"):
        store = SqliteStore(str(path))
        store.ping()
        store.close()
        with closing(sqlite3.connect(path)) as connection:
            tables.add(
                tuple(connection.execute("select name, sql from sqlite_master order by name").fetchall())
            )
    assert len(tables) == 1


def test_a_program_of_an_older_version_that_still_runs_forgets_all(tmp_path: Path) -> None:
    path = old_file(tmp_path / "coach.sqlite3", 2)
    did = {"2026-11-23": {"hamstring 10": 1}}
    with closing(sqlite3.connect(path)) as old:
        store = SqliteStore(str(path))
        for who in (speaks(), speaks(ANNA, VOICE), speaks(BERT)):
            store.save_attributes(who, {"did": did})
        with old:
            old.execute("delete from person where key = ?1 or account = ?1", (ANNA,))
        assert old.execute("select key from did").fetchall() == [(BERT,)]
        store.save_attributes(speaks(ANNA, VOICE), {"upon": 0})
        assert store.history(speaks(ANNA, VOICE), date(2026, 1, 1)) == {}
        store.close()


def test_many_may_bring_it_up_to_date_at_once(tmp_path: Path) -> None:
    path, wrong = old_file(tmp_path / "coach.sqlite3", 1), list[BaseException]()
    begin = threading.Barrier(8)

    def use() -> None:
        store = SqliteStore(str(path))
        try:
            begin.wait()
            store.ping()
            assert store.get_attributes(speaks()) == {"a": 1, "revision": 0}
        except BaseException as error:
            wrong.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_that_a_newer_version_wrote_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(PersistenceException, match="newer sciatica-coach"):
        SqliteStore(str(path)).ping()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
