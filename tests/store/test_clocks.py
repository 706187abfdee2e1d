"""Who does not come back is forgotten, by a clock that can be believed: the same in every store."""

from collections.abc import Iterator

import pytest

from skill.store.store import KEPT_UNUSED_S, Store
from tests.store.speakers import speaks
from tests.store.storage import Storage


@pytest.fixture
def store(storage: Storage) -> Iterator[Store]:
    """An empty one."""
    store = storage.open()
    yield store
    store.close()


@pytest.mark.parametrize(
    ("seen_days_ago", "kept"),
    [
        ({"gone": 800, "away": 700, "here": 2}, {"away", "here"}),
        ({"gone": 732, "away": 729, "here": 2}, {"away", "here"}),
        ({"gone": 800, "here": 0}, {"gone", "here"}),
        ({"gone": 800, "here": 1}, {"gone", "here"}),
        ({"gone": 800, "here": 32}, {"gone", "here"}),
        ({"gone": 800}, {"gone"}),
        ({"gone": 800, "unknown": 10_000, "here": 2}, {"here", "unknown"}),
        ({"later": -900, "here": 2}, {"here", "later"}),
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
    seen_days_ago: dict[str, int], kept: set[str], store: Store, storage: Storage
) -> None:
    """A server that forgets by itself has a clock of its own."""
    for who, days in seen_days_ago.items():
        store.save_attributes(speaks(who), {})
        storage.age(who, days)
    store.forget_unused(KEPT_UNUSED_S)
    by_itself = {who for who, days in seen_days_ago.items() if days < 730}
    assert storage.people() == (by_itself if storage.expires else kept)


def test_a_clock_that_was_set_back_makes_nobody_look_long_gone(store: Store, storage: Storage) -> None:
    if storage.expires:
        pytest.skip("it goes by the clock of the server")
    for who, days in (("here", 0), ("witness", 2)):
        store.save_attributes(speaks(who), {})
        storage.age(who, days)
    store._now, now = (lambda: 1_710_000_000.0), store._now  # type: ignore[attr-defined]
    store.save_attributes(speaks("here"), {})
    store._now = now  # type: ignore[attr-defined]
    store.forget_unused(KEPT_UNUSED_S)
    assert storage.people() == {"here", "witness"}
