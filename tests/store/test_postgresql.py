"""PostgreSQL's own: its tables, its time-outs, its server gone and back, its indexes."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql import psycopg as dialect

from skill.store.failures import ConflictError
from skill.store.guard import LIMIT_S
from skill.store.postgresql import PostgresqlStore
from skill.store.postgresql.engine import _Impatient
from skill.store.postgresql.schema import LOCK
from skill.store.postgresql.statements import forgetting, forgetting_unused, seen_on
from skill.store.postgresql.tables import METADATA, NEWEST, VERSION_TABLE
from skill.store.store import KEPT_UNUSED_S, Days
from tests.intents.alexa import parsed
from tests.store.losing_answers import losing_answers
from tests.store.postgresql_server import PostgresqlServer
from tests.store.postgresql_storage import PostgresqlStorage, PostgresqlStorages, running

EVER = date(2000, 1, 1)
PATIENCE_S = 3
"""More than any time-out, for a machine that is busy, and less than what it is to cut short."""


@pytest.fixture(scope="module")
def storages() -> Iterator[PostgresqlStorages]:
    """A server of this module's own: it is stopped and started."""
    with running() as storages:
        yield storages


@pytest.fixture
def storage(storages: PostgresqlStorages) -> Iterator[PostgresqlStorage]:
    """An empty one."""
    with storages.fresh() as storage:
        yield storage


@pytest.fixture
def server(storages: PostgresqlStorages) -> PostgresqlServer:
    """The server, which has a database that no store has seen for each who asks."""
    return storages.server


@pytest.fixture
def store(storage: PostgresqlStorage) -> Iterator[PostgresqlStore]:
    """A store on it."""
    with closing(storage.open()) as store:
        yield store


def speaks(user: str) -> RequestEnvelope:
    """Somebody without a voice of their own says something."""
    system = {"application": {"applicationId": "a"}, "user": {"userId": user}}
    body = {"version": "1.0", "context": {"System": system}, "request": {"type": "LaunchRequest"}}
    return parsed(body)


SOMEBODY = speaks("amzn1.ask.account.somebody")


def head() -> str | None:
    """The newest migration there is."""
    config = Config()
    config.set_main_option("script_location", "skill.store.postgresql:migrations")
    return ScriptDirectory.from_config(config).get_current_head()


def test_an_empty_database_is_given_the_tables_that_the_store_expects(server: PostgresqlServer) -> None:
    url = server.fresh()
    with closing(PostgresqlStore(url)) as store:
        store.ping()
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == head() == str(NEWEST)
    engine.dispose()


def test_several_processes_may_find_an_empty_database_at_once(server: PostgresqlServer) -> None:
    program = (
        "import sys\n"
        "from skill.store.postgresql import PostgresqlStore\n"
        "store = PostgresqlStore(sys.argv[1])\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "store.ping(); store.close()\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, server.fresh()]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=30)
    assert [process.returncode for process in processes] == [0, 0, 0]


def test_only_one_changes_tables_at_a_time(server: PostgresqlServer) -> None:
    name = server.fresh().rpartition("/")[2]
    waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    with (
        ThreadPoolExecutor(1) as pool,
        closing(PostgresqlStore(server.url(name))) as store,
        closing(psycopg.connect(server.url(name))) as other,
    ):
        other.execute(LOCK)
        pinging = pool.submit(store.ping)
        until = time.monotonic() + 10
        while not server.execute(waiting, name) and time.monotonic() < until:
            time.sleep(0.01)
        assert not pinging.done()
        assert server.execute("select to_regclass('person')", name) == [(None,)]
        other.rollback()
        pinging.result()


def test_a_database_that_a_newer_version_wrote_is_not_touched(storage: PostgresqlStorage) -> None:
    storage.do(f"update {VERSION_TABLE} set version_num = '99'")
    with closing(storage.open()) as store:
        for _ in range(2):
            with pytest.raises(PersistenceException, match="newer sciatica-coach"):
                store.save_attributes(SOMEBODY, {"a": 1})
    assert storage.people() == set()


def test_where_the_tables_are_there_no_right_to_make_any_is_needed(
    server: PostgresqlServer, storage: PostgresqlStorage
) -> None:
    name = storage.url.rpartition("/")[2]
    server.execute("create role plain login password 'plain'")
    server.execute("grant select, insert, update, delete on all tables in schema public to plain", name)
    with closing(PostgresqlStore(server.url(name, "plain", "plain"))) as store:
        store.ping()
        store.save_attributes(SOMEBODY, {"a": 1, "did": {"2026-01-31": {"calf 30": 1}}})
        store.save_attributes(SOMEBODY, {"a": 2, "did": {"2026-01-31": {"calf 30": 1}}})
        assert store.history(SOMEBODY, EVER) == {"2026-01-31": {"calf 30": 2}}
        store.delete_attributes(SOMEBODY)
    assert storage.traces("amzn1.ask.account.somebody") == 0


def test_a_record_is_kept_as_it_was_even_what_jsonb_refuses(store: PostgresqlStore) -> None:
    record = {"nul\0": "\0", "half": "\ud83d", "big": 2**70, "1.0": 1.0, "twice": ["\u2028", "é"]}
    store.save_attributes(SOMEBODY, record)
    assert store.get_attributes(SOMEBODY) == {**record, "revision": 1}


def test_a_database_without_an_encoding_keeps_records_all_the_same(server: PostgresqlServer) -> None:
    """Debian makes such where no locale is set."""
    server.execute("create database plain template template0 encoding 'SQL_ASCII' locale 'C'")
    record = {"half": "\ud83d", "words": "Rücken 😀"}
    with closing(PostgresqlStore(server.url("plain"))) as store:
        store.save_attributes(SOMEBODY, {**record, "did": {"2026-01-31": {"Rücken 😀": 1}}})
        assert store.get_attributes(SOMEBODY) == {**record, "revision": 1}
        assert store.history(SOMEBODY, EVER) == {"2026-01-31": {"Rücken 😀": 1}}


def test_a_key_that_no_text_can_hold_is_refused(store: PostgresqlStore) -> None:
    for user in ("nul\0", "half \ud83d"):
        with pytest.raises(PersistenceException):
            store.save_attributes(speaks(user), {})


def test_no_error_and_no_log_quotes_what_was_being_saved(
    storage: PostgresqlStorage, store: PostgresqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    storage.do("alter table person add constraint short check (length(record) < 20)")
    with pytest.raises(PersistenceException) as raised:
        store.save_attributes(SOMEBODY, {"said": "my left leg hurts"})
    cause = raised.value.__cause__
    assert str(raised.value) == "store: CheckViolation (23514)"
    assert isinstance(cause, psycopg.errors.CheckViolation)
    told = caplog.text + str(raised.value) + str(cause) + repr(cause)
    assert not [word for word in ("left leg", "somebody") if word in told]


def test_a_server_that_refuses_says_why_and_not_the_password(server: PostgresqlServer) -> None:
    with closing(PostgresqlStore(server.url("coach", password="hush"))) as store:
        with pytest.raises(PersistenceException, match="password authentication failed") as raised:
            store.ping()
        assert "hush" not in str(raised.value) + repr(raised.value.__cause__)


def test_a_lock_that_somebody_holds_is_not_waited_for_longer_than_a_turn_waits(
    storage: PostgresqlStorage, store: PostgresqlStore
) -> None:
    store.save_attributes(SOMEBODY, {"a": 1})
    with closing(psycopg.connect(storage.url)) as other:
        other.execute("update person set revision = revision")
        began = time.monotonic()
        with pytest.raises(PersistenceException, match="LockNotAvailable"):
            store.save_attributes(SOMEBODY, {"a": 2, "upon": 1})
        assert time.monotonic() - began < PATIENCE_S
    store.save_attributes(SOMEBODY, {"a": 3, "upon": 1})


def test_a_statement_that_takes_longer_than_a_turn_waits_is_given_up(
    storage: PostgresqlStorage, store: PostgresqlStore
) -> None:
    storage.do(
        "create function slow() returns trigger language plpgsql as"
        " 'begin perform pg_sleep(9); return new; end'; "
        "create trigger slow before insert on person for each row execute function slow()"
    )
    began = time.monotonic()
    with pytest.raises(PersistenceException, match="QueryCanceled"):
        store.save_attributes(SOMEBODY, {"a": 1})
    assert time.monotonic() - began < PATIENCE_S


def test_the_server_gives_up_before_the_turn_does(store: PostgresqlStore) -> None:
    with store._engine.connect() as connection:
        for setting in ("statement_timeout", "lock_timeout"):
            told = connection.exec_driver_sql(f"show {setting}").scalar_one()
            assert 0.3 < int(told.removesuffix("ms")) / 1000 < LIMIT_S


def test_a_server_that_was_started_again_fails_no_turn(
    server: PostgresqlServer, store: PostgresqlStore
) -> None:
    store.save_attributes(SOMEBODY, {"a": 1})
    server.restart()
    assert store.get_attributes(SOMEBODY) == {"a": 1, "revision": 1}


def test_connections_that_broke_fail_no_turn(storage: PostgresqlStorage, store: PostgresqlStore) -> None:
    did = {"2026-01-31": {"calf 30": 1}}
    actions: list[Callable[[], object]] = [
        store.ping,
        lambda: store.save_attributes(SOMEBODY, {"a": 1, "upon": 0, "did": did}),
        lambda: store.get_attributes(SOMEBODY),
        lambda: store.history(SOMEBODY, EVER),
        lambda: store.forget_unused(KEPT_UNUSED_S),
    ]
    for action in actions:
        store.ping()
        break_connections(storage)
        action()
    assert store.get_attributes(SOMEBODY) == {"a": 1, "revision": 1}
    assert store.history(SOMEBODY, EVER) == did
    break_connections(storage)
    with pytest.raises(PersistenceException):  # nobody could tell whether it would be counted twice
        store.save_attributes(SOMEBODY, {"a": 2, "did": did})
    break_connections(storage)
    store.delete_attributes(SOMEBODY)
    assert store.get_attributes(SOMEBODY) == {}


def break_connections(storage: PostgresqlStorage) -> None:
    """The server hangs up on everybody."""
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    storage.do(f"select pg_terminate_backend(pid, 10000) {others}")


def test_a_server_that_is_gone_is_told_at_once_and_found_again(
    server: PostgresqlServer, store: PostgresqlStore
) -> None:
    store.ping()
    server.stop(signal.SIGQUIT)
    try:
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(PersistenceException):
                store.get_attributes(SOMEBODY)
            assert time.monotonic() - began < PATIENCE_S
    finally:
        server.start()
    store.ping()


def test_a_server_that_only_reads_is_no_place_and_is_left_for_one_that_writes(
    server: PostgresqlServer, storage: PostgresqlStorage, store: PostgresqlStore
) -> None:
    name = storage.url.rpartition("/")[2]
    store.save_attributes(SOMEBODY, {"a": 1})
    server.execute(f"alter database {name} set default_transaction_read_only = on")
    break_connections(storage)
    with pytest.raises(PersistenceException, match="ReadOnlySqlTransaction"):
        store.ping()
    assert store.get_attributes(SOMEBODY) == {"a": 1, "revision": 1}
    server.execute(f"alter database {name} set default_transaction_read_only = off")
    with pytest.raises(PersistenceException):  # on a connection of before, and not repeated without `upon`
        store.save_attributes(SOMEBODY, {"a": 2})
    store.save_attributes(SOMEBODY, {"a": 3})
    assert store.get_attributes(SOMEBODY) == {"a": 3, "revision": 2}


def test_a_save_whose_answer_was_lost_is_not_carried_out_twice(
    storage: PostgresqlStorage, store: PostgresqlStore
) -> None:
    store.save_attributes(SOMEBODY, {"a": 1})
    with losing_answers(storage.url) as loss, closing(PostgresqlStore(loss.url)) as behind:
        behind.ping()
        loss.loses = b"calf 30"
        with pytest.raises(ConflictError):
            behind.save_attributes(SOMEBODY, {"a": 2, "upon": 1, "did": {"2026-01-31": {"calf 30": 1}}})
    assert store.get_attributes(SOMEBODY) == {"a": 2, "revision": 2}
    assert store.history(SOMEBODY, EVER) == {"2026-01-31": {"calf 30": 1}}


def test_where_nothing_is_passed_on_any_more_no_connection_is_held(
    storage: PostgresqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        ThreadPoolExecutor(16) as pool,
        losing_answers(storage.url) as loss,
        closing(PostgresqlStore(loss.url)) as behind,
    ):
        behind.save_attributes(SOMEBODY, {"a": 1})
        monkeypatch.setattr(_Impatient, "patience_s", 0.7)
        loss.is_silent = True
        began = time.monotonic()
        for loading in [pool.submit(behind.get_attributes, SOMEBODY) for _ in range(2)]:
            with pytest.raises(PersistenceException):
                loading.result()
        assert time.monotonic() - began < PATIENCE_S
        loss.is_silent = False
        monkeypatch.undo()
        assert behind._engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert behind.get_attributes(SOMEBODY) == {"a": 1, "revision": 1}


def test_a_save_that_nobody_waits_for_any_more_is_not_sent_again(
    storage: PostgresqlStorage, store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with losing_answers(storage.url) as loss, closing(PostgresqlStore(loss.url)) as behind:
        behind.ping()
        monkeypatch.setattr(_Impatient, "patience_s", 0.7)
        tried: list[object] = []
        once = behind._once
        monkeypatch.setattr(behind, "_once", lambda action: (tried.append(action), once(action))[1])
        loss.is_silent = True
        with pytest.raises(PersistenceException, match="ConnectionTimeout"):
            behind.save_attributes(SOMEBODY, {"a": 1, "upon": 0})
        assert len(tried) == 1
    assert store.get_attributes(SOMEBODY) == {}


def test_a_long_history_is_waited_for_until_it_is_deleted(
    storage: PostgresqlStorage, store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_attributes(SOMEBODY, {"a": 1})
    storage.do(
        "create function slow() returns trigger language plpgsql as"
        " 'begin perform pg_sleep(0.9); return old; end'; "
        "create trigger slow before delete on person for each row execute function slow()"
    )
    monkeypatch.setattr(_Impatient, "patience_s", 0.3)
    store.delete_attributes(SOMEBODY)
    assert storage.people() == set()


def test_what_the_environment_says_is_heard(
    storage: PostgresqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=5MB -c lock_timeout=400")
    monkeypatch.setenv("PGAPPNAME", "ours")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "7")
    with closing(storage.open()) as store, store._engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"show {name}").scalar_one()
            for name in ("work_mem", "lock_timeout", "statement_timeout", "application_name")
        }
        driver = connection.connection.driver_connection
        assert isinstance(driver, _Impatient)
        assert driver.info.get_parameters()["connect_timeout"] == "7"
    assert told == {
        "work_mem": "5MB",
        "lock_timeout": "400ms",
        "statement_timeout": "600ms",
        "application_name": "ours",
    }


def test_a_database_that_is_serializable_by_default_refuses_no_turn(
    server: PostgresqlServer, storage: PostgresqlStorage
) -> None:
    name = storage.url.rpartition("/")[2]
    server.execute(f"alter database {name} set default_transaction_isolation = serializable")
    with closing(storage.open()) as store, store._engine.connect() as connection:
        shown = connection.exec_driver_sql("show transaction_isolation").scalar_one()
    assert shown == "read committed"


def test_a_clock_that_was_set_back_makes_nobody_look_long_gone(
    storage: PostgresqlStorage, store: PostgresqlStore
) -> None:
    did = {"2026-01-31": {"calf 30": 1}}
    store.save_attributes(SOMEBODY, {"a": 1})
    storage.age("amzn1.ask.account.somebody", -3)
    ahead = storage.do("select updated from person")
    for attributes in ({"upon": 1}, {}, {"upon": 3, "did": did}, {"did": did}):
        store.save_attributes(SOMEBODY, dict(attributes))
        assert storage.do("select updated from person") == ahead
    assert store.get_attributes(SOMEBODY) == {"revision": 5}


def test_at_size_nothing_is_looked_for_row_by_row(storage: PostgresqlStorage, store: PostgresqlStore) -> None:
    storage.do(
        "insert into person select 'key' || n, 'account' || n / 3, repeat('x', 100),"
        " '2026-01-01'::date + n % 300, 1 from generate_series(1, 20000) n; "
        "insert into did select 'key' || n, '2026-01-01', 'calf', 1 from generate_series(1, 20000) n; "
        "analyze"
    )
    lately, old = Days(date(2026, 9, 1), date(2026, 9, 29)), Days(date(2023, 11, 15), date(2026, 1, 2))
    statements = (forgetting("account7"), seen_on(lately), *forgetting_unused(old))
    for statement in statements:
        written = statement.compile(dialect=dialect.dialect(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(line for (line,) in storage.do(f"explain {written}"))
        assert "Seq Scan" not in plan, plan
        assert "Index" in plan, plan


def test_a_turn_touches_no_index(storage: PostgresqlStorage, store: PostgresqlStore) -> None:
    for turn in range(3):
        for nth in range(40):
            store.save_attributes(speaks(f"person {nth}"), {"said": "x" * 1_500, "turn": turn})
    store.close()  # only then are its statistics sure to be told
    counts = "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'person'"
    until = time.monotonic() + 10
    while (found := storage.do(counts)[0])[0] < 80 and time.monotonic() < until:
        time.sleep(0.01)
    updates, hot = found
    assert updates == 80
    assert hot >= 72
