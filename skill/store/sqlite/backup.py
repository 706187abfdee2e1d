"""Copies of SQLite's file, taken and put back while others read and write there."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

from skill.store.sqlite.connection import connect, make_file, why
from skill.store.sqlite.schema import VERSION, bring_up_to_date, version_of

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many pages are copied, and of how many."""

_PAGES = 2_048
"""Copied at a time."""
_MOST_TRIES = 10
_BETWEEN_TRIES_S = 0.1


class CopyError(Exception):
    """A file that cannot be copied; the message says why."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a store. newest: the UTC day of the last turn, None where nobody is kept."""

    people: int
    newest: date | None

    def __str__(self) -> str:
        if not self.people or self.newest is None:
            return "nobody"
        return f"{self.people} {'person' if self.people == 1 else 'people'}, last seen on {self.newest}"


def back_up(store: Path, draft: Path, progress: Progress) -> Contents:
    """Make the empty file `draft` a copy of the store, as it is at one moment, and check it.

    Raises CopyError and OSError.
    """
    with _told(store, f"{store}, copied to {draft.parent}"), _existing(store) as source:
        _copy(source, draft, progress)
    with _told(draft, f"the copy of {store}"), _existing(draft) as copy:
        _check(copy)
        return _contents(copy)


def check_backup(backup: Path, draft: Path, progress: Progress) -> Contents:
    """Make the empty file `draft` a copy of `backup`, of our version, and check it.

    Raises CopyError and OSError.
    """
    with _told(backup), _existing(backup, "ro") as source:
        if version_of(source) > VERSION:
            raise CopyError("it was written by a newer sciatica-coach")
        _copy(source, draft, progress)
    with _told(backup), _existing(draft) as copy:
        _check(copy)
        bring_up_to_date(copy)
        return _contents(copy)


def contents(store: Path) -> Contents:
    """What is in the store. Raises CopyError."""
    if not store.exists():
        return Contents(0, None)
    with _told(store), _existing(store) as connection:
        has_table = connection.execute("select 1 from sqlite_master where name = 'person'").fetchone()
        return _contents(connection) if has_table else Contents(0, None)


def put_back(draft: Path, store: Path, progress: Progress) -> None:
    """Put what is in `draft` in the place of all that is in the store, in one transaction.

    One that is new belongs to whom its folder belongs to, where we may give it away: as root. Raises
    CopyError and OSError; then the store is as it was.
    """
    with _told(store):
        is_new = not store.exists()
        make_file(store)
        if is_new and os.geteuid() == 0:
            folder = store.parent.stat()
            os.chown(store, folder.st_uid, folder.st_gid)
        with _existing(draft) as source, closing(connect(store)) as target:
            source.backup(target, pages=_PAGES, progress=_patient(progress), sleep=_BETWEEN_TRIES_S)
            target.execute("pragma wal_checkpoint(truncate)")


def _copy(source: sqlite3.Connection, draft: Path, progress: Progress) -> None:
    """One moment is read all along: a copy need not begin again where somebody writes meanwhile."""
    source.execute("begin")
    source.execute("select count(*) from sqlite_master").fetchone()
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        target.execute("pragma journal_mode = off")
        target.execute("pragma synchronous = off")
        source.backup(target, pages=_PAGES, progress=_patient(progress), sleep=_BETWEEN_TRIES_S)
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        target.execute("pragma journal_mode = delete")  # one file, with no log beside it


def _check(copy: sqlite3.Connection) -> None:
    found = [told for (told,) in copy.execute("pragma integrity_check(1)")]
    if found != ["ok"]:
        raise CopyError(f"it is damaged: {found[0]}")
    columns = {name for (name,) in copy.execute("select name from pragma_table_info('person')")}
    if not {"key", "account", "record", "updated"} <= columns:
        raise CopyError("it is no store of sciatica-coach")


def _contents(connection: sqlite3.Connection) -> Contents:
    people, newest_s = connection.execute("select count(*), max(updated) from person").fetchone()
    return Contents(people, datetime.fromtimestamp(newest_s, UTC).date() if people else None)


def _patient(progress: Progress) -> Callable[[int, int, int], None]:
    """Tells `progress`, and gives up where somebody else writes for too long."""
    tries = 0

    def tell(status: int, remaining: int, total: int) -> None:
        nonlocal tries
        tries = tries + 1 if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else 0
        if tries >= _MOST_TRIES:
            raise CopyError("somebody else writes to it all the time")
        progress(total - remaining, total)

    return tell


@contextmanager
def _existing(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there."""
    address = f"{path.resolve().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        yield connection


@contextmanager
def _told(path: Path, what: str = "") -> Iterator[None]:
    """What goes wrong with the file at `path`, with its name, or with what it is called instead."""
    try:
        yield
    except (CopyError, sqlite3.Error, ValueError, OverflowError) as error:
        raise CopyError(f"{what or path}: {why(error, path)}") from error
