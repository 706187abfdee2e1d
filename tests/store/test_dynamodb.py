"""What is DynamoDB's own of its store: days that are moved, voices that are linked, answers that are lost."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partialmethod
from itertools import count
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from skill.store.dynamodb import DynamodbStore
from skill.store.dynamodb.days import Days
from skill.store.dynamodb.record import RECORD
from skill.store.dynamodb.table import Table
from skill.store.failures import ConflictError
from tests.store import dynamodb_server
from tests.store.dynamodb_server import REGION, DynamodbServer, DynamodbTable, on_the_wire
from tests.store.losing_answers import losing_answers
from tests.store.speakers import ANNA, BERT, VOICE, speaks
from tests.store.test_conformance import LONG_AGO, save

NOON = 1_795_435_200.0
"""2026-11-23, 12:00 UTC."""
DAY_S = 86_400
CALLS = ("get", "put", "update", "delete", "query", "delete_all")
HAMSTRING = "hamstring 10"


class Clock:
    """A clock that a test moves."""

    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The store's."""
    return Clock()


@pytest.fixture
def store(table: DynamodbTable, clock: Clock) -> Iterator[DynamodbStore]:
    """A store on the table."""
    with closing(table.open(clock)) as store:
        yield store


@pytest.fixture
def other(table: DynamodbTable, clock: Clock) -> Iterator[DynamodbStore]:
    """Another one."""
    with closing(table.open(clock)) as store:
        yield store


@pytest.fixture
def calls(table: DynamodbTable) -> Iterator[Table]:
    """The table as a store calls it."""
    with closing(Table(table.name, REGION)) as calls:
        yield calls


def names(table: DynamodbTable, person: str) -> list[str]:
    """The items of a person; of a month, without its record's sign."""
    return [item["item"]["S"].split(" ")[0] for item in table.items() if item["person"]["S"] == person]


def record_of(table: DynamodbTable, person: str = ANNA) -> dict[str, Any]:
    """The item of a record."""
    return next(
        item for item in table.items() if item["person"]["S"] == person and item["item"]["S"] == RECORD
    )


def watch(patch: pytest.MonkeyPatch, before: Callable[[int], None]) -> None:
    """Have `before` called before each call to a table but its own, with the number of the call."""
    made, own = count(), Lock()

    def watched(*given: Any, call: Callable[..., Any], **named: Any) -> Any:
        if own.acquire(blocking=False):
            try:
                before(next(made))
            finally:
                own.release()
        return call(*given, **named)

    for name in CALLS:
        patch.setattr(Table, name, partialmethod(watched, call=getattr(Table, name)))


@contextmanager
def meanwhile(act: Callable[[], None], before: int) -> Iterator[None]:
    """Have `act` done before the call of that number to a table; it is known to be made."""
    made: list[int] = []

    def count_on(number: int) -> None:
        made.append(number)
        if number == before:
            act()

    with pytest.MonkeyPatch.context() as patch:
        watch(patch, count_on)
        yield
    assert before in made


def test_a_turn_is_one_read_and_one_write(store: DynamodbStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for voice in ("", VOICE):
        save(store, 0, voice=voice)
    calls: list[int] = []
    watch(monkeypatch, calls.append)
    for voice in ("", VOICE):
        store.get_attributes(speaks(ANNA, voice))
        save(store, 1, {"2026-11-23": {HAMSTRING: 1}}, voice=voice)
    assert len(calls) == 4


def test_days_before_yesterday_are_moved_to_their_month(
    store: DynamodbStore, table: DynamodbTable, clock: Clock
) -> None:
    days = ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-22", "2026-11-23"]
    save(store, 0, {day: {HAMSTRING: 1} for day in days})
    save(store, 1, {"2026-11-23": {HAMSTRING: 1}})
    assert sorted(names(table, ANNA)) == ["2026-10", "2026-11", RECORD]
    assert [name for name in record_of(table) if name.startswith("20")] == [
        f"2026-11-22 {HAMSTRING}",
        f"2026-11-23 {HAMSTRING}",
    ]
    counts = {**{day: {HAMSTRING: 1} for day in days}, "2026-11-23": {HAMSTRING: 2}}
    assert store.history(speaks(), LONG_AGO) == counts
    clock.now += 2 * DAY_S
    save(store, 2, {"2026-10-31": {HAMSTRING: 1}, "2026-11-25": {HAMSTRING: 1}})
    assert [name for name in record_of(table) if name.startswith("20")] == [f"2026-11-25 {HAMSTRING}"]
    assert store.history(speaks(), LONG_AGO) == {
        **counts,
        "2026-10-31": {HAMSTRING: 2},
        "2026-11-25": {HAMSTRING: 1},
    }


@pytest.mark.parametrize("calls", range(6))
def test_a_move_that_breaks_off_counts_nothing_twice(
    calls: int, store: DynamodbStore, other: DynamodbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save, and for each of two months: taken out of use, copied, taken away."""
    save(store, 0, {"2026-10-30": {HAMSTRING: 1}, "2026-11-01": {HAMSTRING: 2}})
    broken: list[int] = []

    def fail(number: int) -> None:
        if number > calls:
            broken.append(number)
            raise PersistenceException("store: gone")

    with monkeypatch.context() as patch:
        watch(patch, fail)
        save(store, 1, {"2026-11-23": {HAMSTRING: 3}})
    assert broken
    counts = {"2026-10-30": {HAMSTRING: 1}, "2026-11-01": {HAMSTRING: 2}, "2026-11-23": {HAMSTRING: 3}}
    assert other.history(speaks(), LONG_AGO) == counts
    save(other, 2, {"2026-10-30": {HAMSTRING: 1}})
    counts["2026-10-30"] = {HAMSTRING: 2}
    assert store.history(speaks(), LONG_AGO) == counts
    save(other, 3, {"2026-11-23": {HAMSTRING: 1}})
    counts["2026-11-23"] = {HAMSTRING: 4}
    assert store.history(speaks(), LONG_AGO) == counts


def test_who_moves_too_late_moves_nothing(store: DynamodbStore, table: DynamodbTable, calls: Table) -> None:
    save(store, 0, {"2026-10-30": {HAMSTRING: 1}})
    late, days = record_of(table), Days(calls)
    save(store, 1, {"2026-10-30": {HAMSTRING: 1}})
    for _ in range(2):
        days.move(late, int(NOON))
        assert store.history(speaks(), LONG_AGO) == {"2026-10-30": {HAMSTRING: 2}}
    store.delete_attributes(speaks())
    days.move(late, int(NOON))
    assert table.items() == []
    save(store, 0, {"2026-10-29": {HAMSTRING: 5}})
    days.move(late, int(NOON))
    assert store.history(speaks(), LONG_AGO) == {"2026-10-29": {HAMSTRING: 5}}
    assert names(table, ANNA) == [RECORD]


@pytest.mark.parametrize("before", range(4))
def test_a_voice_that_is_saved_while_its_account_is_deleted_is_gone_or_can_be_deleted(
    before: int, store: DynamodbStore, other: DynamodbStore, table: DynamodbTable
) -> None:
    with meanwhile(lambda: other.delete_attributes(speaks()), before):
        save(store, 0, {"2026-10-30": {HAMSTRING: 1}}, voice=VOICE)
    _is_whole(store, table)


@pytest.mark.parametrize("before", range(8))
def test_a_voice_that_is_saved_while_it_is_deleted_is_gone_or_can_be_deleted(
    before: int, store: DynamodbStore, other: DynamodbStore, table: DynamodbTable
) -> None:
    """Another host saves, of a record that was loaded before or just now, while the account is deleted."""
    save(store, 0, {"2026-10-30": {HAMSTRING: 1}}, voice=VOICE)

    def saved() -> None:
        upon = other.get_attributes(speaks(ANNA, VOICE)).get("revision", 0)
        save(other, upon, {"2026-11-23": {HAMSTRING: 1}}, voice=VOICE)

    with meanwhile(saved, before):
        store.delete_attributes(speaks())
    _is_whole(store, table)


@pytest.mark.parametrize("before", range(6))
def test_a_voice_that_is_linked_anew_while_it_is_forgotten_leaves_no_link(
    before: int, store: DynamodbStore, other: DynamodbStore, table: DynamodbTable, clock: Clock
) -> None:
    save(store, 0, voice=VOICE)
    clock.now += 31 * DAY_S
    forgotten = pytest.raises(ConflictError) if before < 4 else nullcontext()
    with meanwhile(lambda: other.delete_attributes(speaks(ANNA, VOICE)), before), forgotten:
        save(store, 1, voice=VOICE)
    _is_whole(store, table)


def _is_whole(store: DynamodbStore, table: DynamodbTable) -> None:
    """A record has its link, and no link is without a record; the account's deletion leaves nothing."""
    found = sorted((item["person"]["S"], item["item"]["S"]) for item in table.items())
    assert found in ([], [(ANNA, f"voice#{VOICE}"), (VOICE, RECORD)])
    store.delete_attributes(speaks())
    assert table.items() == []


def test_a_link_is_renewed_each_month_and_follows_the_voice(
    store: DynamodbStore, table: DynamodbTable, clock: Clock
) -> None:
    save(store, 0, voice=VOICE)
    first = {item["person"]["S"]: item for item in table.items()}[ANNA]["expires"]
    clock.now += 29 * DAY_S
    save(store, 1, voice=VOICE)
    assert {item["person"]["S"]: item for item in table.items()}[ANNA]["expires"] == first
    clock.now += 2 * DAY_S
    save(store, 2, voice=VOICE)
    items = {item["person"]["S"]: item for item in table.items()}
    assert int(items[ANNA]["expires"]["N"]) == int(first["N"]) + 31 * DAY_S
    assert int(items[ANNA]["expires"]["N"]) > int(items[VOICE]["expires"]["N"])
    save(store, 3, voice=VOICE, by=BERT)
    store.delete_attributes(speaks(BERT, VOICE))
    assert names(table, BERT) == names(table, VOICE) == []
    store.delete_attributes(speaks(ANNA))
    assert table.items() == []


@pytest.mark.parametrize("upon", [0, 1, None])
def test_a_save_whose_answer_is_lost_is_asked_for_again_and_counts_once(
    upon: int | None,
    store: DynamodbStore,
    dynamodb: DynamodbServer,
    table: DynamodbTable,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.ping()
    if upon != 0:
        save(store, 0)
    with losing_answers(dynamodb.endpoint) as loss:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", loss.url)
        with closing(table.open(clock)) as unlucky:
            unlucky.ping()
            loss.loses = b"SET #record" if upon != 0 else b"attribute_not_exists(#person)"
            given = {} if upon is None else {"upon": upon}
            unlucky.save_attributes(speaks(), {**given, "a": 1, "did": {"2026-11-23": {HAMSTRING: 1}}})
            assert loss.loses == b""
    assert store.get_attributes(speaks())["a"] == 1
    assert store.history(speaks(), LONG_AGO) == {"2026-11-23": {HAMSTRING: 1}}


def test_a_table_that_is_missing_is_named(dynamodb: DynamodbServer) -> None:
    with closing(DynamodbStore("not-made", REGION)) as store:
        for act in (store.ping, lambda: store.get_attributes(speaks())):
            with pytest.raises(PersistenceException, match="no table 'not-made' in eu-west-1"):
                act()


def test_a_record_that_is_too_big_is_told_by_its_size(store: DynamodbStore) -> None:
    noise = Random(1).randbytes(400_000).hex()
    with pytest.raises(PersistenceException, match=r"the record takes \d+ bytes; DynamoDB takes 380000"):
        save(store, 0, noise=noise)


def test_without_credentials_or_region_a_call_fails_and_says_so(
    table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        closing(DynamodbStore(table.name)) as store,
        pytest.raises(PersistenceException, match="no region"),
    ):
        store.ping()


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "AccessDeniedException"])
def test_an_error_is_told_by_its_code_alone(
    code: str, store: DynamodbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb#{code}", "message": "hush"})
    _answers(monkeypatch, "GetItem", body, 400, times=9)
    with pytest.raises(PersistenceException) as told:
        store.get_attributes(speaks())
    assert str(told.value) == f"store: {code}"


def test_what_dynamodb_leaves_undone_is_deleted_in_the_end(
    store: DynamodbStore, table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, 0, {f"2026-{month:02}-01": {HAMSTRING: 1} for month in range(6, 11)})
    save(store, 1, {"2026-11-23": {HAMSTRING: 1}})
    assert table.traces(ANNA) == 5
    keys = [{name: item[name] for name in ("person", "item")} for item in table.items()]
    left = [{"DeleteRequest": {"Key": each}} for each in keys if each["item"]["S"] != RECORD]
    _answers(
        monkeypatch, "BatchWriteItem", json.dumps({"UnprocessedItems": {table.name: left}}), 200, times=1
    )
    store.delete_attributes(speaks())
    assert table.items() == []


def _answers(patch: pytest.MonkeyPatch, asked: str, body: str, status: int, times: int) -> None:
    """Answer in DynamoDB's place, so many times."""
    left = iter(range(times))

    def answer(action: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if action != asked or next(left, None) is None:
            return None
        raw = type("Raw", (), {"stream": lambda self: iter([body.encode()])})()
        return AWSResponse(request.url, status, {}, raw)

    on_the_wire(patch, answer)


def test_the_hosts_page_tells_of_every_attribute_and_of_no_other(
    store: DynamodbStore, table: DynamodbTable
) -> None:
    save(store, 0, {"2026-10-30": {HAMSTRING: 1}}, voice=VOICE)
    save(store, 1, {"2026-11-23": {HAMSTRING: 1}}, voice=VOICE)
    stored = {name for item in table.items() for name in item if HAMSTRING not in name}
    page = (Path(__file__).parent.parent.parent / "docs" / "privacy.md").read_text("utf-8")
    told = page.partition("In DynamoDB, one table")[2].partition("\n\nA voice's note")[0]
    assert set(re.findall(r"`(\w+)`", told)) == stored


def test_where_dynalite_cannot_run_moto_says_that_it_runs_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb_server.shutil, "which", lambda name: None)
    assert "moto" in dynamodb_server._any("").name
    assert "as dynalite cannot run: there is no Node.js" in dynamodb_server._any("").name
