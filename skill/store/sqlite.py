"""SQLite: one file, write-ahead log, every turn durable before it is answered."""

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.store.failures import ConflictError, UnreadableRecordError
from skill.store.person import person_key, user_key

_BUSY_TIMEOUT_S = 0.8
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
select :key, :account, :record, :now,
    1 + coalesce(:revision, (select revision from person where key = :key), 0)
where coalesce(:revision, 0) = 0 or exists (select 1 from person where key = :key)
on conflict (key) do update
set account = excluded.account, record = excluded.record,
    updated = excluded.updated, revision = excluded.revision
where :revision is null or person.revision = :revision
"""


class SqliteStore(AbstractPersistenceAdapter):  # type: ignore[misc]
    """Records of persons in the file at `path`, which is made if missing, with its folder."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._local = threading.local()

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """The record of the person who speaks, with its `revision`; {} where there is none.

        Raises PersistenceException.
        """
        with _as_persistence_error():
            row = (
                self._connection()
                .execute("select record, revision from person where key = ?", (person_key(request_envelope),))
                .fetchone()
            )
        return {**_record(row[0]), "revision": row[1]} if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """Keep `attributes`; durable on return. Raises PersistenceException.

        With a `revision` (0: none is stored yet), only where that is what is stored, or ConflictError.
        """
        record = {key: value for key, value in attributes.items() if key != "revision"}
        with _as_persistence_error():
            values = {
                "key": person_key(request_envelope),
                "account": user_key(request_envelope),
                "record": json.dumps(record, separators=(",", ":")),
                "now": int(time.time()),
                "revision": attributes.get("revision"),
            }
            saved = self._connection().execute(_SAVE, values).rowcount
        if not saved:
            raise ConflictError("store: saved by somebody else meanwhile")

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Forget the person who speaks, and every voice of an account that is named alone.

        What is deleted is overwritten, in the log too once no other connection reads there.
        """
        with _as_persistence_error():
            key = person_key(request_envelope)
            self._connection().execute("delete from person where key = ? or account = ?", (key, key))
            self._connection().execute("pragma wal_checkpoint(truncate)").fetchone()

    def forget_unused(self, kept_s: int) -> None:
        """Delete who was heard of last more than `kept_s` seconds before the last that anybody was.

        Not before now: a clock that is years ahead must not delete everybody.
        """
        with _as_persistence_error():
            self._connection().execute(
                "delete from person where updated < (select max(updated) from person) - ?", (kept_s,)
            )

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached."""
        with _as_persistence_error():
            self._connection().execute("select count(*) from person where key = ''").fetchone()

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, each statement its own transaction."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            try:
                _use_wal(connection)
                connection.execute("pragma synchronous = full")
                connection.execute("pragma secure_delete = on")
                _bring_up_to_date(connection)
            except BaseException:
                connection.close()
                raise
            self._local.connection = connection
        return connection


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise UnreadableRecordError("store: the record is damaged")
    return record


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the file one of our version; several connections may try at once."""
    if _version(connection) == len(_STEPS):
        return
    connection.execute("begin immediate")
    try:
        if (version := _version(connection)) > len(_STEPS):
            raise sqlite3.NotSupportedError("the file was written by a newer sciatica-coach")
        for step in _STEPS[version:]:
            connection.execute(step)
        connection.execute(f"pragma user_version = {len(_STEPS)}")
        connection.execute("commit")
    except BaseException:
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


class _as_persistence_error:
    """Turns what SQLite, the disk or a bad record raise into ASK's PersistenceException."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, (sqlite3.Error, OSError, ValueError)):
            raise PersistenceException(f"store: {error}") from error
