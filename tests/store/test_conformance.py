"""What every store does, asked of each kind: skill/store/store.py says it in words."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Semaphore
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.store.failures import ConflictError, UnreadableRecordError
from skill.store.record import MOST_COUNTS, MOST_LETTERS, MOST_TIMES
from skill.store.store import KEPT_UNUSED_S, Store
from tests.store.counter import DAY, Counter
from tests.store.speakers import ANNA, BERT, CHILD, VOICE, speaks
from tests.store.storage import Storage

AWKWARD: dict[str, Any] = {
    "": "an empty name",
    "empty": ["", [], {}, [[]], {"": {}}],
    "none": [None, True, False],
    "whole": [0, -1, 2**53 + 1, 2**63, -(2**70)],
    "parts": [0.1, -1e-300, 1e300, 2.0],
    "words": ["ß 😀 \u200d", "\u0000 \t \n \\ \" '", "a\ud800b", "%s ? :key $1 {}", "2026-11-23"],
    "deep": {"er": {"and": [{"deeper": [1, [2, [3]]]}]}},
    "key": "person",
    "account": 5,
    "expires": "never",
}
TODAY = datetime.now(UTC).date()
LONG_AGO = date(2000, 1, 1)
AT_ONCE, TIMES = 32, 5
HAMSTRING, SPACED = "hamstring 10", "  Rücken: \u00e9 'x' \"y\" #z . / 😀"


@pytest.fixture
def store(storage: Storage) -> Iterator[Store]:
    """A client."""
    store = storage.open()
    yield store
    store.close()


@pytest.fixture
def other(storage: Storage) -> Iterator[Store]:
    """Another client of the same storage."""
    other = storage.open()
    yield other
    other.close()


def save(store: Store, upon: int, did: Any = None, *, by: str = ANNA, voice: str = "", **record: Any) -> None:
    """Save on top of a revision, as a turn does."""
    counts = {} if did is None else {"did": did}
    store.save_attributes(speaks(by, voice), {**record, "upon": upon, "revision": upon + 1, **counts})


def test_who_was_never_here_has_nothing(store: Store) -> None:
    assert store.get_attributes(speaks()) == {}
    assert store.history(speaks(), LONG_AGO) == {}
    store.delete_attributes(speaks())


def test_what_is_kept_comes_back_as_it_was(store: Store, other: Store) -> None:
    store.save_attributes(speaks(), AWKWARD)
    assert other.get_attributes(speaks()) == {**AWKWARD, "revision": 1}
    for was, comes in zip(AWKWARD["parts"], other.get_attributes(speaks())["parts"], strict=True):
        assert type(was) is type(comes)


def test_a_long_record_comes_back(store: Store, other: Store) -> None:
    record = {"answers": [f"{nth:x}" * 40 for nth in range(10**9, 10**9 + 640)]}
    save(store, 0, **record)
    assert other.get_attributes(speaks()) == {**record, "revision": 1}
    save(other, 1)
    assert store.get_attributes(speaks()) == {"revision": 2}


def test_an_empty_record_is_one(store: Store, storage: Storage) -> None:
    store.save_attributes(speaks(), {})
    assert store.get_attributes(speaks()) == {"revision": 1}
    assert storage.people() == {ANNA}


def test_saved_unconditionally_it_is_overwritten_and_counted_on(store: Store, other: Store) -> None:
    store.save_attributes(speaks(), {"a": 1, "b": 1})
    other.save_attributes(speaks(), {"a": 2})
    assert store.get_attributes(speaks()) == {"a": 2, "revision": 2}
    store.save_attributes(speaks(), {"a": 3, "revision": 2**52})
    assert other.get_attributes(speaks()) == {"a": 3, "revision": 2**52}


def test_what_is_given_to_be_saved_stays_as_it_is(store: Store) -> None:
    record = {"a": [1], "upon": 0, "revision": 7, "did": {"2026-11-23": {HAMSTRING: 1}}}
    before = {**record, "a": [1], "did": {"2026-11-23": {HAMSTRING: 1}}}
    store.save_attributes(speaks(), record)
    assert record == before


@pytest.mark.parametrize("stored", [0, 1, 2, 3])
@pytest.mark.parametrize("upon", [0, 1, 2, 3, 99])
def test_only_who_has_seen_the_last_may_save(stored: int, upon: int, store: Store, other: Store) -> None:
    for revision in range(stored):
        save(store, revision, by_whom="one")
    if upon == stored:
        save(other, upon, by_whom="other")
        assert store.get_attributes(speaks()) == {"by_whom": "other", "revision": stored + 1}
    else:
        with pytest.raises(ConflictError):
            save(other, upon, by_whom="other")
        last = {"by_whom": "one", "revision": stored} if stored else {}
        assert store.get_attributes(speaks()) == last


def test_a_first_revision_may_be_any(store: Store, other: Store) -> None:
    store.save_attributes(speaks(), {"upon": 0, "revision": 2**52})
    save(other, 2**52, a=1)
    assert store.get_attributes(speaks()) == {"a": 1, "revision": 2**52 + 1}


def test_what_was_deleted_meanwhile_does_not_come_back(store: Store, other: Store) -> None:
    save(store, 0)
    store.delete_attributes(speaks())
    with pytest.raises(ConflictError):
        save(other, 1, {str(TODAY): {HAMSTRING: 1}})
    assert other.get_attributes(speaks()) == {}
    assert other.history(speaks(), LONG_AGO) == {}
    save(other, 0, a=2)
    assert store.get_attributes(speaks()) == {"a": 2, "revision": 1}


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"text"', "hush " * 100, "[" * 100_000])
def test_a_damaged_record_is_told_as_such_and_may_be_overwritten(
    text: str, store: Store, storage: Storage
) -> None:
    save(store, 0, {str(TODAY): {HAMSTRING: 1}})
    save(store, 1)
    storage.damage(text)
    with pytest.raises(UnreadableRecordError) as told:
        store.get_attributes(speaks())
    assert told.value.revision == 2
    assert "hush" not in str(told.value)
    save(store, 2, a=1)
    assert store.get_attributes(speaks()) == {"a": 1, "revision": 3}
    assert store.history(speaks(), LONG_AGO) == {str(TODAY): {HAMSTRING: 1}}


def test_a_damaged_record_is_deleted_like_any(store: Store, storage: Storage) -> None:
    save(store, 0)
    storage.damage("{")
    store.delete_attributes(speaks())
    assert store.get_attributes(speaks()) == {}
    assert storage.traces(ANNA) == 0


@pytest.mark.parametrize(
    "attributes",
    [
        {"a": {1, 2}},
        {"upon": "1", "revision": 2},
        {"upon": 1.0},
        {"upon": -1},
        {"revision": 2**63},
        {"revision": 0},
        {"did": "x"},
        {"did": [1]},
        {"did": {str(TODAY): "x"}},
        {"did": {"soon": {HAMSTRING: 1}}},
        {"did": {"20261123": {HAMSTRING: 1}}},
        {"did": {"2026-02-30": {HAMSTRING: 1}}},
        {"did": {TODAY: {HAMSTRING: 1}}},
        *({"did": {str(TODAY): {HAMSTRING: n}}} for n in (1.5, "2", True, None, 0, -1, MOST_TIMES + 1)),
        *(
            {"did": {str(TODAY): {name: 1}}}
            for name in ("", 5, "nul \0", "half \ud83d", "x" * (MOST_LETTERS + 1))
        ),
        {"did": {str(TODAY): {f"{nth}": 1 for nth in range(MOST_COUNTS + 1)}}},
    ],
    ids=lambda attributes: str(attributes)[:40],
)
def test_what_is_no_record_and_no_history_is_refused(attributes: dict[str, Any], store: Store) -> None:
    with pytest.raises(PersistenceException, match=r"^store: ") as told:
        store.save_attributes(speaks(), attributes)
    assert not isinstance(told.value, ConflictError)
    assert HAMSTRING not in str(told.value)
    assert store.get_attributes(speaks()) == {}
    assert store.history(speaks(), LONG_AGO) == {}


def test_a_record_too_deep_to_be_written_is_refused(store: Store) -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(PersistenceException, match="no JSON"):
        store.save_attributes(speaks(), {"a": nested})


def test_as_much_as_is_allowed_is_taken(store: Store) -> None:
    names = {f"{nth} {'ß' * MOST_LETTERS}"[:MOST_LETTERS]: MOST_TIMES for nth in range(MOST_COUNTS)}
    for upon in (0, 1):
        save(store, upon, {str(TODAY): names})
    store.save_attributes(speaks(), {"did": {str(TODAY): names}, "revision": 2**63 - 1})
    assert store.get_attributes(speaks()) == {"revision": 2**63 - 1}
    assert store.history(speaks(), TODAY) == {str(TODAY): dict.fromkeys(names, 3 * MOST_TIMES)}


def test_a_request_of_nobody_is_refused(store: Store) -> None:
    for act in (
        lambda: store.get_attributes(speaks("")),
        lambda: store.save_attributes(speaks(""), {}),
        lambda: store.delete_attributes(speaks("")),
        lambda: store.history(speaks(""), TODAY),
    ):
        with pytest.raises(PersistenceException):
            act()
    assert store.get_attributes(speaks()) == {}


def test_a_store_that_was_closed_opens_again(store: Store) -> None:
    save(store, 0, a=1)
    for _ in range(2):
        store.close()
        store.close()
        assert store.get_attributes(speaks()) == {"a": 1, "revision": 1}


def test_a_store_that_works_is_ready(store: Store) -> None:
    store.ping()
    save(store, 0)
    store.ping()
    assert store.get_attributes(speaks()) == {"revision": 1}


def test_voices_and_their_account_are_apart(store: Store, other: Store) -> None:
    for voice in ("", VOICE, CHILD):
        save(store, 0, {str(TODAY): {f"of {voice}": 1}}, voice=voice, of=voice)
    for voice in ("", VOICE, CHILD):
        assert other.get_attributes(speaks(ANNA, voice)) == {"of": voice, "revision": 1}
        assert other.history(speaks(ANNA, voice), TODAY) == {str(TODAY): {f"of {voice}": 1}}


def test_one_voice_is_forgotten_alone(store: Store, storage: Storage) -> None:
    for voice in ("", VOICE, CHILD):
        save(store, 0, {str(TODAY): {HAMSTRING: 1}}, voice=voice)
    store.delete_attributes(speaks(ANNA, VOICE))
    assert storage.people() == {ANNA, CHILD}
    assert store.history(speaks(ANNA, VOICE), LONG_AGO) == {}
    assert storage.traces(VOICE) == 0
    assert store.history(speaks(ANNA, CHILD), LONG_AGO) == {str(TODAY): {HAMSTRING: 1}}


def test_an_account_is_forgotten_with_all_its_voices(store: Store, other: Store, storage: Storage) -> None:
    for account, voice in ((ANNA, VOICE), (ANNA, CHILD), (BERT, "")):
        save(store, 0, {str(TODAY): {HAMSTRING: 1}}, by=account, voice=voice)
    other.delete_attributes(speaks(ANNA))
    assert storage.people() == {BERT}
    for key in (ANNA, VOICE, CHILD):
        assert storage.traces(key) == 0, key
    assert store.history(speaks(BERT), LONG_AGO) == {str(TODAY): {HAMSTRING: 1}}


def test_a_voice_belongs_to_the_account_it_spoke_through_last(store: Store, storage: Storage) -> None:
    save(store, 0, {str(TODAY): {HAMSTRING: 1}}, by=ANNA, voice=VOICE)
    save(store, 1, {str(TODAY): {HAMSTRING: 1}}, by=BERT, voice=VOICE)
    assert store.history(speaks(BERT, VOICE), TODAY) == {str(TODAY): {HAMSTRING: 2}}
    store.delete_attributes(speaks(ANNA))
    assert store.get_attributes(speaks(BERT, VOICE)) == {"revision": 2}
    store.delete_attributes(speaks(BERT))
    assert storage.people() == set()
    assert store.history(speaks(BERT, VOICE), LONG_AGO) == {}


def test_what_was_done_is_added_with_the_save(store: Store, other: Store) -> None:
    save(store, 0, {"2026-11-22": {HAMSTRING: 1}, "2026-11-23": {HAMSTRING: 2, SPACED: 1}})
    save(other, 1, {"2026-11-23": {HAMSTRING: 3, "new": 1}})
    save(store, 2)
    save(store, 3, {})
    other.save_attributes(speaks(), {"did": {"2026-11-23": {SPACED: 1}}})
    assert store.history(speaks(), LONG_AGO) == {
        "2026-11-22": {HAMSTRING: 1},
        "2026-11-23": {HAMSTRING: 5, SPACED: 2, "new": 1},
    }
    assert store.get_attributes(speaks()) == {"revision": 5}


def test_what_is_not_saved_is_not_counted(store: Store, other: Store) -> None:
    save(store, 0, {str(TODAY): {HAMSTRING: 1}})
    for upon in (0, 2):
        with pytest.raises(ConflictError):
            save(other, upon, {str(TODAY): {HAMSTRING: 1}, str(LONG_AGO): {"new": 1}})
    assert store.history(speaks(), LONG_AGO) == {str(TODAY): {HAMSTRING: 1}}


def test_a_history_begins_with_the_day_it_is_asked_since(store: Store) -> None:
    days = [TODAY - timedelta(days=back) for back in (400, 40, 8, 7, 1, 0)]
    for revision, day in enumerate(days):
        save(store, revision, {str(day): {HAMSTRING: revision + 1}})
    for back, counted in ((0, [6]), (1, [5, 6]), (7, [4, 5, 6]), (8, [3, 4, 5, 6]), (40, [2, 3, 4, 5, 6])):
        told = store.history(speaks(), TODAY - timedelta(days=back))
        assert [names[HAMSTRING] for _, names in sorted(told.items())] == counted
    assert store.history(speaks(), TODAY + timedelta(days=1)) == {}
    assert sorted(store.history(speaks(), LONG_AGO)) == [str(day) for day in days]


def test_many_things_done_in_one_day_are_counted_apart(store: Store) -> None:
    names = {f"stretch {nth} {nth * 5}": nth for nth in range(1, 41)}
    save(store, 0, {str(TODAY): names})
    save(store, 1, {str(TODAY): names})
    assert store.history(speaks(), TODAY) == {str(TODAY): {name: 2 * count for name, count in names.items()}}


def test_ten_years_of_days_can_be_read(store: Store, other: Store, storage: Storage) -> None:
    """A server that forgets by itself may have forgotten what is older than two."""
    days = [TODAY - timedelta(days=back) for back in range(3_650, -1, -1)]
    for revision, nth in enumerate(range(0, len(days), 30)):
        save(store, revision, {str(day): {HAMSTRING: 1, "piriformis 20": 2} for day in days[nth : nth + 30]})
    kept = TODAY - timedelta(days=725) if storage.expires else days[0]
    told = other.history(speaks(), kept)
    assert told == {str(day): {HAMSTRING: 1, "piriformis 20": 2} for day in days if day >= kept}
    other.delete_attributes(speaks())
    assert store.history(speaks(), LONG_AGO) == {}


def test_what_was_kept_outlives_the_server(store: Store, storage: Storage) -> None:
    save(store, 0, {str(TODAY): {HAMSTRING: 1}}, a=1)
    store.save_attributes(speaks(BERT), {"b": 1})
    storage.restart()
    if not storage.keeps_data:
        assert _patiently(lambda: store.get_attributes(speaks())) == {}
        return
    assert _patiently(lambda: store.get_attributes(speaks())) == {"a": 1, "revision": 1}
    assert store.history(speaks(), TODAY) == {str(TODAY): {HAMSTRING: 1}}
    assert storage.people() == {ANNA, BERT}
    save(store, 1, {str(TODAY): {HAMSTRING: 1}}, a=2)
    assert store.history(speaks(), TODAY) == {str(TODAY): {HAMSTRING: 2}}


def _patiently(act: Any) -> Any:
    """A client may need a call or two to find that its connections are gone."""
    for _ in range(5):
        try:
            return act()
        except PersistenceException:
            pass
    return act()


def test_who_does_not_come_back_is_forgotten_with_all_they_did(store: Store, storage: Storage) -> None:
    gone, away, here = "gone", "away", "here"
    for who, days in ((gone, 800), (away, 700), (here, 3)):
        save(store, 0, {str(TODAY - timedelta(days=days)): {HAMSTRING: 1}}, by=who)
        storage.age(who, days)
    store.forget_unused(KEPT_UNUSED_S)
    assert storage.people() == {away, here}
    assert store.get_attributes(speaks(gone)) == {}
    assert store.history(speaks(gone), LONG_AGO) == {}
    for who in (away, here):
        assert store.get_attributes(speaks(who)) == {"revision": 1}
        assert len(store.history(speaks(who), LONG_AGO)) == 1
    if not storage.expires:
        assert storage.traces(gone) == 0
    with pytest.raises(ConflictError):
        save(store, 1, by=gone)
    save(store, 0, {str(TODAY): {HAMSTRING: 5}}, by=gone)
    assert store.get_attributes(speaks(gone)) == {"revision": 1}
    assert store.history(speaks(gone), LONG_AGO) == {str(TODAY): {HAMSTRING: 5}}


def test_days_that_are_too_old_are_forgotten_of_who_stays(store: Store, storage: Storage) -> None:
    old, kept = TODAY - timedelta(days=800), TODAY - timedelta(days=700)
    save(store, 0, {str(day): {HAMSTRING: 1} for day in (old, kept, TODAY)})
    save(store, 0, by=BERT)
    storage.age(BERT, 3)
    store.forget_unused(KEPT_UNUSED_S)
    told = store.history(speaks(), LONG_AGO)
    assert {str(kept), str(TODAY)} <= set(told)
    if not storage.expires:
        assert str(old) not in told


def test_a_clock_that_nobody_was_here_by_is_not_believed(store: Store, storage: Storage) -> None:
    """But for a server that forgets by a clock of its own."""
    for who, days in (("gone", 800), ("new", 0)):
        save(store, 0, {str(TODAY - timedelta(days=days)): {HAMSTRING: 1}}, by=who)
        storage.age(who, days)
    store.forget_unused(KEPT_UNUSED_S)
    left = {"new"} if storage.expires else {"gone", "new"}
    assert storage.people() == left
    assert {who for who in ("gone", "new") if store.history(speaks(who), LONG_AGO)} == left


def test_many_who_do_not_come_back_are_forgotten_at_once(store: Store, storage: Storage) -> None:
    for nth in range(120):
        save(store, 0, by=f"gone {nth}")
        storage.age(f"gone {nth}", 800)
    save(store, 0, by="here")
    storage.age("here", 3)
    store.forget_unused(KEPT_UNUSED_S)
    assert storage.people() == {"here"}


def test_of_32_at_once_none_is_lost_and_none_is_counted_twice(storage: Storage, store: Store) -> None:
    counters = [Counter(f"counter {nth}", storage.open()) for nth in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for counting in [pool.submit(each.counts, TIMES) for each in counters]:
            counting.result()
    each_has_counted_once(store, counters)


def test_a_server_that_restarts_in_the_middle_loses_nothing_and_counts_nothing_twice(
    storage: Storage, store: Store
) -> None:
    told = Semaphore(0)
    counters = [Counter(f"counter {nth}", storage.open(), told.release) for nth in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        counting = [pool.submit(each.counts, TIMES) for each in counters]
        for _ in range(AT_ONCE * TIMES // 3):
            assert told.acquire(timeout=60)
        storage.restart()
        for each in counting:
            each.result()
    if storage.keeps_data:
        each_has_counted_once(store, counters)
    else:
        assert 0 < _patiently(lambda: store.get_attributes(speaks()))["count"] < AT_ONCE * TIMES


def each_has_counted_once(store: Store, counters: Sequence[Counter]) -> None:
    """The record and the history tell of each saving, once; no two were acknowledged the same revision."""
    times, names = AT_ONCE * TIMES, [each.name for each in counters]
    record = _patiently(lambda: store.get_attributes(speaks()))
    assert record == {"count": times, "by": dict.fromkeys(names, TIMES), "revision": times}
    assert store.history(speaks(), DAY) == {str(DAY): {"all": times, **dict.fromkeys(names, TIMES)}}
    acknowledged = [revision for each in counters for revision in each.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged)
