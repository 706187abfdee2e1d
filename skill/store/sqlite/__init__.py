"""SQLite: one file, write-ahead log, every turn durable before it is answered."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.store.failures import ConflictError, UnreadableRecordError
from skill.store.person import person_key, user_key
from skill.store.sqlite import statements
from skill.store.sqlite.connection import BUSY_TIMEOUT_S, connect, empty_log, file_at, make_file
from skill.store.sqlite.schema import version_of
from skill.store.sqlite.transaction import transaction
from skill.store.store import History, Store

_DAY_S = 86_400
_OLDEST_CLOCK = 1_700_000_000
"""No clock that is right told an earlier time than this to this program."""
_MOST_BATCHES = 200
"""Of people who do not come back, in one go; tomorrow the next."""
_BETWEEN_BATCHES_S = 0.02
"""So that turns get in between."""
_OURS = ("revision", "upon", "did")
"""Beside the record, not in it."""


class SqliteStore(Store):
    """Records of persons in the file at `path`, which is made if missing, with its folder."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._local = threading.local()
        self._writing = threading.Lock()
        self._to_wipe = True  # a process before this one may have been killed in between

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As Store's."""
        with self._using() as connection:
            row = connection.execute(statements.LOAD, (person_key(request_envelope),)).fetchone()
        return {**_record(*row), "revision": row[1]} if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As Store's."""
        with self._using() as connection:
            values = _values(request_envelope, attributes)
            counts = [
                (values["key"], day, name, count)
                for day, names in (attributes.get("did") or {}).items()
                for name, count in names.items()
            ]
            with self._in_line():
                saved = _save(connection, values, counts)
                if self._to_wipe:
                    self._to_wipe = not empty_log(connection)
        if not saved:
            raise ConflictError("store: saved by somebody else meanwhile")

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As Store's. What is deleted is overwritten in the file at once, and gone from its log once nobody
        reads there.
        """
        with self._using() as connection:
            key = {"key": person_key(request_envelope)}
            with self._in_line():
                with transaction(connection):
                    for statement in statements.DELETE:
                        connection.execute(statement, key)
                self._to_wipe = not empty_log(connection)

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """As Store's."""
        days: dict[str, dict[str, int]] = {}
        with self._using() as connection:
            of = person_key(request_envelope), since.isoformat()
            for day, name, count in connection.execute(statements.HISTORY, of):
                days.setdefault(day, {})[name] = count
        return days

    def forget_unused(self, kept_s: int) -> None:
        """As Store's: 10,000 people at most, and 100,000 counts; the rest is left to the next time.

        The clock is believed once somebody was here on an earlier day by it: one that is years ahead must
        not delete everybody.
        """
        now = int(time.time())
        between = {"oldest": _OLDEST_CLOCK, "latest": now - kept_s - _DAY_S}  # days that are over
        with self._using() as connection:
            today = {"today": _day_of(now)}
            if not connection.execute(statements.IS_CLOCK_RIGHT, today).fetchone()[0]:
                return
            for forget in (_forget_days, _forget_persons):
                for _ in range(_MOST_BATCHES):
                    with self._in_line():
                        if not forget(connection, between):
                            break
                        self._to_wipe = True
                    time.sleep(_BETWEEN_BATCHES_S)
            if self._to_wipe:
                with self._in_line():
                    self._to_wipe = not empty_log(connection)

    def ping(self) -> None:
        """As Store's."""
        with self._using() as connection:
            connection.execute("select count(*) from person where key = ''").fetchone()
            with transaction(connection):
                connection.execute(f"pragma user_version = {version_of(connection)}")

    def close(self) -> None:
        """Close this thread's connection."""
        if connection := getattr(self._local, "connection", None):
            self._local.connection = None
            connection.close()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """Writers of this process wait here: SQLite's own waiting lets the late in before the early."""
        if not self._writing.acquire(timeout=BUSY_TIMEOUT_S):
            raise sqlite3.OperationalError("database is locked")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, to the file that is there now.

        What SQLite, the disk or a bad record raise becomes ASK's PersistenceException.
        """
        try:
            yield self._connection()
        except (sqlite3.Error, OSError, TypeError, ValueError, OverflowError) as error:
            if getattr(error, "sqlite_errorcode", None) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                self.close()
            raise PersistenceException(f"store: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        opened: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if opened and self._local.file == file_at(self.path):
            return opened
        self.close()
        make_file(self.path)
        file = file_at(self.path)  # before it is opened: one that is replaced in between is opened anew
        connection = connect(self.path)
        self._local.connection, self._local.file = connection, file
        return connection


def _values(envelope: RequestEnvelope, attributes: dict[str, Any]) -> dict[str, Any]:
    record = {key: value for key, value in attributes.items() if key not in _OURS}
    return {
        "key": person_key(envelope),
        "account": user_key(envelope),
        "record": json.dumps(record, separators=(",", ":")),
        "today": _day_of(int(time.time())),
        "revision": attributes.get("revision"),
        "upon": attributes.get("upon"),
    }


def _save(
    connection: sqlite3.Connection, values: dict[str, Any], counts: list[tuple[str, str, str, int]]
) -> bool:
    """Returns whether it was saved: not upon what is stored no more."""
    if not counts:
        return _save_record(connection, values)
    with transaction(connection):
        if saved := _save_record(connection, values):
            connection.executemany(statements.ADD, counts)
    return saved


def _save_record(connection: sqlite3.Connection, values: dict[str, Any]) -> bool:
    return any(
        connection.execute(statement, values).rowcount
        for statement in (statements.SAVE_AGAIN, statements.SAVE)
    )


def _forget_days(connection: sqlite3.Connection, between: dict[str, int]) -> bool:
    """A few; returns whether there were any."""
    return bool(connection.execute(statements.FORGET_DAYS, between).rowcount)


def _forget_persons(connection: sqlite3.Connection, between: dict[str, int]) -> bool:
    """A few; returns whether there were any."""
    with transaction(connection):
        keys = connection.execute(statements.FORGET_PERSONS, between).fetchall()
        connection.executemany("delete from did where key = ?", keys)
    return bool(keys)


def _day_of(time_s: int) -> int:
    """The first second of the UTC day."""
    return time_s // _DAY_S * _DAY_S


def _record(text: bytes, revision: int) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise UnreadableRecordError("store: the record is damaged", revision)
    return record
