"""A guard before a store: a turn waits so long for it, and no longer.

    closed --3 failures in a row--> resting --5 s--> one call tries: done -> closed, failed -> resting

While it rests, a call fails at once and the session carries the place on. Loads, saves and deletes are
counted apart: a full disk can still be read.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.metrics import STORE_FAILURES
from skill.store.failures import ConflictError, RestingError, UnreadableRecordError

LIMIT_S = 0.7
"""How long one call may take: most turns load once and save once, and are to be answered within 2 s."""
MOST_FAILURES = 3
REST_S = 5.0
DAY_S = 86_400.0
KEPT_UNUSED_S = 2 * 365 * 86_400
"""How long a person is remembered who does not come back. The privacy policy says so."""
_THREADS = 64
"""A call that never comes back keeps one for good."""
_ANSWERS = (ConflictError, UnreadableRecordError)
"""What a store that works may raise."""

_log = logging.getLogger(__name__)


class Guard(AbstractPersistenceAdapter):  # type: ignore[misc]
    """`store`, with a limit in seconds on every call, and a rest for a kind of call that fails.

    Whatever goes wrong is raised as PersistenceException. A call that was given up may still be carried out
    later: what it saves is then found by whoever loads next. Once a day, who does not come back is forgotten.
    """

    def __init__(
        self,
        store: AbstractPersistenceAdapter,
        limit_s: float = LIMIT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._limit_s, self._now = store, limit_s, now
        self._breakers = {name: Breaker(now) for name in ("load", "save", "delete")}
        self._pool = ThreadPoolExecutor(_THREADS, "store")
        self._ping: Future[Any] | None = None
        self._pinged = 0.0
        self._tidied: float | None = None

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As the store's."""
        record: dict[str, Any] = self._call("load", lambda: self._store.get_attributes(request_envelope))
        return record

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As the store's."""
        self._call("save", lambda: self._store.save_attributes(request_envelope, attributes))
        self._forget_unused()

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As the store's."""
        self._call("delete", lambda: self._store.delete_attributes(request_envelope))

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached; asked even while it rests."""
        if ask := getattr(self._store, "ping", None):
            if self._ping is None or self._ping.done() or self._now() >= self._pinged + REST_S:
                self._ping, self._pinged = self._pool.submit(ask), self._now()
            self._result("ping", self._ping)
        elif any(breaker.rests for breaker in self._breakers.values()):
            raise RestingError("store: rests after failures")

    def _call(self, name: str, action: Callable[[], Any]) -> Any:
        breaker = self._breakers[name]
        if not breaker.lets_through():
            STORE_FAILURES.labels(name, "resting").inc()
            raise RestingError("store: rests after failures")
        try:
            result = self._result(name, self._pool.submit(action))
        except _ANSWERS:
            breaker.closes()
            raise
        except PersistenceException as error:
            if breaker.counts():
                _log.error("the store is left alone for %g s, as to %s failed: %s", REST_S, name, error)
            raise
        breaker.closes()
        return result

    def _result(self, name: str, future: Future[Any]) -> Any:
        if not wait([future], self._limit_s).done:
            future.cancel()
            STORE_FAILURES.labels(name, "timeout").inc()
            raise PersistenceException(f"store: no answer within {self._limit_s} s")
        error = future.exception()
        if error is None or isinstance(error, _ANSWERS):
            return future.result()
        STORE_FAILURES.labels(name, type(error.__cause__ or error).__name__).inc()
        told = str(error) if isinstance(error, PersistenceException) else type(error).__name__
        raise PersistenceException(told) from error

    def _forget_unused(self) -> None:
        """Begin to, if that was not done today. Nobody waits for it."""
        forget = getattr(self._store, "forget_unused", None)
        if forget and (self._tidied is None or self._now() >= self._tidied + DAY_S):
            self._tidied = self._now()
            self._pool.submit(_logged, lambda: forget(KEPT_UNUSED_S))


class Breaker:
    """Counts failures in a row. now: seconds that never go back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._lock = now, Lock()
        self._failures, self._until = 0, 0.0

    @property
    def rests(self) -> bool:
        """Whether calls fail at once."""
        return self._failures >= MOST_FAILURES and self._now() < self._until

    def lets_through(self) -> bool:
        """Whether this call may go on: after a rest one does, and the others wait for what comes of it."""
        with self._lock:
            if self.rests:
                return False
            self._until = self._now() + REST_S
            return True

    def closes(self) -> None:
        """A call has been answered."""
        self._failures = 0

    def counts(self) -> bool:
        """A call has failed; returns whether a rest begins with it."""
        with self._lock:
            self._failures += 1
            self._until = self._now() + REST_S
            return self._failures >= MOST_FAILURES


def _logged(action: Callable[[], None]) -> None:
    try:
        action()
    except PersistenceException as error:
        _log.error("who does not come back was not forgotten: %s", error)
