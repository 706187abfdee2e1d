"""Who does not come back is forgotten, by a clock that can be believed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.store.sqlite import SqliteStore
from skill.store.store import KEPT_UNUSED_S
from tests.store.speakers import speaks


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty one."""
    store = SqliteStore(str(tmp_path / "coach.sqlite3"))
    yield store
    store.close()


@pytest.mark.parametrize(
    ("seen_days_ago", "kept"),
    [
        ({"gone": 800, "away": 700, "here": 2}, ["away", "here"]),
        ({"gone": 732, "away": 730, "here": 2}, ["away", "here"]),
        ({"gone": 800, "here": 0}, ["gone", "here"]),
        ({"gone": 800, "here": 1}, ["gone", "here"]),
        ({"gone": 800, "here": 32}, ["gone", "here"]),
        ({"gone": 800}, ["gone"]),
        ({"gone": 800, "unknown": 10_000, "here": 2}, ["here", "unknown"]),
        ({"later": -900, "here": 2}, ["here", "later"]),
    ],
    ids=[
        "long ago",
        "to the day",
        "nobody on another day",
        "a day that may have ended a minute ago",
        "nobody of late",
        "nobody else",
        "a clock of 1999",
        "a clock ahead",
    ],
)
def test_who_does_not_come_back_is_forgotten_by_a_clock_that_can_be_believed(
    seen_days_ago: dict[str, int], kept: list[str], store: SqliteStore
) -> None:
    for user, days in seen_days_ago.items():
        store.save_attributes(speaks(user), {})
        seen = (time.time() // 86_400 - days) * 86_400
        store._connection().execute("update person set updated = ? where key = ?", (seen, user))
    store.forget_unused(KEPT_UNUSED_S)
    assert [key for (key,) in store._connection().execute("select key from person order by key")] == kept


def test_a_clock_that_was_set_back_makes_nobody_look_long_gone(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_attributes(speaks(), {})
    ((seen,),) = store._connection().execute("select updated from person")
    monkeypatch.setattr(time, "time", lambda: 5.0)
    store.save_attributes(speaks(), {})
    assert store._connection().execute("select updated from person").fetchall() == [(seen,)]
