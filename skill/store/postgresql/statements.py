"""What a PostgreSQL store is told to do, where that takes more than a line."""

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
from skill.store.record import Count
from skill.store.store import Days

Saving: TypeAlias = ReturningInsert[Any] | ReturningUpdate[Any]

_BATCH = 500

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


_BEGIN = insert(PERSON).values(_NEW)
_OVERWRITE = _BEGIN.on_conflict_do_update(index_elements=[PERSON.c.key], set_=_CHANGES)
_AGAIN = update(PERSON).where(PERSON.c.key == _KEY, PERSON.c.revision == _UPON).values(_CHANGES)
_ALONE: dict[str, Saving] = {
    "overwrite": _OVERWRITE.returning(PERSON.c.key),
    "first": _BEGIN.on_conflict_do_nothing().returning(PERSON.c.key),
    "again": _AGAIN.returning(PERSON.c.key),
}
_WITH_COUNTS = {name: _and_counts(statement) for name, statement in _ALONE.items()}
"""Apart from those: with no counts they take 0.1 ms longer."""


def saving(values: dict[str, Any], upon: int | None, counts: list[Count]) -> tuple[Saving, dict[str, Any]]:
    """The statement that saves a record and counts upon that revision, and its values.

    It returns a row, or none where that is not the revision stored.
    """
    which = "overwrite" if upon is None else "again" if upon else "first"
    given = {**values, "upon": upon} if upon else values
    if not counts:
        return _ALONE[which], given
    days, names, times = map(list, zip(*counts, strict=True))
    return _WITH_COUNTS[which], {**given, "days": days, "names": names, "counts": times}


def forgetting(key: str) -> Executable:
    """What deletes the person of `key`, or that account and all its voices, with what they did."""
    return delete(PERSON).where(or_(PERSON.c.key == key, PERSON.c.account == key))


def seen_on(days: Days) -> Select[Any]:
    """A row, where somebody was here last on one of them."""
    return (
        select(PERSON.c.key).where(PERSON.c.updated.between(*days)).order_by(PERSON.c.updated.desc()).limit(1)
    )


def forgetting_unused(days: Days) -> tuple[Executable, Executable]:
    """What deletes a batch of these days, and one of who was seen last on them. To be repeated until it
    deletes nothing.

    Days go first: who is forgotten then has none left that would go in the same statement.
    """
    old = {**days._asdict(), "batch": _BATCH}
    return _FORGET_DAYS.bindparams(**old), _FORGET_PEOPLE.bindparams(**old)


# Twice the same condition: who comes back just now is looked at again, and stays.
_FORGET_DAYS = text("""
    delete from did where day between :first and :last and ctid = any (array(
        select ctid from did where day between :first and :last order by day limit :batch))
""")
_FORGET_PEOPLE = text("""
    delete from person where updated between :first and :last and ctid = any (array(
        select ctid from person where updated between :first and :last order by updated limit :batch))
""")
