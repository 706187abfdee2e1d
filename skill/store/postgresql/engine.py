"""Connections to PostgreSQL: a pool of them, none of which lets a turn wait for long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from ask_sdk_core.exceptions import PersistenceException
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ConnectionTimeout
from psycopg.pq import Conninfo
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

Answer = TypeVar("Answer")

_PATIENCE_S = 2.0
"""How long an answer is waited for: three times as long as the server may take for it."""
_CONNECTIONS = 16
"""Of one process. A call takes about a millisecond; a server allows 97 connections unless it is told to."""
_WAIT_S = 0.5
"""How long a call waits for one of them."""
_DEFAULTS = {
    "application_name": "sciatica-coach",
    "client_encoding": "utf8",  # psycopg hands out bytes where a database has no encoding
    "connect_timeout": "2",  # in seconds, libpq's least
    "tcp_user_timeout": "300",  # in ms, to which Linux adds 200: a network that takes nothing in
    "keepalives_idle": "30",  # in seconds: less than a router forgets a silent connection in
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""What libpq is told where neither the URL nor the environment says anything else."""
_OPTIONS = (
    "-c statement_timeout=600 -c lock_timeout=500 -c idle_in_transaction_session_timeout=10000"
    r" -c default_transaction_isolation=read\ committed"
)
"""In ms. The guard before the store waits for 700; what nobody waits for any more is not gone on with."""
_HONOURED = ("application_name", "connect_timeout", "options")
_READ_ONLY = "25006"


def engine_for(url: str) -> Engine:
    """A pool of connections to `url`, which libpq reads; each statement is its own transaction.

    Nothing is connected yet. Raises ValueError where libpq cannot read `url`.
    """
    try:
        given = {**_environment(), **conninfo_to_dict(url)}
    except psycopg.Error:  # it quotes what it could not read, and that may be the password
        raise ValueError("no URL of PostgreSQL") from None
    options = f"{_OPTIONS} {given.pop('options', '')}".rstrip()
    engine = create_engine(
        "postgresql+psycopg://",
        creator=_connector({**_DEFAULTS, **given, "options": options}),
        isolation_level="AUTOCOMMIT",
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_WAIT_S,
        pool_use_lifo=True,
        use_native_hstore=False,
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _leave_a_server_that_turned_read_only)
    return engine


@contextmanager
def patient(connection: Connection, for_s: float) -> Iterator[None]:
    """Wait so long for each answer on `connection`."""
    driver: Any = connection.connection.driver_connection
    driver.patience_s = for_s
    try:
        yield
    finally:
        driver.patience_s = _PATIENCE_S


class _Impatient(psycopg.Connection[Any]):
    """Hangs up where no answer comes: what stands in between may take in all that is sent, and be silent."""

    patience_s = _PATIENCE_S

    def wait(self, gen: PQGen[Answer], *given: Any, **named: Any) -> Answer:
        """As psycopg's, which looks up ten times a second. Raises ConnectionTimeout."""
        return super().wait(self._limited(gen), *given, **named)

    def _limited(self, gen: PQGen[Answer]) -> PQGen[Answer]:
        until = time.monotonic() + self.patience_s
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() >= until:
                    self.pgconn.finish()
                    raise ConnectionTimeout("no answer")
                state = gen.send(ready)
        except StopIteration as answer:
            value: Answer = answer.value
            return value


def _environment() -> dict[str, str]:
    """What libpq's environment says, or the service it names, that would not be heard beside ours."""
    found = {option.keyword.decode(): option.val for option in Conninfo.get_defaults() if option.val}
    return {name: found[name].decode() for name in _HONOURED if name in found}


def _connector(parameters: dict[str, Any]) -> Callable[[], psycopg.Connection]:
    """What makes a connection. A pgbouncer in between may not know prepared statements."""

    def connect() -> psycopg.Connection:
        try:
            return _Impatient.connect(**parameters, prepare_threshold=None)
        except psycopg.OperationalError as error:
            # Nothing of a person has been sent yet: this may be told, and says what to mend.
            why = " ".join(str(error).split())
            raise PersistenceException(f"store: {why}") from type(error)()

    return connect


def _leave_a_server_that_turned_read_only(context: ExceptionContext) -> None:
    """After a failover the same name leads to another server, but only on a new connection."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
