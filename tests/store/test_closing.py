"""A store that was closed: whoever copies its file alone has everything."""

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from skill.store.guard import Guard
from skill.store.sqlite import SqliteStore
from tests.faults.served import device, serving, store_in
from tests.store.speakers import speaks
from tests.store.test_durable import is_whole, turns_in
from tests.store.writer import Caller

PATIENCE_S = 20
TURNS = 5


def copied(path: Path) -> Path:
    """The file alone, elsewhere."""
    return Path(shutil.copy(path, path.with_name("copy")))


def test_once_serve_was_stopped_its_file_alone_has_the_last_turn(tmp_path: Path) -> None:
    caller = Caller(device("amzn1.ask.account.A"))
    with serving(tmp_path) as server:
        for _ in range(TURNS):
            caller.asks(server)
        os.kill(server.process.pid or 0, signal.SIGTERM)
        server.process.join(PATIENCE_S)
        assert server.process.exitcode == 0
    copy = copied(store_in(tmp_path))
    is_whole(copy)
    assert turns_in(copy) == TURNS


def test_what_other_threads_saved_is_in_the_file_once_the_store_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "coach.sqlite3"
    guard = Guard(SqliteStore(str(path)))
    for nth in range(TURNS):
        guard.save_attributes(speaks(), {"nth": nth})
    guard.close()
    with closing(SqliteStore(str(copied(path)))) as copy:
        assert copy.get_attributes(speaks()) == {"nth": TURNS - 1, "revision": TURNS}


def test_a_store_that_was_never_used_makes_no_file_when_it_is_closed(tmp_path: Path) -> None:
    SqliteStore(str(tmp_path / "coach.sqlite3")).close()
    assert list(tmp_path.iterdir()) == []


def removed(path: Path) -> None:
    """The file is gone."""
    path.unlink()


def spoilt(path: Path) -> None:
    """It is no database any more."""
    path.write_bytes(b"x" * 8_192)


@pytest.mark.parametrize("happens", [removed, spoilt])
def test_whatever_happened_to_the_file_a_store_can_be_closed(
    happens: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "coach.sqlite3"
    store = SqliteStore(str(path))
    store.save_attributes(speaks(), {})
    happens(path)
    before = path.read_bytes() if path.exists() else None
    store.close()
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_store_is_closed_at_once_though_somebody_writes(tmp_path: Path) -> None:
    path = tmp_path / "coach.sqlite3"
    store = SqliteStore(str(path))
    store.save_attributes(speaks(), {"a": 1})
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("begin immediate")
        closed = threading.Event()
        closing_it = threading.Thread(target=lambda: (store.close(), closed.set()))
        closing_it.start()
        assert closed.wait(PATIENCE_S)
        closing_it.join()
    store.close()
    assert store.get_attributes(speaks()) == {"a": 1, "revision": 1}
    store.close()
