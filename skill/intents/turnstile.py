"""A turnstile: one at a time, first come, first served, and nobody waits for ever."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turnstile:
    """Lets one through at a time. A plain lock may let a late one in before an early one."""

    def __init__(self) -> None:
        self._lock, self._queue = Lock(), deque[Lock]()

    @contextmanager
    def passed(self, patience_s: float) -> Iterator[None]:
        """Waits for its turn, for `patience_s` at most: then it goes on beside whoever is in."""
        mine = Lock()
        mine.acquire()
        with self._lock:
            self._queue.append(mine)
            self._call_first()
        mine.acquire(timeout=patience_s)
        try:
            yield
        finally:
            with self._lock:
                self._queue.remove(mine)
                self._call_first()

    def _call_first(self) -> None:
        if self._queue and self._queue[0].locked():
            self._queue[0].release()
