"""SQLite: one file, write-ahead log, every turn durable before it is answered."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.store.failures import ConflictError, UnreadableRecordError
from skill.store.person import person_key, user_key

_BUSY_TIMEOUT_S = 0.6
_MOST_RACES = 8
_STEPS = (
    """create table if not exists person (
        key text primary key,
        account text not null,  -- through which the person speaks; all its voices go with it
        record text not null,
        updated integer not null  -- seconds since 1970, UTC
    ) without rowid""",
    "alter table person add column revision integer not null default 0",
)
"""What makes a file of each version one of the next; a new file is of version 0."""
_SAVE = """
insert into person (key, account, record, updated, revision)
select :key, :account, :record, :now, coalesce(:revision, stored + 1)
from (select coalesce((select cast(revision as integer) from person where key = :key), 0) as stored)
where :upon is null or :upon = stored
on conflict (key) do update
set account = excluded.account, record = excluded.record,
    updated = max(updated, excluded.updated), revision = excluded.revision
"""
_FORGET_UNUSED = """
delete from person
where updated between :oldest and :now - :kept
    and exists (select 1 from person where updated between :now - 30 * 86400 and :now - 43200)
"""
_OLDEST_CLOCK = 1_700_000_000
"""No clock that is right told an earlier time than this to this program."""


class SqliteStore(AbstractPersistenceAdapter):  # type: ignore[misc]
    """Records of persons in the file at `path`, which is made if missing, with its folder."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._local = threading.local()
        self._writing = threading.Lock()
        self._to_wipe = True  # a process before this one may have been killed in between

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """The record of the person who speaks, with its `revision`; {} where there is none.

        Raises PersistenceException.
        """
        with self._using() as connection:
            select = "select cast(record as blob), cast(revision as integer) from person where key = ?"
            row = connection.execute(select, (person_key(request_envelope),)).fetchone()
        return {**_record(*row), "revision": row[1]} if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """Keep `attributes`; durable on return. Raises PersistenceException.

        With `upon`, only where that is the revision stored (0: there is none), or ConflictError; `revision`
        is the next. Without, whatever is stored is overwritten.
        """
        record = {key: value for key, value in attributes.items() if key not in ("revision", "upon")}
        with self._using() as connection:
            values = {
                "key": person_key(request_envelope),
                "account": user_key(request_envelope),
                "record": json.dumps(record, separators=(",", ":")),
                "now": int(time.time()),
                "revision": attributes.get("revision"),
                "upon": attributes.get("upon"),
            }
            with self._in_line():
                saved = connection.execute(_SAVE, values).rowcount
                if self._to_wipe:
                    self._wipe_log(connection)
        if not saved:
            raise ConflictError("store: saved by somebody else meanwhile")

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Forget the person who speaks, and every voice of an account that is named alone.

        What is deleted is overwritten in the file at once, and gone from its log once nobody reads there.
        """
        with self._using() as connection:
            key = person_key(request_envelope)
            connection.execute("delete from person where key = ? or account = ?", (key, key))
            self._wipe_log(connection)

    def forget_unused(self, kept_s: int) -> None:
        """Delete who was heard of last more than `kept_s` seconds ago.

        The clock is believed once somebody was here on an earlier day by it: one that is years ahead must
        not delete everybody.
        """
        values = {"now": int(time.time()), "kept": kept_s, "oldest": _OLDEST_CLOCK}
        with self._using() as connection:
            if connection.execute(_FORGET_UNUSED, values).rowcount:
                self._wipe_log(connection)

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached, or takes nothing more in."""
        with self._using() as connection:
            connection.execute("select count(*) from person where key = ''").fetchone()
            with _transaction(connection):
                connection.execute(f"pragma user_version = {_version(connection)}")

    def close(self) -> None:
        """Close this thread's connection."""
        if connection := getattr(self._local, "connection", None):
            self._local.connection = None
            connection.close()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """Writers of this process wait here: SQLite's own waiting lets the late in before the early."""
        if not self._writing.acquire(timeout=_BUSY_TIMEOUT_S):
            raise sqlite3.OperationalError("database is locked")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, each statement its own transaction, to the file that is there now.

        What SQLite, the disk or a bad record raise becomes ASK's PersistenceException.
        """
        try:
            yield self._connection()
        except (sqlite3.Error, OSError, ValueError) as error:
            if getattr(error, "sqlite_errorcode", None) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                self.close()
            raise PersistenceException(f"store: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        opened: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if opened and self._local.file == _file_at(self._path):
            return opened
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._path.touch(mode=0o600)
        file = _file_at(self._path)
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        try:
            _use_wal(connection)
            connection.execute("pragma synchronous = full")
            connection.execute("pragma secure_delete = on")
            _bring_up_to_date(connection)
        except BaseException:
            connection.close()
            raise
        self._local.connection, self._local.file = connection, file
        return connection

    def _wipe_log(self, connection: sqlite3.Connection) -> None:
        """Empty the log, where nobody reads in it just now; else with the next save."""
        connection.execute("pragma busy_timeout = 0")
        busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        connection.execute(f"pragma busy_timeout = {round(_BUSY_TIMEOUT_S * 1000)}")
        self._to_wipe = bool(busy)


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file it is that has this name now."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _record(text: bytes, revision: int) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise UnreadableRecordError("store: the record is damaged", revision)
    return record


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the file one of our version; several connections may try at once."""
    if _version(connection) == len(_STEPS):
        return
    with _transaction(connection):
        if (version := _version(connection)) > len(_STEPS):
            raise sqlite3.NotSupportedError("the file was written by a newer sciatica-coach")
        for step in _STEPS[version:]:
            connection.execute(step)
        connection.execute(f"pragma user_version = {len(_STEPS)}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One that writes, from its beginning."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; several connections may open a new file at once.

    SQLite's busy timeout does not cover the switch; one that loses the race waits for a lock that it covers.
    """
    for _ in range(_MOST_RACES):
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError:
            connection.execute("begin immediate")
            connection.execute("rollback")
    connection.execute("pragma journal_mode = wal")
