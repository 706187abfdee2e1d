"""Which voices belong to an account, in DynamoDB: an item "voice#KEY" with the account's own key.

So an account that is deleted finds its voices at once, which an index would only tell it later. A link is
written before a voice's first save and once more after it, each time with another stamp. Who deletes takes
away only the link that was seen before: a voice that is saved just then stays linked. A link is renewed each
month, and goes a month after the record would.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe

from ask_sdk_core.exceptions import PersistenceException

from skill.store.dynamodb.record import RECORD
from skill.store.dynamodb.table import ConditionError, Item, Table, key, number
from skill.store.store import KEPT_UNUSED_S

RENEWED_S = 30 * 86_400
_VOICE = "voice#"


@dataclass(frozen=True)
class Link:
    """One that was seen. stamp: of when it was written."""

    account: str
    voice: str
    stamp: str


class Links:
    """The links in `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def around(self, account: str, voice: str, now: int, save: Callable[[], None]) -> None:
        """Save the record of a voice, and link it to its account. Raises PersistenceException."""
        self._write(account, voice, now)
        try:
            save()
        finally:
            with suppress(PersistenceException):
                self._confirm(account, voice, now)

    def of_voice(self, voice: str, accounts: Iterable[str]) -> list[Link]:
        """The links of a voice to any of these accounts."""
        found = [(each, self._table.get(each, _VOICE + voice, "stamp")) for each in accounts]
        return [Link(account, voice, item["stamp"]["S"]) for account, item in found if item]

    def delete(self, link: Link) -> None:
        """Delete a link, if it is still the one that was seen, or the voice has no record of that account."""
        try:
            self._delete(link)
        except ConditionError:
            for newer in self.of_voice(link.voice, [link.account]):
                if not self._is_of(link.account, link.voice):
                    with suppress(ConditionError):
                        self._delete(newer)

    def _confirm(self, account: str, voice: str, now: int) -> None:
        """Write the link once more, unless the voice was forgotten meanwhile."""
        link = self._write(account, voice, now)
        if not self._is_of(account, voice):
            self.delete(link)

    def _delete(self, link: Link) -> None:
        where = key(link.account, _VOICE + link.voice)
        self._table.delete(where, "#stamp=:stamp", {":stamp": {"S": link.stamp}})

    def _is_of(self, account: str, voice: str) -> bool:
        return self._table.get(voice, RECORD, "account").get("account") == {"S": account}

    def _write(self, account: str, voice: str, now: int) -> Link:
        stamp = token_urlsafe(9)
        expires = number(now + KEPT_UNUSED_S + RENEWED_S)
        self._table.put({**key(account, _VOICE + voice), "stamp": {"S": stamp}, "expires": expires})
        return Link(account, voice, stamp)


def link_in(item: Item) -> Link | None:
    """The link that an item is, if it is one."""
    name = item["item"]["S"]
    if not name.startswith(_VOICE):
        return None
    return Link(item["person"]["S"], name.removeprefix(_VOICE), item["stamp"]["S"])
