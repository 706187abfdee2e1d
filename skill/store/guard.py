"""A guard before a store: a turn waits so long for it, and no longer.

    closed --3 failures in a row--> resting --5 s--> one call tries: done -> closed, failed -> resting

While it rests, a call fails at once and the session carries the place on. Loads, saves, deletes and
histories are counted apart: a full disk can still be read, and a history that takes too long costs no place.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date
from threading import Lock
from typing import Any

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.metrics import STORE_FAILURES, STORE_S
from skill.routine.history import History
from skill.store.failures import ConflictError, RefusedError, RestingError, UnreadableRecordError
from skill.store.store import KEPT_UNUSED_S, Store

LIMIT_S = 0.7
"""How long one call may take: most turns load once and save once, and are to be answered within 2 s."""
MOST_FAILURES = 3
REST_S = 5.0
DAY_S = 86_400.0
_THREADS = 64
"""A call that never comes back keeps one for good."""
_ANSWERS = (ConflictError, UnreadableRecordError)
"""What a store that works may raise."""
_NO_FAILURES = (*_ANSWERS, RefusedError)
"""What tells of no fault of the store."""

_log = logging.getLogger(__name__)


class Guard(Store):
    """`store`, with a limit in seconds on every call, and a rest for a kind of call that fails.

    Whatever goes wrong is raised as PersistenceException. A call that was given up may still be carried out
    later: what it saves is then found by whoever loads next. Once a day, who does not come back is forgotten.
    """

    def __init__(
        self,
        store: Store,
        limit_s: float = LIMIT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._limit_s, self._now = store, limit_s, now
        self._breakers = {name: Breaker(now) for name in ("load", "save", "delete", "history")}
        self._pool = _new_pool()
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
        self._tidy()

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As the store's."""
        self._call("delete", lambda: self._store.delete_attributes(request_envelope))

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        """As the store's."""
        history: History = self._call("history", lambda: self._store.history(request_envelope, since))
        return history

    def forget_unused(self, kept_s: int) -> None:
        """As the store's, for as long as it takes."""
        self._store.forget_unused(kept_s)

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached; asked even while it rests."""
        if self._ping is None or self._ping.done() or self._now() >= self._pinged + REST_S:
            self._ping, self._pinged = self._pool.submit(self._store.ping), self._now()
        self._result("ping", self._ping)

    def close(self) -> None:
        """Close the store. What is called just now may be cut short."""
        pool, self._pool = self._pool, _new_pool()
        pool.shutdown(wait=False, cancel_futures=True)
        self._store.close()

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
        except RefusedError:
            raise
        except PersistenceException as error:
            if breaker.counts():
                _log.error("the store is left alone for %g s, as to %s failed: %s", REST_S, name, error)
            raise
        breaker.closes()
        return result

    def _result(self, name: str, future: Future[Any]) -> Any:
        with STORE_S.labels(name).time():
            done = wait([future], self._limit_s).done
        if not done:
            future.cancel()
            STORE_FAILURES.labels(name, "timeout").inc()
            raise PersistenceException(f"store: no answer within {self._limit_s} s")
        if future.cancelled():
            raise PersistenceException("store: closed meanwhile")
        error = future.exception()
        if error is None or isinstance(error, _NO_FAILURES):
            return future.result()
        STORE_FAILURES.labels(name, type(error.__cause__ or error).__name__).inc()
        told = str(error) if isinstance(error, PersistenceException) else type(error).__name__
        raise PersistenceException(told) from error

    def _tidy(self) -> None:
        """Begin to forget who does not come back, if that was not done today. Nobody waits for it."""
        if self._tidied is None or self._now() >= self._tidied + DAY_S:
            self._tidied = self._now()
            self._pool.submit(_logged, lambda: self.forget_unused(KEPT_UNUSED_S))


class Breaker:
    """Counts failures in a row. now: seconds that never go back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._lock = now, Lock()
        self._failures, self._until, self._is_told = 0, 0.0, False

    @property
    def rests(self) -> bool:
        """Whether calls fail at once."""
        return self._failures >= MOST_FAILURES and self._now() < self._until

    def lets_through(self) -> bool:
        """Whether this call may go on: after a rest one does, and the others wait for what comes of it."""
        with self._lock:
            if self.rests:
                return False
            self._until, self._is_told = self._now() + REST_S, False
            return True

    def closes(self) -> None:
        """A call has been answered."""
        self._failures = 0

    def counts(self) -> bool:
        """A call has failed; returns whether a rest begins with it."""
        with self._lock:
            self._failures += 1
            self._until = self._now() + REST_S
            begins = self._failures >= MOST_FAILURES and not self._is_told
            self._is_told = self._is_told or begins
            return begins


def _new_pool() -> ThreadPoolExecutor:
    """Threads are started as they are needed."""
    return ThreadPoolExecutor(_THREADS, "store")


def _logged(action: Callable[[], None]) -> None:
    try:
        action()
    except PersistenceException as error:
        _log.error("who does not come back was not forgotten: %s", error)
