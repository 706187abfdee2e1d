"""DynamoDB: one table for all, made by the template of deploy/aws; each turn is one read and one write.

person       item           what
a person     record         the record, its revision and account, and what was done in these days
a person     2026-11 LIFE   what was done in a month: days.py
an account   voice#KEY      a voice of it: links.py

`expires` is when DynamoDB may delete an item. It takes its time, so what has expired is not read.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from secrets import token_urlsafe
from typing import Any

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.routine.history import History
from skill.store.dynamodb.days import Days, attribute_of
from skill.store.dynamodb.links import RENEWED_S, Link, Links, link_in
from skill.store.dynamodb.record import RECORD, packed, unpacked
from skill.store.dynamodb.table import ConditionError, Item, Table, key, number
from skill.store.failures import ConflictError
from skill.store.person import person_key, user_key
from skill.store.record import written
from skill.store.store import KEPT_UNUSED_S, Store

_SET = "SET #record=:record,#account=:account,#expires=:expires,#token=:token"
_BEGIN = ",#life=if_not_exists(#life,:token),#moves=if_not_exists(#moves,:zero)"
_NEXT = ",#revision=if_not_exists(#revision,:zero)+:one"
_UPON = "#revision=:upon AND #expires>:now"
_LINKED = " AND #account=:account AND #linked>:stale"


@dataclass(frozen=True)
class _Save:
    """What is to be saved. token: of this one alone, so that it is known again."""

    person: str
    account: str
    record: bytes
    revision: int | None
    upon: int | None
    counts: dict[str, int]
    now: int
    token: str = field(default_factory=lambda: token_urlsafe(9))

    @property
    def is_linked(self) -> bool:
        """Whether an account has to find it."""
        return self.account not in ("", self.person)

    @property
    def values(self) -> Item:
        """What every save writes."""
        return {
            ":record": {"B": self.record},
            ":account": {"S": self.account},
            ":expires": number(self.now + KEPT_UNUSED_S),
            ":token": {"S": self.token},
        }


class DynamodbStore(Store):
    """Records of persons in the DynamoDB table `table`, in `region` or the one of AWS's own settings.

    now: seconds since 1970. Credentials and endpoint are found as every program of AWS's finds them.
    """

    def __init__(self, table: str, region: str | None = None, now: Callable[[], float] = time.time) -> None:
        self._table, self._now = Table(table, region), now
        self._days, self._links = Days(self._table), Links(self._table)

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As Store's; one read."""
        person = _person(request_envelope)
        item = self._table.get(person, RECORD, "record", "revision", "expires")
        if not item or int(item["expires"]["N"]) <= self._now():
            return {}
        revision = int(item["revision"]["N"])
        return {**unpacked(item, revision), "revision": revision}

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As Store's; one write, but for a voice that is new or was not linked for a month."""
        record, counts = written(attributes)
        save = _Save(
            person=_person(request_envelope),
            account=user_key(request_envelope),
            record=packed(record),
            revision=attributes.get("revision"),
            upon=attributes.get("upon"),
            counts={attribute_of(day, name): count for day, name, count in counts},
            now=int(self._now()),
        )
        if save.upon:
            self._go_on(save)
        elif save.upon is None:
            self._linked(save, partial(self._overwrite, save))
        else:
            self._linked(save, partial(self._begin, save))

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As Store's. The record goes first: no later save of it is taken then."""
        person, account = _person(request_envelope), user_key(request_envelope)
        stored = self._table.get(person, RECORD, "account").get("account", {}).get("S", "")
        links = self._links.of_voice(person, {account, stored} - {"", person})
        self._table.delete(key(person, RECORD))
        for link in self._delete_months(person):
            self._delete_voice(link)
        for link in links:
            self._links.delete(link)

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """As Store's; one query."""
        return self._days.read(_person(request_envelope), since, int(self._now()))

    def forget_unused(self, kept_s: int) -> None:
        """Nothing: DynamoDB deletes by itself what has expired, KEPT_UNUSED_S after it was saved."""

    def ping(self) -> None:
        """As Store's: tries a write whose condition is never met."""
        try:
            self._table.update(
                key("-", "ping"), "SET #token=:one", "attribute_exists(#person)", {":one": number(1)}
            )
        except ConditionError:
            return

    def close(self) -> None:
        """Close the connections of all threads."""
        self._table.close()

    def _linked(self, save: _Save, action: Callable[[], None]) -> None:
        if save.is_linked:
            self._links.around(save.account, save.person, save.now, action)
        else:
            action()

    def _begin(self, save: _Save) -> None:
        """Save where there is nothing, or only what has expired."""
        item = key(save.person, RECORD) | {name[1:]: value for name, value in save.values.items()}
        item |= {"revision": number(save.revision or 1), "life": {"S": save.token}, "moves": number(0)}
        item |= {"linked": number(save.now)}
        item |= {name: number(count) for name, count in save.counts.items()}
        try:
            self._table.put(
                item, "attribute_not_exists(#person) OR #expires<=:now", {":now": number(save.now)}
            )
        except ConditionError as error:
            self._settle(save, error)

    def _go_on(self, save: _Save) -> None:
        """Save upon a revision; where a voice has to be linked first, do that."""
        values = {":upon": number(save.upon or 0), ":now": number(save.now)}
        linked = {":stale": number(save.now - RENEWED_S)} if save.is_linked else {}
        try:
            self._update(save, "", _UPON + (_LINKED if linked else ""), {**values, **linked})
        except ConditionError as error:
            if not linked or self._found(save, "revision") != values[":upon"]:
                return self._settle(save, error)
            self._linked(save, partial(self._link, save, values))

    def _link(self, save: _Save, values: Item) -> None:
        try:
            self._update(save, ",#linked=:now", _UPON, values)
        except ConditionError as error:
            self._settle(save, error)

    def _overwrite(self, save: _Save) -> None:
        """Save whatever is stored."""
        given = {":one": number(1)} if save.revision is None else {}
        values = {":zero": number(0), ":now": number(save.now), **given}
        try:
            self._update(
                save, f"{_BEGIN},#linked=:now", "attribute_not_exists(#token) OR #token<>:token", values
            )
        except ConditionError:
            return  # The first attempt was heard, its answer lost: this was the second.

    def _update(self, save: _Save, also: str, condition: str, values: Item) -> None:
        """Save in one write. Raises ConditionError."""
        names = {f"#d{nth}": name for nth, name in enumerate(save.counts)}
        counts = {f":d{nth}": number(count) for nth, count in enumerate(save.counts.values())}
        revision = save.revision or (save.upon + 1 if save.upon else None)
        to = {":revision": number(revision)} if revision else {}
        add = " ADD " + ",".join(f"#d{nth} :d{nth}" for nth in range(len(names))) if names else ""
        saved = self._table.update(
            key(save.person, RECORD),
            _SET + also + (",#revision=:revision" if to else _NEXT) + add,
            condition,
            {**save.values, **values, **counts, **to},
            names,
            "ALL_NEW" if names else "NONE",
        )
        if names:
            self._days.move(saved, save.now)

    def _settle(self, save: _Save, refused: ConditionError) -> None:
        """A write that was refused may have been carried out before, and its answer lost."""
        if not refused.again or self._found(save, "token") != {"S": save.token}:
            raise ConflictError

    def _found(self, save: _Save, name: str) -> dict[str, Any] | None:
        """An attribute of what is stored."""
        return self._table.get(save.person, RECORD, name).get(name)

    def _delete_months(self, person: str) -> list[Link]:
        """Delete a person's months. Returns the voices of an account."""
        values = {":person": {"S": person}}
        items = list(self._table.query("#person=:person", values, "#person,#item,#stamp"))
        names = [item["item"]["S"] for item in items if not link_in(item)]
        self._table.delete_all([key(person, name) for name in names if name != RECORD])
        return [link for item in items if (link := link_in(item))]

    def _delete_voice(self, link: Link) -> None:
        """Delete a voice of an account, unless it speaks through another one by now."""
        unless = "attribute_not_exists(#person) OR #account=:account"
        try:
            self._table.delete(key(link.voice, RECORD), unless, {":account": {"S": link.account}})
            self._delete_months(link.voice)
        except ConditionError:
            pass
        self._links.delete(link)


def _person(envelope: RequestEnvelope) -> str:
    try:
        return person_key(envelope)
    except ValueError as error:
        raise PersistenceException(f"store: {error}") from error
