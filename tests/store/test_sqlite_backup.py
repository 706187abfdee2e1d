"""Copies of SQLite's file: taken at one moment, checked, and put back under whoever uses it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.store.failures import ConflictError
from skill.store.sqlite import SqliteStore
from skill.store.sqlite import backup as sqlite_backup
from skill.store.sqlite.backup import Contents, CopyError, back_up, check_backup, contents, put_back
from tests.intents.alexa import Clock, Echo, parsed, skill_on
from tests.intents.rules import said
from tests.store.speakers import ANNA, BERT, speaks
from tests.store.test_durable import is_whole
from tests.store.test_versions import PEOPLE, VERSIONS, old_file

LAUNCH = {"type": "LaunchRequest"}
TODAY = datetime.now(UTC).date()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "coach.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A store that is used all the while."""
    store = SqliteStore(str(path))
    yield store
    store.close()


def ignore(done: int, of: int) -> None:
    """Nobody watches."""


def backup_of(path: Path) -> Path:
    """A backup of the store."""
    backup = path.with_name("backup")
    backup.unlink(missing_ok=True)
    back_up(path, backup, ignore)
    return backup


def restore(backup: Path, path: Path) -> None:
    """Put it back."""
    draft = path.with_name("draft")
    check_backup(backup, draft, ignore)
    put_back(draft, path, ignore)
    draft.unlink()


def test_a_backup_is_one_file_of_one_moment_though_somebody_writes(store: SqliteStore, path: Path) -> None:
    for nth in range(40):
        store.save_attributes(speaks(f"person {nth}"), {"long": "x" * 200_000})
    backup, writes = path.with_name("backup"), 0
    writer = SqliteStore(str(path))

    def write(done: int, of: int) -> None:
        nonlocal writes
        writes += 1
        assert 0 < done <= of
        for nth in (0, 39):
            writer.save_attributes(speaks(f"person {nth}"), {"changed": writes})
        writer.save_attributes(speaks(f"new {writes}"), {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_backup, "_PAGES", 100)
        assert back_up(path, backup, write) == Contents(40, TODAY)
    writer.close()
    assert writes >= 20, "the copy began again, or had only one step"
    assert sorted(file.name for file in path.parent.glob("backup*")) == ["backup"]
    is_whole(backup)
    copy = SqliteStore(str(backup))
    for nth in range(40):
        assert copy.get_attributes(speaks(f"person {nth}"))["revision"] == 1
    copy.close()


def test_a_backup_can_be_read_where_nothing_may_be_written(store: SqliteStore, path: Path) -> None:
    store.save_attributes(speaks(), {"a": 1})
    address = f"{backup_of(path).as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        assert connection.execute("select record from person").fetchall() == [('{"a":1}',)]


def test_what_was_done_since_is_gone_once_it_is_put_back(store: SqliteStore, path: Path) -> None:
    did = {str(TODAY): {"hamstring 10": 1}}
    store.save_attributes(speaks(), {"a": 1, "did": did})
    backup = backup_of(path)
    store.save_attributes(speaks(), {"a": 2, "did": did})
    store.save_attributes(speaks(BERT), {"secret": "hush" * 5_000})
    assert contents(path) == Contents(2, TODAY)
    restore(backup, path)
    assert store.get_attributes(speaks()) == {"a": 1, "revision": 1}
    assert store.history(speaks(), TODAY) == did
    assert store.get_attributes(speaks(BERT)) == {}
    assert contents(path) == Contents(1, TODAY)
    is_whole(path)
    assert b"hush" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    with pytest.raises(ConflictError):
        store.save_attributes(speaks(), {"upon": 2, "revision": 3})
    store.save_attributes(speaks(), {"upon": 1, "revision": 2})


def test_who_reads_meanwhile_reads_on_and_who_writes_waits(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_backup, "_PAGES", 2)
    store.save_attributes(speaks(), {"a": 1})
    backup = backup_of(path)
    store.save_attributes(speaks(), {"a": 2})
    seen: list[object] = []

    def look(done: int, of: int) -> None:
        seen.append(store.get_attributes(speaks())["a"])
        if len(seen) > 1:
            return
        with pytest.raises(PersistenceException, match="locked"):
            store.save_attributes(speaks(), {"a": 3})

    draft = path.with_name("draft")
    check_backup(backup, draft, ignore)
    put_back(draft, path, look)
    assert len(seen) > 2
    assert seen == [2] * (len(seen) - 1) + [1]
    assert store.get_attributes(speaks()) == {"a": 1, "revision": 1}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    version: int, store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    store.save_attributes(speaks("later"), {})
    old = old_file(tmp_path / "old.sqlite3", version)
    before = old.read_bytes()
    restore(old, path)
    assert store.get_attributes(speaks())["a"] == 1
    assert store.get_attributes(speaks("later")) == {}
    assert contents(path).people == len(PEOPLE)
    assert old.read_bytes() == before
    store.save_attributes(speaks(), {"did": {str(TODAY): {"hamstring 10": 1}}})
    assert store.history(speaks(), TODAY) == {str(TODAY): {"hamstring 10": 1}}


def test_an_older_store_can_be_backed_up_before_it_is_brought_up_to_date(path: Path) -> None:
    old_file(path, 1)
    before = path.read_bytes()
    backup = backup_of(path)
    assert path.read_bytes() == before
    assert contents(backup).people == len(PEOPLE)


def spoilt(backup: Path, how: str) -> None:
    """Spoil it."""
    if how == "torn":
        backup.write_bytes(backup.read_bytes()[:-8_192])
    elif how == "empty":
        backup.write_bytes(b"")
    elif how == "a letter":
        backup.write_bytes(b"Dear Sir or Madam, " * 1_000)
    elif how == "scratched":
        content = bytearray(backup.read_bytes())
        for page in range(3, len(content) // 4_096):
            content[page * 4_096 : page * 4_096 + 200] = b"\xa5" * 200
        backup.write_bytes(content)
    else:
        with closing(sqlite3.connect(backup)) as connection, connection:
            statement = {"newer": "pragma user_version = 99", "somebody else's": "drop table person"}
            connection.execute(statement[how])


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("torn", "damaged|malformed"),
        ("empty", "no store of sciatica-coach"),
        ("a letter", "not a database"),
        ("scratched", "damaged|malformed"),
        ("newer", "newer sciatica-coach"),
        ("somebody else's", "no store of sciatica-coach"),
    ],
)
def test_a_spoilt_backup_is_told_as_such(how: str, why: str, store: SqliteStore, path: Path) -> None:
    for nth in range(20):
        store.save_attributes(speaks(f"{nth}"), {"a": "x" * 10_000})
    backup = backup_of(path)
    spoilt(backup, how)
    with pytest.raises(CopyError, match=why) as told:
        check_backup(backup, path.with_name("draft"), ignore)
    assert str(backup) in str(told.value)
    assert store.get_attributes(speaks("1")) == {"a": "x" * 10_000, "revision": 1}


def test_a_damaged_store_gives_no_backup(store: SqliteStore, path: Path) -> None:
    for nth in range(20):
        store.save_attributes(speaks(f"{nth}"), {"a": "x" * 10_000})
    store.close()
    spoilt(path, "scratched")
    with pytest.raises(CopyError, match=r"damaged|malformed"):
        backup_of(path)


def test_where_somebody_else_writes_for_ever_the_store_stays_as_it_is(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_attributes(speaks(), {"a": 1})
    backup = backup_of(path)
    store.save_attributes(speaks(), {"a": 2})
    monkeypatch.setattr(sqlite_backup, "_MOST_TRIES", 2)
    monkeypatch.setattr(sqlite_backup, "_BETWEEN_TRIES_S", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("begin immediate")
        with pytest.raises(CopyError, match="writes to it all the time"):
            restore(backup, path)
    assert store.get_attributes(speaks()) == {"a": 2, "revision": 2}


def test_nobody_is_seen_last_on_no_day(path: Path) -> None:
    assert str(contents(path)) == "nobody"
    assert str(Contents(1, TODAY)) == f"1 person, last seen on {TODAY}"
    assert (
        str(Contents(2, TODAY - timedelta(days=1))) == f"2 people, last seen on {TODAY - timedelta(days=1)}"
    )


def test_an_open_session_goes_on_from_the_place_of_the_backup(store: SqliteStore, path: Path) -> None:
    """The first turn after that is answered from it and promises nothing; the second is kept again."""
    clock = Clock()
    echo = Echo(skill_on(store, clock), clock, user=ANNA)
    echo.asks("StartRoutineIntent")
    echo.asks("AMAZON.NoIntent")
    clock.after(30)
    echo.asks("AMAZON.PauseIntent")
    backup, then = backup_of(path), of(store, echo)
    echo.asks("AMAZON.ResumeIntent")
    clock.after(200)
    echo.asks("AMAZON.PauseIntent")
    assert of(store, echo)["devices"] != then["devices"]
    restore(backup, path)
    assert of(store, echo) == then
    echo.asks("AMAZON.ResumeIntent")
    assert "ower back" in said(echo.answer)
    assert of(store, echo) == then
    clock.after(5)
    echo.asks("AMAZON.PauseIntent")
    assert of(store, echo)["revision"] == then["revision"] + 1


def of(store: SqliteStore, echo: Echo) -> dict[str, object]:
    """What is stored of whoever speaks."""
    envelope: RequestEnvelope = parsed(Echo(echo.skill, echo.clock, user=echo.user).body(LAUNCH))
    return store.get_attributes(envelope)


def test_a_turn_that_is_overtaken_by_it_is_done_again_from_the_place_of_the_backup(
    store: SqliteStore, path: Path
) -> None:
    clock = Clock()
    echo = Echo(skill_on(store, clock), clock, user=ANNA)
    echo.asks("ListStretchesIntent")
    backup = backup_of(path)
    echo.asks("ListStretchesIntent")
    save, saved = store.save_attributes, 0

    def overtaken(envelope: RequestEnvelope, attributes: dict[str, object]) -> None:
        nonlocal saved
        saved += 1
        if saved == 1:
            restore(backup, path)
        save(envelope, attributes)

    store.save_attributes = overtaken  # type: ignore[method-assign]
    echo.session = None
    echo.asks("ListStretchesIntent")
    assert saved == 2
    assert echo.answer["sessionAttributes"]["device"]["turn"] == 2
