"""PostgreSQL's place in the conformance suite: a database of its own for each test."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from skill.store.postgresql import PostgresqlStore
from tests.store.postgresql_server import PostgresqlServer, running_postgresql

TEMPLATE = "template_coach"


@dataclass
class PostgresqlStorage:
    """A database at `url`."""

    server: PostgresqlServer
    url: str
    keeps_data: bool = True
    expires: bool = False

    def open(self) -> PostgresqlStore:
        """A store with a pool of its own."""
        return PostgresqlStore(self.url)

    def restart(self) -> None:
        """As after a crash."""
        self.server.restart()

    def damage(self, text: str) -> None:
        """Overwrite every record."""
        self.do("update person set record = %s", text)

    def age(self, key: str, days: float) -> None:
        """Set back when a person was saved last."""
        day = datetime.fromtimestamp(time.time(), UTC).date() - timedelta(days=days)
        self.do("update person set updated = %s where key = %s", day, key)

    def people(self) -> set[str]:
        """The keys in the table of persons."""
        return {key for (key,) in self.do("select key from person")}

    def traces(self, key: str) -> int:
        """Rows of any table."""
        both = "select key from person union all select key from did"
        return int(self.do(f"select count(*) from ({both}) as rows where key = %s", key)[0][0])

    def do(self, statement: Any, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement, past the store; its rows, if any."""
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class PostgresqlStorages:
    """Where they come from."""

    server: PostgresqlServer
    name: str

    @contextmanager
    def fresh(self) -> Iterator[PostgresqlStorage]:
        """A copy of an empty store."""
        url = self.server.fresh(TEMPLATE)
        try:
            yield PostgresqlStorage(self.server, url)
        finally:
            self.server.drop(url.rpartition("/")[2])


@contextmanager
def running() -> Iterator[PostgresqlStorages]:
    """On a server of its own."""
    with running_postgresql() as server:
        with closing(PostgresqlStore(server.create(TEMPLATE))) as store:
            store.ping()
        [(version,)] = server.execute("show server_version")
        yield PostgresqlStorages(server, f"postgresql {version}")
