"""Bringing a PostgreSQL database up to date."""

import math
from threading import Lock

from alembic import command
from alembic.config import Config
from ask_sdk_core.exceptions import PersistenceException
from psycopg.errors import UndefinedTable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from skill.store.postgresql.engine import patient
from skill.store.postgresql.tables import NEWEST, VERSION_TABLE

_PATIENCE_S = 0.5
LOCK = "select pg_advisory_xact_lock(1545302476)"
"""Whoever changes tables holds this until it is done."""
_ALONE = ("set local statement_timeout = 0", "set local lock_timeout = 0", LOCK)
"""Nobody can tell how long changing tables takes, or waiting for who does."""
_VERSION = text(f"select version_num from {VERSION_TABLE}")  # noqa: S608 -- our own name


class Schema:
    """The tables behind `engine`, looked at once by this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock, self._is_newest = engine, Lock(), False

    def bring_up_to_date(self, connection: Connection) -> None:
        """Make the tables those of our version; several processes may try at once.

        Where they are, no more is asked of the database than to read its version. Raises
        PersistenceException where a newer version made them, or another thread is still at it.
        """
        if self._is_newest:
            return
        if _version(connection) != NEWEST:
            if not self._lock.acquire(timeout=_PATIENCE_S):
                raise PersistenceException("store: its tables are being brought up to date")
            try:
                self._migrate()
            finally:
                self._lock.release()
        self._is_newest = True

    def _migrate(self) -> None:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="READ COMMITTED")
            with patient(connection, math.inf), connection.begin():
                for statement in _ALONE:
                    connection.execute(text(statement))
                configured = Config()
                configured.set_main_option("script_location", "skill.store.postgresql:migrations")
                configured.attributes["connection"] = connection
                command.upgrade(configured, "head")


def _version(connection: Connection) -> int:
    """The version of the tables, 0 where there are none. Raises PersistenceException where it is newer."""
    try:
        with connection.begin():
            version = int(connection.execute(_VERSION).scalar_one())
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable):
            raise
        return 0
    if version > NEWEST:
        raise PersistenceException("store: the database was written by a newer sciatica-coach")
    return version
