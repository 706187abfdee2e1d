"""A guard before a store: a turn waits so long for it, and no longer.

    closed --3 failures in a row--> resting --5 s--> one call tries: done -> closed, failed -> resting

While the store rests, every call fails at once and the session carries the place on.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope

from skill.metrics import STORE_FAILURES
from skill.store.failures import ConflictError, UnreadableRecordError

LIMIT_S = 0.9
"""How long one call may take: a turn loads once and saves once, and is to be answered within 2 s."""
MOST_FAILURES = 3
REST_S = 5.0
_THREADS = 16
_ANSWERS = (ConflictError, UnreadableRecordError)
"""What a store that works may raise."""


class Guard(AbstractPersistenceAdapter):  # type: ignore[misc]
    """`store`, with a limit in seconds on every call and a rest after failures.

    Whatever goes wrong is raised as PersistenceException. A call that was given up may still be carried out
    later: what it saves is then found by whoever loads next.
    """

    def __init__(
        self,
        store: AbstractPersistenceAdapter,
        limit_s: float = LIMIT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._limit_s = store, limit_s
        self._breaker = Breaker(now)
        self._pool = ThreadPoolExecutor(_THREADS, "store")

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        """As the store's."""
        record: dict[str, Any] = self._call("load", lambda: self._store.get_attributes(request_envelope))
        return record

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        """As the store's."""
        self._call("save", lambda: self._store.save_attributes(request_envelope, attributes))

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """As the store's."""
        self._call("delete", lambda: self._store.delete_attributes(request_envelope))

    def forget_unused(self, kept_s: int) -> None:
        """As the store's, where it has that."""
        if forget := getattr(self._store, "forget_unused", None):
            self._call("delete", lambda: forget(kept_s))

    def ping(self) -> None:
        """Raises PersistenceException where the store cannot be reached; asked even while it rests."""
        ask = getattr(self._store, "ping", None)
        if ask:
            self._in_time("ping", ask)
        elif self._breaker.rests:
            raise PersistenceException("store: rests after failures")

    def _call(self, name: str, action: Callable[[], Any]) -> Any:
        if not self._breaker.lets_through():
            STORE_FAILURES.labels(name, "resting").inc()
            raise PersistenceException("store: rests after failures")
        try:
            result = self._in_time(name, action)
        except _ANSWERS:
            self._breaker.closes()
            raise
        except PersistenceException:
            self._breaker.counts()
            raise
        self._breaker.closes()
        return result

    def _in_time(self, name: str, action: Callable[[], Any]) -> Any:
        future = self._pool.submit(action)
        if not wait([future], self._limit_s).done:
            future.cancel()
            STORE_FAILURES.labels(name, "timeout").inc()
            raise PersistenceException(f"store: no answer within {self._limit_s} s")
        error = future.exception()
        if error is None or isinstance(error, _ANSWERS):
            return future.result()
        STORE_FAILURES.labels(name, type(error).__name__).inc()
        told = str(error) if isinstance(error, PersistenceException) else type(error).__name__
        raise PersistenceException(told) from error


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

    def counts(self) -> None:
        """A call has failed."""
        with self._lock:
            self._failures += 1
            self._until = self._now() + REST_S
