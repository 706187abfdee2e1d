"""PostgreSQL: one database for any number of processes and hosts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope
from sqlalchemy import Connection, Executable, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from skill.routine.history import History
from skill.store.failures import ConflictError
from skill.store.person import person_key, user_key
from skill.store.postgresql.engine import engine_for, patient
from skill.store.postgresql.schema import Schema
from skill.store.postgresql.statements import forgetting, forgetting_unused, saving, seen_on
from skill.store.postgresql.tables import DID, PERSON, VERSION_TABLE
from skill.store.record import read, written
from skill.store.store import Store, days_of_witnesses, days_to_forget, utc_day

Result = TypeVar("Result")

_LOAD = select(PERSON.c.record, PERSON.c.revision)
_PING = text(f"update {VERSION_TABLE} set version_num = version_num")  # noqa: S608 -- our own name
_UNHURRIED_S = 60
_UNHURRIED = text(f"set local statement_timeout = '{_UNHURRIED_S}s'")
_LATE_S = 0.6
"""Nobody waits any more: what breaks off after that is not begun again."""


class PostgresqlStore(Store):
    """Records of persons in the database at `url`, whose tables are made if missing, or brought up to date.

    url: as libpq writes it; ValueError where it cannot be read. Its environment and files are honoured.
    now: seconds since 1970.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._engine = engine_for(url)
        self._schema = Schema(self._engine)

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As every store's."""

        def load(connection: Connection) -> Any:
            return connection.execute(_LOAD.where(PERSON.c.key == person_key(request_envelope))).first()

        row = self._done(load)
        return {**read(row.record, row.revision), "revision": row.revision} if row else {}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As every store's; one statement.

        Where the connection breaks, a save with `upon` is sent again: if the first was carried out after
        all, the second is a ConflictError, and the turn begins again. Without, nobody could tell.
        """
        record, counts = written(attributes)
        upon, revision = attributes.get("upon"), attributes.get("revision")

        def save(connection: Connection) -> bool:
            person = {"of": person_key(request_envelope), "by": user_key(request_envelope), "json": record}
            values = {**person, "today": utc_day(self._now()), "next": revision}
            return connection.execute(*saving(values, upon, counts)).first() is not None

        if not self._done(save, again=upon is not None):
            raise ConflictError

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As every store's. However long the history is, it is deleted."""

        def forget(connection: Connection) -> None:
            key = person_key(request_envelope)
            with _unhurried(connection):
                connection.execute(forgetting(key))

        self._done(forget)

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """As every store's."""
        did: dict[str, dict[str, int]] = {}

        def load(connection: Connection) -> Any:
            columns = select(DID.c.day, DID.c.name, DID.c.count)
            mine = columns.where(DID.c.key == person_key(request_envelope), DID.c.day >= since)
            return connection.execute(mine).all()

        for day, name, count in self._done(load):
            did.setdefault(day.isoformat(), {})[name] = count
        return did

    def forget_unused(self, kept_s: int) -> None:
        """As every store's, a few hundred rows at a time."""
        now = self._now()

        def forget(connection: Connection) -> None:
            with _unhurried(connection):
                is_right = connection.execute(seen_on(days_of_witnesses(now))).first()
            for statement in forgetting_unused(days_to_forget(now, kept_s)) if is_right else ():
                while _has_deleted(connection, statement):
                    pass

        self._done(forget)

    def ping(self) -> None:
        """As every store's. It writes, as a server that only reads is no place to keep anything."""
        self._done(lambda connection: connection.execute(_PING))

    def close(self) -> None:
        """Close the connections that nobody is using just now."""
        self._engine.dispose()

    def _done(self, action: Callable[[Connection], Result], again: bool = True) -> Result:
        """What `action` returns on a connection to a database of our version.

        again: whether to try once more where the connection turns out to be broken. Whatever is raised is
        told without what was being worked on.
        """
        late = time.monotonic() + _LATE_S
        with _told():
            try:
                return self._once(action)
            except DBAPIError as error:
                if not (again and error.connection_invalidated and time.monotonic() < late):
                    raise
            return self._once(action)

    def _once(self, action: Callable[[Connection], Result]) -> Result:
        with self._engine.connect() as connection:
            self._schema.bring_up_to_date(connection)
            return action(connection)


@contextmanager
def _unhurried(connection: Connection) -> Iterator[None]:
    """A transaction whose statements may take a minute each."""
    connection.execution_options(isolation_level="READ COMMITTED")
    with patient(connection, _UNHURRIED_S + 5), connection.begin():
        connection.execute(_UNHURRIED)
        yield


def _has_deleted(connection: Connection, statement: Executable) -> bool:
    with _unhurried(connection):
        return bool(connection.execute(statement).rowcount)


@contextmanager
def _told() -> Iterator[None]:
    """Errors become ASK's PersistenceException, by kind alone: their texts quote the record of a person."""
    try:
        yield
    except DBAPIError as error:
        kind, code = type(error.orig), getattr(error.orig, "sqlstate", None)
        told = f"store: {kind.__name__}{f' ({code})' if code else ''}"
        raise PersistenceException(told) from _without_words(error.orig)
    except (SQLAlchemyError, OverflowError, TypeError, ValueError) as error:
        raise PersistenceException(f"store: {type(error).__name__}") from None


def _without_words(error: BaseException | None) -> BaseException | None:
    """One of the same kind, which says nothing."""
    return type(error)() if error else None
