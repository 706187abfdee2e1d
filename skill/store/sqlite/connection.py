"""A connection to SQLite's file, with which every commit is on the disk."""

import sqlite3
from pathlib import Path

from skill.store.sqlite.schema import bring_up_to_date

BESIDE = ("-wal", "-shm", "-journal")
"""How the files end that SQLite keeps beside its own."""
BUSY_TIMEOUT_S = 0.6
"""How long a statement waits for another that writes."""
_MOST_RACES = 8


def make_file(path: Path) -> None:
    """Make the file if it is missing, with its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, up to date; each statement is its own transaction. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        _use_wal(connection)
        connection.execute("pragma synchronous = full")
        connection.execute("pragma secure_delete = on")
        bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file it is that has this name now."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def empty_log(connection: sqlite3.Connection) -> bool:
    """Take what was deleted out of the log; returns whether that was done: not where somebody reads there."""
    connection.execute("pragma busy_timeout = 0")
    busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    connection.execute(f"pragma busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
    return not busy


def why(error: Exception, path: Path) -> str:
    """What went wrong with the file at `path`, and what to look at where SQLite does not say so."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return f"{error}: look at the permissions of {path} and of its folder"
    return str(error)


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
