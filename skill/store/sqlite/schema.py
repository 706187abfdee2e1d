"""The tables in SQLite's file, and how a file of an older version gets them."""

import sqlite3

from skill.store.sqlite.transaction import transaction

_STEPS = (
    (
        """create table if not exists person (
            key text primary key,
            account text not null,
            record text not null,
            updated integer not null
        ) without rowid""",
    ),
    ("alter table person add column revision integer not null default 0",),
    (
        # A tree of keys alone is shallow; one of whole records was ten pages deep at a million people.
        """create table person_3 (
            key text primary key not null,
            account text not null,  -- through which the person speaks; all its voices go with it
            record text not null,
            updated integer not null,  -- the day, by its first second since 1970, UTC
            revision integer not null
        )""",
        """insert into person_3 (key, account, record, updated, revision)
        select key, account, record, cast(updated as integer) / 86400 * 86400, revision from person""",
        "drop table person",
        "alter table person_3 rename to person",
        "create index person_account on person (account)",
        "create index person_updated on person (updated)",
        """create table did (
            key text not null,
            day text not null,  -- as in 2026-01-31, UTC
            name text not null,
            count integer not null,
            primary key (key, day, name)
        ) without rowid""",
        "create index did_day on did (day)",
        # So that a program of an older version, which may still run, leaves nothing behind.
        "create trigger person_gone after delete on person begin delete from did where key = old.key; end",
    ),
)
"""What makes a file of each version one of the next; a new file is of version 0."""

VERSION = len(_STEPS)
"""Of the files that we write."""


def version_of(connection: sqlite3.Connection) -> int:
    """Of the file; 0 where nothing is in it."""
    return int(connection.execute("pragma user_version").fetchone()[0])


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the file one of our version; several connections may try at once. Raises sqlite3.Error."""
    if version_of(connection) == VERSION:
        return
    with transaction(connection):
        if (version := version_of(connection)) > VERSION:
            raise sqlite3.NotSupportedError("the file was written by a newer sciatica-coach")
        for statement in (each for step in _STEPS[version:] for each in step):
            connection.execute(statement)
        connection.execute(f"pragma user_version = {VERSION}")
