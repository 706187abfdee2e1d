"""What the guard counts as a failure of the store, what it tells of that, and what it gives up."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ask_sdk_core.exceptions import PersistenceException

from skill.metrics import STORE_FAILURES
from skill.store import guard
from skill.store.failures import ConflictError, RefusedError
from skill.store.guard import MOST_FAILURES, REST_S
from tests.store.test_guard import ENVELOPE, Scene, raising


def test_of_many_that_fail_at_once_a_rest_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    scene, together = Scene(), threading.Barrier(20)
    scene.guard._limit_s = 9

    def fails() -> None:
        together.wait()
        raise OSError

    def load(_: int) -> None:
        with pytest.raises(PersistenceException, match="OSError"):
            scene.guard.get_attributes(ENVELOPE)

    scene.store.does = fails
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(load, range(20)))
    assert caplog.text.count("left alone") == 1
    for rests in (2, 3):
        scene.seconds.now += REST_S
        scene.fails(1)
        assert caplog.text.count("left alone") == rests


def test_a_conflict_tells_that_the_store_works() -> None:
    scene = Scene()
    for _ in range(MOST_FAILURES):
        scene.fails(MOST_FAILURES - 1)
        scene.store.does = raising(ConflictError())
        with pytest.raises(ConflictError):
            scene.guard.get_attributes(ENVELOPE)


def test_what_is_refused_is_neither_a_failure_nor_a_sign_that_the_store_works() -> None:
    scene = Scene()
    before = STORE_FAILURES.labels("load", "RefusedError")._value.get()
    for _ in range(MOST_FAILURES):
        scene.store.does = raising(RefusedError("too big"))
        with pytest.raises(RefusedError, match="too big"):
            scene.guard.get_attributes(ENVELOPE)
        scene.fails(1)
    assert STORE_FAILURES.labels("load", "RefusedError")._value.get() == before
    with pytest.raises(PersistenceException, match="rests"):
        scene.guard.get_attributes(ENVELOPE)


def test_what_was_given_up_before_it_began_is_not_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_THREADS", 1)
    scene, over = Scene(), threading.Event()
    scene.store.does = over.wait
    for _ in range(2):
        with pytest.raises(PersistenceException, match="no answer"):
            scene.guard.get_attributes(ENVELOPE)
    over.set()
    scene.guard._pool.submit(int).result()
    assert scene.store.calls == 1
