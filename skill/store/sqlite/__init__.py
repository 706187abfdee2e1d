"""SQLite: one file, write-ahead log, every turn durable before it is answered."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.routine.history import History
from skill.store.failures import ConflictError
from skill.store.person import person_key, user_key
from skill.store.record import Count, read, written
from skill.store.sqlite import statements
from skill.store.sqlite.connection import BUSY_TIMEOUT_S, connect, empty_log, file_at, make_file, why
from skill.store.sqlite.schema import version_of
from skill.store.sqlite.transaction import transaction
from skill.store.store import Days, Store, days_of_witnesses, days_to_forget, utc_day

_MOST_BATCHES = 200
"""Of people who do not come back, in one go; tomorrow the next."""
_BETWEEN_BATCHES_S = 0.02
"""So that turns get in between."""


class SqliteStore(Store):
    """Records of persons in the file at `path`, which is made if missing, with its folder.

    now: seconds since 1970.
    """

    def __init__(self, path: str, now: Callable[[], float] = time.time) -> None:
        self.path, self._now = Path(path), now
        self._was_opened = False
        self._local = threading.local()
        self._writing = threading.Lock()
        self._to_wipe = True  # a process before this one may have been killed in between

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As Store's."""
        with self._using() as connection:
            row = connection.execute(statements.LOAD, (person_key(request_envelope),)).fetchone()
        return {**read(*row), "revision": row[1]} if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As Store's."""
        record, counts = written(attributes)
        given = {name: attributes.get(name) for name in ("revision", "upon")}
        with self._using() as connection:
            key, account = person_key(request_envelope), user_key(request_envelope)
            today = _second_of(utc_day(self._now()))
            values = {"key": key, "account": account, "record": record, "today": today, **given}
            with self._in_line():
                saved = _save(connection, values, counts)
                if self._to_wipe:
                    self._to_wipe = not empty_log(connection)
        if not saved:
            raise ConflictError

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As Store's. What is deleted is overwritten in the file at once, and gone from its log once nobody
        reads there.
        """
        with self._using() as connection:
            key = {"key": person_key(request_envelope)}
            with self._in_line():
                connection.execute(statements.DELETE, key)
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
        """As Store's: 10,000 people at most, and 100,000 counts; the rest is left to the next time."""
        now = self._now()
        with self._using() as connection:
            witnesses, between = _seconds(days_of_witnesses(now)), _seconds(days_to_forget(now, kept_s))
            if not connection.execute(statements.IS_CLOCK_RIGHT, witnesses).fetchone()[0]:
                return
            for statement in (statements.FORGET_DAYS, statements.FORGET_PERSONS):
                for _ in range(_MOST_BATCHES):
                    with self._in_line():
                        if not connection.execute(statement, between).rowcount:
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
        """Close this thread's connection. The main file alone then has all that was saved, unless somebody
        else is at it just now.
        """
        with suppress(sqlite3.Error, OSError, PersistenceException):
            if self._was_opened and file_at(self.path):
                with self._in_line():
                    empty_log(self._connection())
        self._let_go()

    def _let_go(self) -> None:
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
                self._let_go()
            raise PersistenceException(f"store: {why(error, self.path)}") from error

    def _connection(self) -> sqlite3.Connection:
        opened: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if opened and self._local.file == file_at(self.path):
            return opened
        self._let_go()
        make_file(self.path)
        file = file_at(self.path)  # before it is opened: one that is replaced in between is opened anew
        connection = connect(self.path)
        self._local.connection, self._local.file = connection, file
        self._was_opened = True
        return connection


def _save(connection: sqlite3.Connection, values: dict[str, Any], counts: list[Count]) -> bool:
    """Returns whether it was saved: not upon what is stored no more."""
    if not counts:
        return _save_record(connection, values)
    with transaction(connection):
        if saved := _save_record(connection, values):
            added = [(values["key"], day.isoformat(), name, count) for day, name, count in counts]
            connection.executemany(statements.ADD, added)
    return saved


def _save_record(connection: sqlite3.Connection, values: dict[str, Any]) -> bool:
    return any(
        connection.execute(statement, values).rowcount
        for statement in (statements.SAVE_AGAIN, statements.SAVE)
    )


def _seconds(days: Days) -> dict[str, int]:
    """As statements take them."""
    return {"first": _second_of(days.first), "last": _second_of(days.last)}


def _second_of(day: date) -> int:
    """The first second of a UTC day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
