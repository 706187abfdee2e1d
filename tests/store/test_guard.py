"""The guard: no turn waits long for a store, and one that fails is left alone for a while."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.metrics import STORE_FAILURES
from skill.routine.history import History
from skill.store.failures import ConflictError, RestingError, UnreadableRecordError
from skill.store.guard import DAY_S, MOST_FAILURES, REST_S, Guard
from skill.store.store import KEPT_UNUSED_S, Store

ENVELOPE = RequestEnvelope()
SECRET = "amzn1.ask.account.somebody"


@dataclass
class Faulty(Store):
    """A store that does what a test wants."""

    does: Callable[[], Any] = dict
    calls: int = 0

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """Whatever the test wants."""
        self.calls += 1
        record: dict[str, Any] = self.does()
        return record

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """The same."""
        self.get_attributes(request_envelope)

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """The same."""
        self.get_attributes(request_envelope)

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """The same, on one day."""
        return {str(since): self.get_attributes(request_envelope)}

    def forget_unused(self, kept_s: int) -> None:
        """Has nobody."""

    def ping(self) -> None:
        """Is there."""

    def close(self) -> None:
        """Has nothing open."""


@dataclass
class Seconds:
    """A clock that a test moves."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scene:
    """A guard with all that is around it."""

    store: Faulty = field(default_factory=Faulty)
    seconds: Seconds = field(default_factory=Seconds)

    def __post_init__(self) -> None:
        self.guard = Guard(self.store, limit_s=0.05, now=self.seconds)

    def fails(self, times: int = MOST_FAILURES) -> None:
        """Let that many calls fail."""
        self.store.does = raising(RuntimeError(SECRET))
        for _ in range(times):
            with pytest.raises(PersistenceException):
                self.guard.get_attributes(ENVELOPE)


def raising(error: Exception) -> Callable[[], Any]:
    """Raises `error`."""

    def does() -> Any:
        raise error

    return does


@pytest.fixture
def scene() -> Scene:
    """A guard before a store that works."""
    return Scene()


@pytest.fixture
def hanging() -> Iterator[Callable[[], Any]]:
    """Does not come back before the test is over."""
    over = threading.Event()
    yield over.wait
    over.set()


def test_what_works_goes_through(scene: Scene) -> None:
    scene.store.does = lambda: {"a": 1}
    assert scene.guard.get_attributes(ENVELOPE) == {"a": 1}
    scene.guard.save_attributes(ENVELOPE, {})
    scene.guard.delete_attributes(ENVELOPE)
    scene.guard.ping()
    assert scene.store.calls == 3


def test_once_a_day_who_does_not_come_back_is_forgotten(scene: Scene) -> None:
    asked: list[int] = []
    scene.store.forget_unused = asked.append  # type: ignore[method-assign]
    for day in range(3):
        scene.seconds.now = 1_000 + day * DAY_S
        scene.guard.save_attributes(ENVELOPE, {})
        scene.guard.save_attributes(ENVELOPE, {})
        scene.guard._pool.submit(int).result()
    scene.guard._pool.shutdown()
    assert asked == [KEPT_UNUSED_S] * 3


def test_where_nothing_can_be_saved_loading_goes_on(scene: Scene) -> None:
    scene.store.does = raising(OSError("full"))
    for _ in range(MOST_FAILURES):
        with pytest.raises(PersistenceException, match="OSError"):
            scene.guard.save_attributes(ENVELOPE, {})
        scene.store.does, failing = dict, scene.store.does
        assert scene.guard.get_attributes(ENVELOPE) == {}
        scene.store.does = failing
    with pytest.raises(RestingError):
        scene.guard.save_attributes(ENVELOPE, {})


def test_a_rest_is_told_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.fails()
    for _ in range(5):
        with pytest.raises(RestingError):
            scene.guard.get_attributes(ENVELOPE)
    assert caplog.text.count("left alone") == 1


@pytest.mark.parametrize("call", ["load", "save", "delete"])
def test_a_store_that_hangs_is_waited_for_no_longer_than_the_limit(
    call: str, scene: Scene, hanging: Callable[[], Any]
) -> None:
    before = STORE_FAILURES.labels(call, "timeout")._value.get()
    scene.store.does = hanging
    act = {
        "load": lambda: scene.guard.get_attributes(ENVELOPE),
        "save": lambda: scene.guard.save_attributes(ENVELOPE, {}),
        "delete": lambda: scene.guard.delete_attributes(ENVELOPE),
    }[call]
    with pytest.raises(PersistenceException, match="no answer within"):
        act()
    assert STORE_FAILURES.labels(call, "timeout")._value.get() == before + 1


@pytest.mark.parametrize(
    "error", [RuntimeError(SECRET), OSError(SECRET), KeyError(SECRET), TimeoutError(SECRET)]
)
def test_whatever_goes_wrong_is_told_by_its_kind_alone(error: Exception, scene: Scene) -> None:
    scene.store.does = raising(error)
    with pytest.raises(PersistenceException) as told:
        scene.guard.get_attributes(ENVELOPE)
    assert type(error).__name__ in str(told.value)
    assert SECRET not in str(told.value)


def test_after_failures_in_a_row_the_store_is_left_alone(scene: Scene) -> None:
    scene.fails()
    calls = scene.store.calls
    for _ in range(5):
        with pytest.raises(PersistenceException, match="rests"):
            scene.guard.get_attributes(ENVELOPE)
    assert scene.store.calls == calls


def test_a_success_between_failures_starts_the_count_again(scene: Scene) -> None:
    for _ in range(3):
        scene.fails(MOST_FAILURES - 1)
        scene.store.does = dict
        assert scene.guard.get_attributes(ENVELOPE) == {}


def test_after_the_rest_one_call_tries_and_its_success_opens_the_way(scene: Scene) -> None:
    scene.fails()
    scene.seconds.now += REST_S
    scene.store.does = dict
    assert scene.guard.get_attributes(ENVELOPE) == {}
    assert scene.guard.get_attributes(ENVELOPE) == {}


def test_after_the_rest_a_failure_begins_another(scene: Scene) -> None:
    scene.fails()
    scene.seconds.now += REST_S
    scene.fails(1)
    calls = scene.store.calls
    scene.seconds.now += REST_S - 0.001
    with pytest.raises(PersistenceException, match="rests"):
        scene.guard.get_attributes(ENVELOPE)
    assert scene.store.calls == calls


def test_while_one_tries_after_the_rest_the_others_do_not(scene: Scene) -> None:
    scene.fails()
    scene.seconds.now += REST_S
    others: list[str] = []

    def trying() -> dict[str, Any]:
        try:
            scene.guard.get_attributes(ENVELOPE)
        except PersistenceException as error:
            others.append(str(error))
        return {"tried": True}

    scene.store.does = trying
    assert scene.guard.get_attributes(ENVELOPE) == {"tried": True}
    assert others == ["store: rests after failures"]


@pytest.mark.parametrize("error", [ConflictError("overtaken"), UnreadableRecordError("damaged")])
def test_an_answer_is_no_failure(error: Exception, scene: Scene) -> None:
    scene.store.does = raising(error)
    for _ in range(MOST_FAILURES + 2):
        with pytest.raises(type(error)):
            scene.guard.save_attributes(ENVELOPE, {})
    assert scene.store.calls == MOST_FAILURES + 2


def test_whether_the_store_can_be_reached_is_told_while_it_rests(scene: Scene) -> None:
    scene.fails()
    scene.guard.ping()
    scene.store.ping = raising(OSError("gone"))  # type: ignore[method-assign]
    with pytest.raises(PersistenceException, match="OSError"):
        scene.guard.ping()


def test_a_question_that_hangs_is_asked_again_after_a_while(scene: Scene, hanging: Callable[[], Any]) -> None:
    scene.store.ping = hanging  # type: ignore[method-assign]
    with pytest.raises(PersistenceException, match="no answer"):
        scene.guard.ping()
    scene.store.ping = dict  # type: ignore[method-assign]
    with pytest.raises(PersistenceException, match="no answer"):
        scene.guard.ping()
    scene.seconds.now += REST_S
    scene.guard.ping()


def test_a_store_that_hangs_for_many_lets_the_others_go_on_at_once(
    scene: Scene, hanging: Callable[[], Any]
) -> None:
    scene.store.does = hanging
    for _ in range(MOST_FAILURES):
        with pytest.raises(PersistenceException):
            scene.guard.get_attributes(ENVELOPE)
    calls = scene.store.calls
    for _ in range(100):
        with pytest.raises(PersistenceException, match="rests"):
            scene.guard.get_attributes(ENVELOPE)
    assert scene.store.calls == calls


def test_a_history_that_fails_costs_no_place(scene: Scene) -> None:
    since = date(2026, 11, 23)
    assert scene.guard.history(ENVELOPE, since) == {"2026-11-23": {}}
    scene.store.does = raising(OSError("slow"))
    for _ in range(MOST_FAILURES):
        with pytest.raises(PersistenceException, match="OSError"):
            scene.guard.history(ENVELOPE, since)
    scene.store.does = dict
    with pytest.raises(RestingError):
        scene.guard.history(ENVELOPE, since)
    assert scene.store.calls == 1 + MOST_FAILURES
    assert scene.guard.get_attributes(ENVELOPE) == {}
    scene.seconds.now += REST_S
    assert scene.guard.history(ENVELOPE, since) == {"2026-11-23": {}}


def test_a_guard_that_was_closed_opens_again(scene: Scene, hanging: Callable[[], Any]) -> None:
    scene.store.does = hanging
    with pytest.raises(PersistenceException, match="no answer"):
        scene.guard.get_attributes(ENVELOPE)
    scene.guard.close()
    scene.store.does = dict
    assert scene.guard.get_attributes(ENVELOPE) == {}
