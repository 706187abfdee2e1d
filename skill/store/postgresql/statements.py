"""What a PostgreSQL store is told to do, where that takes more than a line."""

import json
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Executable,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from skill.store.postgresql.tables import DID, PERSON

Saving: TypeAlias = ReturningInsert[Any] | ReturningUpdate[Any]

_BATCH = 500
_OLDEST_CLOCK = date(2023, 11, 15)
"""No clock that is right told an earlier day than this to this program."""

_KEY, _UPON = bindparam("of", type_=Text), bindparam("upon", type_=BigInteger)
_NEXT = bindparam("next", type_=BigInteger)
_CHANGES = {
    "account": bindparam("by", type_=Text),
    "record": bindparam("json", type_=Text),
    "updated": func.greatest(PERSON.c.updated, bindparam("today", type_=Date)),
    "revision": func.coalesce(_NEXT, PERSON.c.revision + 1),
}
_NEW = {
    "key": _KEY,
    "account": bindparam("by", type_=Text),
    "record": bindparam("json", type_=Text),
    "updated": bindparam("today", type_=Date),
    "revision": func.coalesce(_NEXT, 1),
}
_OVERWRITE = (
    insert(PERSON).values(_NEW).on_conflict_do_update(index_elements=[PERSON.c.key], set_=_CHANGES)
).returning(PERSON.c.key)
_FIRST = (
    insert(PERSON)
    .values(_NEW)
    .on_conflict_do_update(index_elements=[PERSON.c.key], set_=_CHANGES, where=PERSON.c.revision == _UPON)
    .returning(PERSON.c.key)
)
_AGAIN = (
    update(PERSON)
    .where(PERSON.c.key == _KEY, PERSON.c.revision == _UPON)
    .values(_CHANGES)
    .returning(PERSON.c.key)
)


def _and_counts(saved: Saving) -> Saving:
    """`saved`, and in the same statement, where it saves, the counts."""
    person = saved.cte("saved")
    counts = (
        func.unnest(
            bindparam("days", type_=ARRAY(Date)),
            bindparam("names", type_=ARRAY(Text)),
            bindparam("counts", type_=ARRAY(Integer)),
        )
        .table_valued("day", "name", "count", name="counts")
        .render_derived()
    )
    rows = select(person.c.key, counts.c.day, counts.c.name, counts.c.count)
    each = rows.join_from(person, counts, true())
    adding = insert(DID).from_select(["key", "day", "name", "count"], each)
    total = DID.c.count + adding.excluded.count
    primary = [DID.c.key, DID.c.day, DID.c.name]
    return adding.on_conflict_do_update(index_elements=primary, set_={"count": total}).returning(DID.c.key)


_ALONE: dict[str, Saving] = {"overwrite": _OVERWRITE, "first": _FIRST, "again": _AGAIN}
_WITH_COUNTS = {name: _and_counts(statement) for name, statement in _ALONE.items()}


def saving(key: str, account: str, attributes: dict[str, Any], today: date) -> tuple[Saving, dict[str, Any]]:
    """The statement that saves `attributes` of `key`, and its values.

    It returns a row, or none where `upon` is not the revision stored. Raises ValueError or TypeError where
    `attributes` cannot be written.
    """
    upon, did = attributes.get("upon"), attributes.get("did") or {}
    record = {key: value for key, value in attributes.items() if key not in ("revision", "upon", "did")}
    values = {
        "of": key,
        "by": account,
        "json": json.dumps(record, separators=(",", ":")),
        "today": today,
        "next": attributes.get("revision"),
    }
    if upon is not None:
        values["upon"] = upon
    counts = [(date.fromisoformat(day), name, n) for day, names in did.items() for name, n in names.items()]
    if counts:
        values["days"], values["names"], values["counts"] = map(list, zip(*counts, strict=True))
    which = "overwrite" if upon is None else "again" if upon else "first"
    return (_WITH_COUNTS if counts else _ALONE)[which], values


def forgetting(key: str) -> Executable:
    """What deletes the person of `key`, or that account and all its voices, with what they did."""
    return delete(PERSON).where(or_(PERSON.c.key == key, PERSON.c.account == key))


def believable(today: date) -> Select[Any]:
    """A row, where somebody was here on an earlier day by this clock, and not long ago."""
    lately = PERSON.c.updated.between(today - timedelta(days=30), today - timedelta(days=1))
    return select(PERSON.c.key).where(lately).order_by(PERSON.c.updated.desc()).limit(1)


def forgetting_unused(until: date) -> tuple[Executable, Executable]:
    """What deletes a batch of old days, and one of people. To be repeated until it deletes nothing.

    Days go first: who is forgotten then has none left that would go in the same statement.
    """
    old = {"oldest": _OLDEST_CLOCK, "until": until, "batch": _BATCH}
    return _FORGET_DAYS.bindparams(**old), _FORGET_PEOPLE.bindparams(**old)


# Twice the same condition: who comes back just now is looked at again, and stays.
_FORGET_DAYS = text("""
    delete from did where day between :oldest and :until and ctid = any (array(
        select ctid from did where day between :oldest and :until order by day limit :batch))
""")
_FORGET_PEOPLE = text("""
    delete from person where updated between :oldest and :until and ctid = any (array(
        select ctid from person where updated between :oldest and :until order by updated limit :batch))
""")
