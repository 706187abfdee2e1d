"""What SQLite's store says to its file."""

LOAD = "select cast(record as blob), cast(revision as integer) from person where key = ?"

SAVE_AGAIN = """
update person set record = :record, revision = coalesce(:revision, cast(revision as integer) + 1)
where key = :key and account = :account and updated >= :today
    and (:upon is null or cast(revision as integer) = :upon)
"""
"""Whoever was here today already: no index has to be written."""

SAVE = """
insert into person (key, account, record, updated, revision)
select :key, :account, :record, :today, coalesce(:revision, stored + 1)
from (select coalesce((select cast(revision as integer) from person where key = :key), 0) as stored)
where :upon is null or :upon = stored
on conflict (key) do update
set account = excluded.account, record = excluded.record,
    updated = max(updated, excluded.updated), revision = excluded.revision
"""
"""Anybody else. A clock that was set back makes nobody look long gone."""

ADD = """
insert into did (key, day, name, count) values (?, ?, ?, ?)
on conflict (key, day, name) do update set count = count + excluded.count
"""

HISTORY = "select day, name, count from did where key = ? and day >= ? order by day, name"

DELETE = "delete from person where key = :key or account = :key"
"""With all they did: schema.py."""

IS_CLOCK_RIGHT = """
select exists (select 1 from person where updated between :first and :last)
"""

FORGET_DAYS = """
delete from did where (key, day, name) in (select key, day, name from did
    where day between date(:first, 'unixepoch') and date(:last, 'unixepoch') limit 500)
"""

FORGET_PERSONS = """
delete from person where key in (select key from person where updated between :first and :last limit 50)
"""
"""With what is left of their days: most often nothing, as these are older."""
