"""Compare-and-set: who saves upon what has changed since must load again."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.store.failures import ConflictError
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, parsed, skill_on


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[SqliteStore]]:
    """The same file, opened by two."""
    stores = [SqliteStore(str(tmp_path / "coach.sqlite3")) for _ in range(2)]
    yield stores
    for store in stores:
        store._connection().close()


@pytest.fixture
def envelope(stores: list[SqliteStore]) -> RequestEnvelope:
    """Somebody speaks."""
    clock = Clock()
    return parsed(Echo(skill_on(stores[0], clock), clock).body({"type": "LaunchRequest"}))


def save(store: SqliteStore, envelope: RequestEnvelope, upon: int, **record: object) -> None:
    """Save `record` on top of the revision `upon`."""
    store.save_attributes(envelope, {**record, "upon": upon, "revision": upon + 1})


@pytest.mark.parametrize("stored", [0, 1, 2, 3])
@pytest.mark.parametrize("upon", [0, 1, 2, 3, 99])
def test_only_who_has_seen_the_last_may_save(
    stored: int, upon: int, stores: list[SqliteStore], envelope: RequestEnvelope
) -> None:
    one, other = stores
    for revision in range(stored):
        save(one, envelope, revision, by="one")
    if upon == stored:
        save(other, envelope, upon, by="other")
        assert one.get_attributes(envelope) == {"by": "other", "revision": stored + 1}
    else:
        with pytest.raises(ConflictError):
            save(other, envelope, upon, by="other")
        assert one.get_attributes(envelope) == ({"by": "one", "revision": stored} if stored else {})


def test_what_was_deleted_meanwhile_does_not_come_back(
    stores: list[SqliteStore], envelope: RequestEnvelope
) -> None:
    one, other = stores
    save(one, envelope, 0)
    one.delete_attributes(envelope)
    with pytest.raises(ConflictError):
        save(other, envelope, 1)
    assert one.get_attributes(envelope) == {}


def test_a_first_revision_may_be_any(stores: list[SqliteStore], envelope: RequestEnvelope) -> None:
    one, other = stores
    one.save_attributes(envelope, {"upon": 0, "revision": 2**52})
    save(other, envelope, 2**52, by="other")
    assert one.get_attributes(envelope) == {"by": "other", "revision": 2**52 + 1}


def test_no_update_of_many_at_once_is_lost(tmp_path: Path, envelope: RequestEnvelope) -> None:
    path, each, wrong = tmp_path / "many.sqlite3", 25, list[BaseException]()

    def count() -> None:
        store = SqliteStore(str(path))
        try:
            for _ in range(each):
                while True:
                    record = store.get_attributes(envelope)
                    try:
                        save(store, envelope, record.get("revision", 0), count=record.get("count", 0) + 1)
                        break
                    except ConflictError:
                        pass
        except BaseException as error:
            wrong.append(error)
        finally:
            store._connection().close()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select record, revision from person").fetchall() == [
            (f'{{"count":{8 * each}}}', 8 * each)
        ]


def test_a_file_of_before_revisions_is_brought_up_to_date(tmp_path: Path, envelope: RequestEnvelope) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "create table person (key text primary key, account text not null, record text not null,"
            " updated integer not null) without rowid"
        )
        user = envelope.context.system.user.user_id
        connection.execute("insert into person values (?, ?, '{\"a\":1}', 5)", (user, user))
    store = SqliteStore(str(path))
    assert store.get_attributes(envelope) == {"a": 1, "revision": 0}
    save(store, envelope, 0, a=2)
    assert store.get_attributes(envelope) == {"a": 2, "revision": 1}
    store._connection().close()


def test_a_file_that_a_newer_version_wrote_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(PersistenceException, match="newer sciatica-coach"):
        SqliteStore(str(path)).ping()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from sqlite_master").fetchone() == (0,)


@pytest.mark.parametrize(
    ("seen_days_ago", "kept"),
    [
        ({"gone": 800, "away": 700, "here": 1}, ["away", "here"]),
        ({"gone": 800, "here": 0}, ["gone", "here"]),
        ({"gone": 800}, ["gone"]),
        ({"gone": 800, "unknown": 10_000, "here": 1}, ["here", "unknown"]),
        ({"later": -900, "here": 1}, ["here", "later"]),
    ],
    ids=["long ago", "nobody on another day", "nobody else", "a clock of 1999", "a clock ahead"],
)
def test_who_does_not_come_back_is_forgotten_by_a_clock_that_can_be_believed(
    seen_days_ago: dict[str, int], kept: list[str], stores: list[SqliteStore], envelope: RequestEnvelope
) -> None:
    store = stores[0]
    for user, days in seen_days_ago.items():
        envelope.context.system.user.user_id = user
        store.save_attributes(envelope, {})
        seen = time.time() - days * 86_400
        store._connection().execute("update person set updated = ? where key = ?", (seen, user))
    store.forget_unused(2 * 365 * 86_400)
    assert [key for (key,) in store._connection().execute("select key from person order by key")] == kept


def test_a_clock_that_was_set_back_makes_nobody_look_long_gone(
    stores: list[SqliteStore], envelope: RequestEnvelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    store.save_attributes(envelope, {})
    ((seen,),) = store._connection().execute("select updated from person")
    monkeypatch.setattr(time, "time", lambda: 5.0)
    store.save_attributes(envelope, {})
    assert store._connection().execute("select updated from person").fetchall() == [(seen,)]
