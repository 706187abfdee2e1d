"""Histories: added up without a loss, told by day, and believed only where they are some."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.routine.history import History, added, day_of, history_from, totals
from skill.routine.units import EpochMs, seconds

DAYS = st.dates(date(2026, 11, 20), date(2026, 11, 30)).map(str)
HISTORIES = st.dictionaries(DAYS, st.dictionaries(st.sampled_from(["a 10", "b 20"]), st.integers(1, 9)))


def test_a_moment_is_seconds_apart_from_the_next_day() -> None:
    assert day_of(EpochMs(seconds(86_400) - 1)) == date(1970, 1, 1)
    assert day_of(EpochMs(seconds(86_400))) == date(1970, 1, 2)


@given(st.lists(HISTORIES, max_size=4), DAYS, st.sampled_from(["a 10", "b 20"]))
def test_what_is_added_is_the_sum_of_each(histories: list[History], day: str, name: str) -> None:
    before = [{day: dict(counts) for day, counts in history.items()} for history in histories]
    count = sum(history.get(day, {}).get(name, 0) for history in histories)
    assert added(*histories).get(day, {}).get(name, 0) == count
    assert histories == before


def test_days_are_told_that_have_something_and_lie_between() -> None:
    days = ("2026-11-30", "2026-11-23", "2026-12-06", "2026-12-07", "2026-11-29")
    history = {day: {"a 10": 1, "b 20": 2} for day in days}
    history |= {"2026-12-01": {"a 10": 0}, "2026-12-02": {}}
    assert totals(history, date(2026, 11, 30), date(2026, 12, 6)) == [3, 3]


@given(HISTORIES)
def test_what_is_a_history_is_read_as_it_is(history: History) -> None:
    assert history_from(history) == history


@pytest.mark.parametrize(
    "written",
    [5, None, [["2026-11-23", "a 10", 1]], {"yesterday": {}}, {20_833: {}}, {"2026-11-23": {"a 10": "x"}}],
    ids=str,
)
def test_what_is_no_history_is_not_read(written: object) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)):
        history_from(written)
