"""The keys that Alexa signs with: fetched once, by one request for all, and kept while they hold."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import TypeAlias

from cryptography.x509 import Certificate
from cryptography.x509.verification import Store

from skill.web.chains import SigningKey, signing_keys
from skill.web.refusal import Refusal, RefusedError

PATIENCE_S = 1.5
"""How long a request waits for a certificate: Alexa wants its answer in eight seconds, people in two."""

_MOST_KNOWN = 16
_MOST_FAILED = 64
_MOST_FETCHES = 32
_MOST_WAITING = 64
_REST = timedelta(seconds=10)


@dataclass
class _Known:
    keys: tuple[SigningKey, ...]
    used: float


@dataclass(frozen=True)
class _Failed:
    refusal: Refusal
    why: str
    at: datetime


_Outcome: TypeAlias = tuple[SigningKey, ...] | _Failed


@dataclass(frozen=True)
class _Flight:
    """A fetch under way, and when nobody waits for it any more, by time.monotonic()."""

    landed: Future[_Outcome]
    ends: float


class Keys:
    """Signing keys by the URL of their certificate. A known one costs no lock and no fetch.

    Every other request waits `patience_s` at most, for the one fetch of its URL, or is refused at
    once: where 32 other URLs are being fetched, where 64 requests wait, and for 10 seconds after a failure.
    Only a chain that is trusted can push another out, of 16: a URL that has led to one has a thread of its
    own, and others to wait with, when that has expired. Strangers' URLs cannot keep it from being renewed.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        roots: Sequence[Certificate],
        clock: Callable[[], datetime],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._fetch, self._roots, self._clock = fetch, Store(list(roots)), clock
        self._patience_s = patience_s
        self._known: dict[str, _Known] = {}
        self._failed: dict[str, _Failed] = {}
        self._flights: dict[str, _Flight] = {}
        self._lock, self._waiting = Lock(), BoundedSemaphore(_MOST_WAITING)
        self._renewing = BoundedSemaphore(_MOST_WAITING)
        self._pool = ThreadPoolExecutor(_MOST_FETCHES + _MOST_KNOWN, "certificate")

    def of(self, url: str) -> tuple[SigningKey, ...]:
        """The keys that hold now, of the file at `url`, a checked one. Raises RefusedError."""
        if keys := self._at_hand(url):
            return keys
        places = self._renewing if url in self._known else self._waiting
        if not places.acquire(blocking=False):
            raise RefusedError(Refusal.FETCH, "too many requests wait for a certificate")
        try:
            return self._awaited(url)
        finally:
            places.release()

    def _at_hand(self, url: str) -> tuple[SigningKey, ...]:
        known = self._known.get(url)
        if known is None:
            return ()
        known.used, now = monotonic(), self._clock()
        return tuple(key for key in known.keys if key.holds(now))

    def _awaited(self, url: str) -> tuple[SigningKey, ...]:
        with self._lock:
            if keys := self._at_hand(url):  # they came in meanwhile
                return keys
            flight = self._flights.get(url) or self._begun(url)
        try:
            outcome = flight.landed.result(max(flight.ends - monotonic(), 0))
        except TimeoutError:
            raise RefusedError(Refusal.FETCH, "the certificate did not come in time") from None
        if isinstance(outcome, _Failed):
            raise RefusedError(outcome.refusal, outcome.why)
        return outcome

    def _begun(self, url: str) -> _Flight:
        """A fetch in a thread of its own. Called with the lock held."""
        failed = self._failed.get(url)
        # A clock that was set back must not make a failure last.
        if failed and timedelta(0) <= self._clock() - failed.at < _REST:
            raise RefusedError(failed.refusal, f"{failed.why}, moments ago")
        if sum(each not in self._known for each in (url, *self._flights)) > _MOST_FETCHES:
            raise RefusedError(Refusal.FETCH, "too many certificates are being fetched")
        flight = _Flight(self._pool.submit(self._land, url), monotonic() + self._patience_s)
        self._flights[url] = flight
        return flight

    def _land(self, url: str) -> _Outcome:
        """In a thread of the pool: fetch, check, remember."""
        outcome = self._fetched(url)
        with self._lock:
            if isinstance(outcome, _Failed):
                self._failed.pop(url, None)
                if len(self._failed) >= _MOST_FAILED:
                    del self._failed[next(iter(self._failed))]
                self._failed[url] = outcome
            else:
                if len(self._known) >= _MOST_KNOWN and url not in self._known:
                    del self._known[min(self._known, key=lambda each: self._known[each].used)]
                self._known[url] = _Known(outcome, monotonic())
            del self._flights[url]
        return outcome

    def _fetched(self, url: str) -> _Outcome:
        try:
            pem = self._fetch(url)
        except BaseException as error:  # whatever it is, it must not leave others waiting
            why = f"the certificate cannot be fetched: {type(error).__name__}"
            return _Failed(Refusal.FETCH, why, self._clock())
        try:
            return signing_keys(pem, self._roots, self._clock())
        except RefusedError as refused:
            return _Failed(refused.refusal, str(refused), self._clock())
        except BaseException as error:  # a panic in Rust is no Exception
            why = f"the certificate cannot be checked: {type(error).__name__}"
            return _Failed(Refusal.CHAIN, why, self._clock())
