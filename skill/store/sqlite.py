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

from skill.store.person import person_key, user_key
from skill.store.unreadable import UnreadableRecordError

_BUSY_TIMEOUT_S = 2.0
_MOST_RACES = 8
_SCHEMA = """
create table if not exists person (
    key text primary key,
    account text not null,  -- through which the person speaks; all its voices go with it
    record text not null,
    updated integer not null  -- seconds since 1970, UTC
) without rowid
"""


class SqliteStore(AbstractPersistenceAdapter):  # type: ignore[misc]
    """Records of persons in the file at `path`, which is made if missing, with its folder."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._local = threading.local()

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """The record of the person who speaks; {} where there is none. Raises PersistenceException."""
        with _as_persistence_error():
            row = (
                self._connection()
                .execute("select record from person where key = ?", (person_key(request_envelope),))
                .fetchone()
            )
        return _record(row[0]) if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """Keep `attributes`; durable on return. Raises PersistenceException."""
        with _as_persistence_error():
            text = json.dumps(attributes, separators=(",", ":"))
            self._connection().execute(
                "insert into person values (?, ?, ?, ?)"
                " on conflict (key) do update set record = excluded.record, updated = excluded.updated",
                (person_key(request_envelope), user_key(request_envelope), text, int(time.time())),
            )

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Forget the person who speaks, and every voice of an account that is named alone."""
        with _as_persistence_error():
            key = person_key(request_envelope)
            self._connection().execute("delete from person where key = ? or account = ?", (key, key))

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached."""
        with _as_persistence_error():
            self._connection().execute("select count(*) from person where key = ''").fetchone()

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, each statement its own transaction."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            _use_wal(connection)
            connection.execute("pragma synchronous = full")
            connection.execute(_SCHEMA)
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
