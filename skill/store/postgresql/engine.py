"""Connections to PostgreSQL: a pool of them, none of which lets a turn wait for long."""

from collections.abc import Callable
from typing import Any

import psycopg
from ask_sdk_core.exceptions import PersistenceException
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

_CONNECTIONS = 16
"""Of one process. A call takes about a millisecond; a server allows 97 connections unless it is told to."""
_WAIT_S = 0.5
"""How long a call waits for one of them."""
_DEFAULTS = {
    "application_name": "sciatica-coach",
    "connect_timeout": "2",  # in seconds, libpq's least
    "tcp_user_timeout": "300",  # in ms, to which Linux adds 200: a network that takes nothing in
    "keepalives_idle": "30",  # in seconds: less than a router forgets a silent connection in
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""What libpq is told where the URL says nothing else."""
_OPTIONS = "-c statement_timeout=600 -c lock_timeout=500 -c idle_in_transaction_session_timeout=10000"
"""In ms. The guard before the store waits for 700; what nobody waits for any more is not gone on with."""
_READ_ONLY = "25006"


def engine_for(url: str) -> Engine:
    """A pool of connections to `url`, which libpq reads; each statement is its own transaction.

    Nothing is connected yet. Raises ValueError where libpq cannot read `url`.
    """
    try:
        given = conninfo_to_dict(url)
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


def _connector(parameters: dict[str, Any]) -> Callable[[], psycopg.Connection]:
    """What makes a connection. A pgbouncer in between may not know prepared statements."""

    def connect() -> psycopg.Connection:
        try:
            return psycopg.connect(**parameters, prepare_threshold=None)
        except psycopg.OperationalError as error:
            # Nothing of a person has been sent yet: this may be told, and says what to mend.
            why = " ".join(str(error).split())
            raise PersistenceException(f"store: {why}") from type(error)()

    return connect


def _leave_a_server_that_turned_read_only(context: ExceptionContext) -> None:
    """After a failover the same name leads to another server, but only on a new connection."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
