"""What every store does: ASK's persistence adapter, with compare-and-set, a history, and upkeep."""

from abc import abstractmethod
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_model import RequestEnvelope

from skill.routine.history import History

KEPT_UNUSED_S = 2 * 365 * 86_400
"""How long a person is remembered who does not come back, and any day. The privacy policy says so."""

_OLDEST_CLOCK = date(2023, 11, 15)
"""No clock that is right told an earlier day than this to this program."""


class Days(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date


def utc_day(now: float) -> date:
    """The UTC day of a time in seconds since 1970."""
    return datetime.fromtimestamp(now, UTC).date()


def days_of_witnesses(now: float) -> Days:
    """Who was last here on one of these days bears out a clock that says `now`; where nobody was, it is not
    believed: one that is years ahead must not delete everybody. Yesterday may have ended a minute ago.
    """
    today = utc_day(now)
    return Days(today - timedelta(days=30), today - timedelta(days=2))


def days_to_forget(now: float, kept_s: int) -> Days:
    """Those that were over `kept_s` seconds before `now`."""
    return Days(_OLDEST_CLOCK, utc_day(now - kept_s) - timedelta(days=1))


class Store(AbstractPersistenceAdapter):  # type: ignore[misc]
    """Records of persons, and their histories. Every method may be called from any thread, and raises
    PersistenceException where the store cannot do it.

    No call costs more where more people are stored, or where a person has a longer history, but for
    `delete_attributes` and `history`, which cost as much as they handle.
    """

    @abstractmethod
    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """The record of the person who speaks, with its `revision`; {} where there is none.

        Raises UnreadableRecordError where what is stored is no record.
        """

    @abstractmethod
    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """Keep `attributes`; durable on return.

        With `upon`, only where that is the revision stored (0: there is none), or ConflictError; `revision`
        is the next. Without, whatever is stored is overwritten. With `did`, a History, its counts are added
        to the person's: with this save, once, or not at all. What is no record is refused: record.py.
        """

    @abstractmethod
    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Forget the person who speaks, and every voice of an account that is named alone; histories too."""

    @abstractmethod
    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """What the person who speaks has done since that day, itself included. Days on which nothing was
        done are left out.
        """

    @abstractmethod
    def forget_unused(self, kept_s: int) -> None:
        """Delete who was heard of last more than `kept_s` seconds ago, and days that are older; nothing where
        `days_of_witnesses` know of nobody.
        """

    @abstractmethod
    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached, or takes nothing more in."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what this thread, or the process, holds open. A later call opens it again."""
