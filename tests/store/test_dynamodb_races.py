"""DynamoDB: a person is deleted, or read, between two steps of somebody else's; and how it is asked."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from random import Random
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.store.dynamodb import DynamodbStore
from skill.store.failures import ConflictError, RefusedError
from skill.store.guard import MOST_FAILURES, Guard
from tests.store.dynamodb_server import REGION, DynamodbTable
from tests.store.speakers import ANNA, BERT, VOICE, speaks
from tests.store.test_conformance import LONG_AGO, save
from tests.store.test_dynamodb import HAMSTRING, NOON, meanwhile, record_of

OLD, TODAY = "2026-10-30", "2026-11-23"
TURN_CALLS = 4
"""Of a turn after an old day: saved, and the day taken out of use, copied, taken away."""


@pytest.fixture
def store(table: DynamodbTable) -> Iterator[DynamodbStore]:
    """A store on the table."""
    with closing(DynamodbStore(table.name, REGION, lambda: NOON)) as store:
        yield store


@pytest.fixture
def other(table: DynamodbTable) -> Iterator[DynamodbStore]:
    """Another one."""
    with closing(DynamodbStore(table.name, REGION, lambda: NOON)) as store:
        yield store


def failing(store: DynamodbStore, patch: pytest.MonkeyPatch, begins: str, does: Callable[[], None]) -> None:
    """Do something before the update that begins so; then it fails, unheard."""
    update = store._table.update

    def updated(where: Any, expression: str, *given: Any) -> Any:
        if expression.startswith(begins):
            does()
            raise PersistenceException("store: ProvisionedThroughputExceededException")
        return update(where, expression, *given)

    patch.setattr(store._table, "update", updated)


@pytest.mark.parametrize("before", range(TURN_CALLS))
def test_who_is_deleted_while_days_are_moved_leaves_no_month(
    before: int, store: DynamodbStore, other: DynamodbStore, table: DynamodbTable
) -> None:
    save(store, 0, {OLD: {HAMSTRING: 1}})
    with meanwhile(lambda: other.delete_attributes(speaks()), before), suppress(ConflictError):
        save(store, 1, {TODAY: {HAMSTRING: 1}})
    assert table.items() == []


@pytest.mark.parametrize("gone", [True, False])
def test_a_last_step_that_fails_brings_no_month_back_and_loses_none(
    gone: bool,
    store: DynamodbStore,
    other: DynamodbStore,
    table: DynamodbTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(store, 0, {OLD: {HAMSTRING: 1}}, voice=VOICE)
    save(store, 1, {OLD: {HAMSTRING: 2}}, voice=VOICE)  # this much is in the month already
    with monkeypatch.context() as patch:
        failing(
            store, patch, "REMOVE", lambda: other.delete_attributes(speaks(ANNA, VOICE)) if gone else None
        )
        save(store, 2, {OLD: {HAMSTRING: 4}}, voice=VOICE)
    if gone:
        assert table.items() == []
    else:
        assert other.history(speaks(ANNA, VOICE), LONG_AGO) == {OLD: {HAMSTRING: 7}}
        save(store, 3, {TODAY: {HAMSTRING: 1}}, voice=VOICE)
        told = {OLD: {HAMSTRING: 7}, TODAY: {HAMSTRING: 1}}
        assert other.history(speaks(ANNA, VOICE), LONG_AGO) == told


def test_who_takes_days_with_an_old_number_takes_none(
    store: DynamodbStore, table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, 0, {OLD: {HAMSTRING: 1}})
    late = record_of(table)
    save(store, 1, {TODAY: {HAMSTRING: 1}})  # the first move
    with monkeypatch.context() as patch:
        failing(store, patch, "SET #t", lambda: None)
        save(store, 2, {OLD: {HAMSTRING: 5}})  # no second one
    store._days.move(late, int(NOON))
    assert store.history(speaks(), LONG_AGO) == {OLD: {HAMSTRING: 6}, TODAY: {HAMSTRING: 1}}
    save(store, 3, {TODAY: {HAMSTRING: 1}})
    assert store.history(speaks(), LONG_AGO) == {OLD: {HAMSTRING: 6}, TODAY: {HAMSTRING: 2}}


def test_a_history_that_is_read_while_days_are_moved_tells_each_once(
    store: DynamodbStore, other: DynamodbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, 0, {OLD: {HAMSTRING: 1}})
    query = other._table.query

    def in_pages(*asked: Any) -> Iterator[Any]:
        yield next(query(*asked))
        save(store, 1, {TODAY: {HAMSTRING: 1}})
        yield from list(query(*asked))[1:]

    with monkeypatch.context() as patch:
        patch.setattr(other._table, "query", in_pages)
        assert other.history(speaks(), LONG_AGO) == {OLD: {HAMSTRING: 1}}
    assert other.history(speaks(), LONG_AGO) == {OLD: {HAMSTRING: 1}, TODAY: {HAMSTRING: 1}}


def test_a_link_that_is_renewed_while_its_account_is_deleted_goes_with_the_record(
    store: DynamodbStore, other: DynamodbStore, table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, 0, voice=VOICE)
    query = other._table.query

    def seen(*asked: Any) -> Iterator[Any]:
        yield from list(query(*asked))
        store._links._write(ANNA, VOICE, int(NOON))

    monkeypatch.setattr(other._table, "query", seen)
    other.delete_attributes(speaks())
    assert table.items() == []


def test_whatever_is_read_is_read_as_it_is_now(store: DynamodbStore) -> None:
    asked: list[tuple[str, bool]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append((model.name, params.get("ConsistentRead", False)))

    save(store, 0, {OLD: {HAMSTRING: 1}}, voice=VOICE)
    events = store._table._connected().meta.events
    for action in ("GetItem", "Query"):
        events.register(f"before-parameter-build.dynamodb.{action}", note)
    store.get_attributes(speaks(ANNA, VOICE))
    store.history(speaks(ANNA, VOICE), LONG_AGO)
    store.delete_attributes(speaks())
    assert {name for name, _ in asked} == {"GetItem", "Query"}
    assert all(is_consistent for _, is_consistent in asked)


def test_one_record_that_is_too_big_stops_nobody_else(store: DynamodbStore) -> None:
    noise = Random(1).randbytes(400_000).hex()
    with closing(Guard(store, limit_s=9)) as guard:
        for _ in range(MOST_FAILURES):
            with pytest.raises(RefusedError, match="the record takes"):
                guard.save_attributes(speaks(), {"noise": noise})
        guard.save_attributes(speaks(BERT), {"a": 1})
    assert store.get_attributes(speaks(BERT)) == {"a": 1, "revision": 1}
