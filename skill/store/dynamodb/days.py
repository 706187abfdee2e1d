"""What was done on which day, in DynamoDB: with the record first, later in one item per month.

record item   "2026-11-23 hamstring 10": 2      added to by the very update that saves the record
              ">7 2026-10-31 hamstring 10": 1   taken out of use by the 7th move, and never changed again
              moves: 8                          the number of the next one
              life: ...                         of this record; one that is begun after a deletion has another
month item    ">6 2026-10-30 hamstring 10": 1   sort key "2026-10 LIFE"

Days before yesterday are moved, so that a turn costs the same after ten years: taken out of use, copied, and
removed. Each step may be done twice, by anybody, or be left to a later save. What stands in both counts once.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from ask_sdk_core.exceptions import PersistenceException

from skill.routine.history import History
from skill.store.dynamodb.record import RECORD
from skill.store.dynamodb.table import Item, Table, key, number
from skill.store.store import KEPT_UNUSED_S

_USED = re.compile(r"()(\d{4}-\d\d-\d\d) (.*)", re.DOTALL)
_TAKEN = re.compile(r">(\d+) (\d{4}-\d\d-\d\d) (.*)", re.DOTALL)
_MOST_MOVED = 40
"""At once. DynamoDB limits an expression to 300 operators and 4 KiB."""
_MOST_MOVES = 4
"""After one save."""
_MONTH_S = 31 * 86_400
_DAY_S = 86_400


def attribute_of(day: date, name: str) -> str:
    """Where it is counted how often that was done on that day."""
    return f"{day} {name}"


class Days:
    """The days of all persons in `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, person: str, since: date, now: int) -> History:
        """What is stored since that day. The record is read first: what is moved meanwhile is found then."""
        between = "#person=:person AND #item BETWEEN :since AND :record"
        values = {":person": {"S": person}, ":since": {"S": f"{since:%Y-%m}"}, ":record": {"S": RECORD}}
        items = list(self._table.query(between, values))
        if not items or items[0]["item"]["S"] != RECORD or int(items[0]["expires"]["N"]) <= now:
            return {}
        record, *months = items
        moves = int(record["moves"]["N"])  # a later one moved what is counted in this very record
        oldest = max(since, datetime.fromtimestamp(now - KEPT_UNUSED_S, UTC).date()).isoformat()
        counts = [*_found(record, _USED), *_found(record, _TAKEN)]
        for month in months:
            if month["item"]["S"].endswith(f" {record['life']['S']}"):
                found = _found(month, _TAKEN)
                counts += [each for each in found if each.move < moves and each.attribute not in record]
        return _summed(each for each in counts if each.day >= oldest)

    def move(self, record: Item, now: int) -> None:
        """Move the days before yesterday out of `record`, as it was just saved.

        Where that fails, a later save does it.
        """
        yesterday = f"{datetime.fromtimestamp(now, UTC) - timedelta(days=1):%Y-%m-%d}"
        with suppress(PersistenceException):
            for _ in range(_MOST_MOVES):
                if not (taken := _oldest(record, _TAKEN)):
                    record = self._take(record, _oldest(record, _USED, yesterday))
                    taken = _oldest(record, _TAKEN)
                if not taken:
                    return
                self._finish(record, taken, now)
                gone = {count.attribute for count in taken}
                record = {name: value for name, value in record.items() if name not in gone}

    def _take(self, record: Item, used: list["_Count"]) -> Item:
        """Take these counts out of use, as they are by now; the record after that."""
        if not used:
            return record
        moves, numbers = record["moves"]["N"], range(len(used))
        names = {f"#u{n}": count.attribute for n, count in enumerate(used)}
        names |= {f"#t{n}": f">{moves} {count.attribute}" for n, count in enumerate(used)}
        sets, removes = (",".join(form.format(n=n) for n in numbers) for form in ("#t{n}=#u{n}", "#u{n}"))
        return self._table.update(
            key(record["person"]["S"], RECORD),
            f"SET {sets} REMOVE {removes} ADD #moves :one",
            "#life=:life AND #moves=:moves",
            {":one": number(1), ":life": record["life"], ":moves": record["moves"]},
            names,
            "ALL_NEW",
        )

    def _finish(self, record: Item, taken: list["_Count"], now: int) -> None:
        """Copy these counts to their month and remove them; if the record is gone, so is that month."""
        try:
            self._copy(record, taken, now)
            self._remove(record, taken)
        except PersistenceException:
            if self._table.get(record["person"]["S"], RECORD, "life").get("life") != record["life"]:
                self._table.delete(_month(record, taken))
            raise

    def _copy(self, record: Item, taken: list["_Count"], now: int) -> None:
        """To the month's item."""
        self._table.update(
            _month(record, taken),
            "SET #expires=:expires," + ",".join(f"#d{n}=:d{n}" for n in range(len(taken))),
            "",
            {
                **{f":d{n}": number(count.times) for n, count in enumerate(taken)},
                ":expires": number(_expires(taken[0].day, now)),
            },
            {f"#d{n}": count.attribute for n, count in enumerate(taken)},
        )

    def _remove(self, record: Item, taken: list["_Count"]) -> None:
        """From the record."""
        self._table.update(
            key(record["person"]["S"], RECORD),
            "REMOVE " + ",".join(f"#d{n}" for n in range(len(taken))),
            "#life=:life",
            {":life": record["life"]},
            {f"#d{n}": count.attribute for n, count in enumerate(taken)},
        )


class _Count(NamedTuple):
    """What an attribute holds. move: which took it out of use, -1 for none."""

    attribute: str
    move: int
    day: str
    name: str
    times: int


def _found(item: Item, form: re.Pattern[str]) -> list[_Count]:
    """What is counted in `item` under names of that form."""
    matched = [(form.fullmatch(name), value) for name, value in item.items()]
    return [
        _Count(found[0], int(found[1] or -1), found[2], found[3], int(value["N"]))
        for found, value in matched
        if found
    ]


def _oldest(record: Item, form: re.Pattern[str], before: str = "A") -> list[_Count]:
    """The counts of the oldest month, as many as are moved at once."""
    old = sorted((each for each in _found(record, form) if each.day < before), key=lambda each: each.day)
    return [each for each in old[:_MOST_MOVED] if each.day[:7] == old[0].day[:7]]


def _month(record: Item, taken: list[_Count]) -> Item:
    """The key of the item that counts go to."""
    return key(record["person"]["S"], f"{taken[0].day[:7]} {record['life']['S']}")


def _expires(day: str, now: int) -> int:
    """When the month of `day` is forgotten: tomorrow at the earliest, as what is long past is let alone."""
    month = datetime.fromisoformat(f"{day[:7]}-01T00:00:00+00:00")
    return max(int(month.timestamp()) + _MONTH_S + KEPT_UNUSED_S, now + _DAY_S)


def _summed(counts: Iterable[_Count]) -> History:
    """By day and name."""
    summed: dict[str, dict[str, int]] = {}
    for each in counts:
        names = summed.setdefault(each.day, {})
        names[each.name] = names.get(each.name, 0) + each.times
    return dict(sorted(summed.items()))
