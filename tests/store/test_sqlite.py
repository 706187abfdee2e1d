"""The SQLite store on a real file."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.store import StoreUrlError, open_store
from skill.store.failures import UnreadableRecordError
from skill.store.sqlite import SqliteStore, statements
from skill.store.sqlite.transaction import transaction
from skill.store.store import KEPT_UNUSED_S
from tests.intents.alexa import Clock, Echo, parsed, skill_on
from tests.intents.rules import said
from tests.intents.situations import paused
from tests.store.speakers import ANNA, speaks

LAUNCH = {"type": "LaunchRequest"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is; the folder is not made yet."""
    return tmp_path / "folder" / "coach.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """The store at `path`."""
    store = SqliteStore(str(path))
    yield store
    store.close()


@pytest.fixture
def echo(store: SqliteStore) -> Echo:
    """A device talking to a skill on `store`."""
    clock = Clock()
    return Echo(skill_on(store, clock), clock)


def damage(path: Path, record: str) -> None:
    """Overwrite every record in the file."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update person set record = ?", (record,))
    connection.close()


def test_nothing_of_who_was_deleted_is_left_in_the_files(store: SqliteStore, echo: Echo, path: Path) -> None:
    envelope = parsed(echo.body(LAUNCH))
    other = parsed(echo.body(LAUNCH))
    other.context.system.user.user_id = "amzn1.ask.account.B"
    for size in (10, 20_000, 10):
        did = {"2026-11-23": {"hush " * 10: 1}}
        store.save_attributes(envelope, {"secret": "hush" * size, "did": did})
        store.save_attributes(other, {"kept": "loud" * size})
    store.delete_attributes(envelope)
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"hush" not in left
    assert echo.user.encode() not in left
    assert b"loud" in left


def test_two_threads_at_once(store: SqliteStore, echo: Echo) -> None:
    envelopes = [parsed({**echo.body(LAUNCH)}) for _ in range(2)]
    envelopes[1].context.system.user.user_id = "amzn1.ask.account.B"
    wrong: list[BaseException] = []

    def write(nth: int) -> None:
        try:
            for count in range(40):
                store.save_attributes(envelopes[nth], {"count": count})
                assert store.get_attributes(envelopes[nth])["count"] == count
        except BaseException as error:
            wrong.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=write, args=(nth,)) for nth in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [store.get_attributes(envelope) for envelope in envelopes] == [{"count": 39, "revision": 40}] * 2


def test_nobody_else_on_the_machine_reads_the_files(store: SqliteStore, path: Path) -> None:
    store.ping()
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_the_log_is_written_ahead_and_every_commit_is_synced(store: SqliteStore) -> None:
    store.ping()
    assert store._connection().execute("pragma journal_mode").fetchone() == ("wal",)
    assert store._connection().execute("pragma synchronous").fetchone() == (2,)


@pytest.mark.parametrize("record", ["", "{", "[1]", "null", '"text"', "\x00"])
def test_a_damaged_record_raises_and_the_skill_goes_on_from_the_session(
    record: str, store: SqliteStore, echo: Echo, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paused(echo)
    damage(path, record)
    with pytest.raises(UnreadableRecordError):
        store.get_attributes(parsed(echo.body(LAUNCH)))
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    assert "the record is damaged" in caplog.text
    assert echo.user not in caplog.text
    echo.asks("Pause")
    assert store.get_attributes(parsed(echo.body(LAUNCH)))["version"] == 1


def test_a_store_that_breaks_costs_neither_the_session_nor_an_apology(
    store: SqliteStore, echo: Echo, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paused(echo)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("drop table person")
    connection.close()
    echo.asks("Resume")
    assert "Back to the hamstring stretch" in said(echo.answer)
    echo.clock.after(900)
    echo.asks("Yes")
    assert "back flexion" in said(echo.answer)
    assert "not loaded, going on with the session's" in caplog.text
    with pytest.raises(PersistenceException, match="no such table"):
        store.ping()


def test_a_file_that_was_put_in_its_place_is_the_one_that_is_used(
    store: SqliteStore, echo: Echo, path: Path, tmp_path: Path
) -> None:
    envelope = parsed(echo.body(LAUNCH))
    store.save_attributes(envelope, {"a": 1})
    other = SqliteStore(str(tmp_path / "other.sqlite3"))
    other.save_attributes(envelope, {"a": 2})
    other.close()
    (tmp_path / "other.sqlite3").rename(path)
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    assert store.get_attributes(envelope)["a"] == 2


def test_where_the_file_was_removed_there_is_a_new_one(store: SqliteStore, echo: Echo, path: Path) -> None:
    envelope = parsed(echo.body(LAUNCH))
    store.save_attributes(envelope, {"a": 1})
    for file in path.parent.iterdir():
        file.unlink()
    assert store.get_attributes(envelope) == {}
    store.save_attributes(envelope, {"a": 2})
    assert path.exists()
    assert store.get_attributes(envelope)["a"] == 2


def test_once_the_file_is_mended_it_is_used_again(store: SqliteStore, echo: Echo, path: Path) -> None:
    envelope = parsed(echo.body(LAUNCH))
    store.save_attributes(envelope, {"a": 1})
    for file in path.parent.iterdir():
        file.write_bytes(b"no database" * 2_000)
    with pytest.raises(PersistenceException):
        store.get_attributes(envelope)
    for file in path.parent.iterdir():
        file.unlink()
    store.save_attributes(envelope, {"a": 2})
    assert store.get_attributes(envelope)["a"] == 2


def test_what_may_only_be_read_is_not_ready(store: SqliteStore) -> None:
    store.ping()
    store._connection().execute("pragma query_only = on")
    with pytest.raises(PersistenceException, match="readonly"):
        store.ping()


def test_asking_whether_it_is_ready_changes_no_version(store: SqliteStore) -> None:
    store.ping()
    store._connection().execute("pragma user_version = 99")
    store.ping()
    assert store._connection().execute("pragma user_version").fetchone() == (99,)


def test_a_record_that_is_no_text_is_not_told(store: SqliteStore, echo: Echo) -> None:
    envelope = parsed(echo.body(LAUNCH))
    store.save_attributes(envelope, {})
    for broken in (b'{"leg": "secret\xff"}', b"[" * 100_000):
        store._connection().execute("update person set record = cast(? as text)", (broken,))
        with pytest.raises(UnreadableRecordError, match=r"^store: the record is damaged$") as told:
            store.get_attributes(envelope)
        assert told.value.revision == 1


def test_what_was_deleted_while_somebody_read_is_gone_from_the_log_with_the_next_save(
    store: SqliteStore, echo: Echo, path: Path
) -> None:
    envelope, other = parsed(echo.body(LAUNCH)), parsed(echo.body(LAUNCH))
    other.context.system.user.user_id = "amzn1.ask.account.B"
    store.save_attributes(envelope, {"secret": "hush"})
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from person").fetchone()
    store.delete_attributes(envelope)
    assert store.get_attributes(envelope) == {}
    reader.close()
    store.save_attributes(other, {})
    assert b"hush" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "coach.sqlite3"
    path.write_bytes(b"this is a letter, not a database" * 40)
    with pytest.raises(PersistenceException, match="not a database"):
        SqliteStore(str(path)).ping()


@pytest.mark.parametrize("broken", ["a folder in its place", "a file in place of the folder"])
def test_a_place_that_cannot_be_written_is_told_as_such(tmp_path: Path, broken: str) -> None:
    if broken == "a folder in its place":
        (tmp_path / "coach.sqlite3").mkdir()
        path, reason = tmp_path / "coach.sqlite3", "unable to open"
    else:
        (tmp_path / "file").touch()
        path, reason = tmp_path / "file" / "coach.sqlite3", "exists|Not a directory"
    with pytest.raises(PersistenceException, match=reason):
        SqliteStore(str(path)).ping()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "/tmp/x",
        "mysql:///x",
        "SQLITE:///x",
    ],
)
def test_a_url_that_names_no_store_is_refused_with_what_is_allowed(url: str) -> None:
    with pytest.raises(StoreUrlError) as refused:
        open_store(url)
    assert repr(url) in str(refused.value)
    assert "allowed: sqlite:///path/to/file" in str(refused.value)


def test_a_relative_path_is_taken_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///sub/coach.sqlite3")
    store.ping()
    store.close()
    assert (tmp_path / "sub" / "coach.sqlite3").exists()


def test_a_turn_writes_no_index_but_the_first_of_the_day(store: SqliteStore, path: Path) -> None:
    connection, today = store._connection(), time.time() // 86_400 * 86_400
    rows = [(f"{who:0200}", today) for who in range(2_000)]
    with transaction(connection):
        connection.executemany("insert into person values (?1, ?1, '{}', ?2, 1)", rows)
    store.save_attributes(speaks(), {})  # which wipes the log
    connection.execute("pragma wal_autocheckpoint = 0")

    def pages(save: Callable[[], None]) -> int:
        connection.execute("pragma wal_checkpoint(truncate)")
        save()
        return path.with_name(f"{path.name}-wal").stat().st_size // 4_096

    def turn() -> None:
        store.save_attributes(speaks(f"{1_000:0200}"), {"a": 1})

    assert pages(turn) == 1
    connection.execute("update person set updated = updated - 86400")
    assert pages(turn) > 1
    assert pages(turn) == 1


@pytest.mark.parametrize("statement", [statements.DELETE, statements.FORGET_DAYS, statements.FORGET_PERSONS])
def test_nothing_that_deletes_reads_everybody(statement: str, store: SqliteStore) -> None:
    values = {"key": "", "first": 0, "last": 0}
    plan = [row[3] for row in store._connection().execute(f"explain query plan {statement}", values)]
    assert not [step for step in plan if step.startswith("SCAN")], plan


def test_a_day_has_no_hour(store: SqliteStore) -> None:
    store.save_attributes(speaks(), {})
    ((updated,),) = store._connection().execute("select updated from person")
    assert updated % 86_400 == 0
    assert 0 <= time.time() - updated < 2 * 86_400


def test_while_many_are_forgotten_turns_get_in_between(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process saves after each batch, before the next."""
    other, saved = SqliteStore(str(path)), 0

    def between(_: float) -> None:
        nonlocal saved
        other.save_attributes(speaks(), {"upon": saved, "revision": saved + 1})
        saved += 1

    long_ago = (time.time() // 86_400 - 800) * 86_400
    rows = [(f"gone {nth}", long_ago) for nth in range(220)] + [
        ("here", time.time() // 86_400 * 86_400 - 3 * 86_400)
    ]
    with transaction(store._connection()):
        store._connection().executemany("insert into person values (?1, ?1, '{}', ?2, 1)", rows)
        days = [(f"gone {nth % 220}", f"2024-01-{nth % 28 + 1:02}", f"{nth}") for nth in range(1_200)]
        store._connection().executemany("insert into did values (?, ?, ?, 1)", days)
    monkeypatch.setattr("skill.store.sqlite.time.sleep", between)
    store.forget_unused(KEPT_UNUSED_S)
    other.close()
    assert saved == 3 + 5
    assert store._connection().execute("select key from person order by key").fetchall() == [
        (ANNA,),
        ("here",),
    ]
    assert store._connection().execute("select count(*) from did").fetchone() == (0,)
