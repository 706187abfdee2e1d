"""Fetching Amazon's keys: once for all who wait, never for long, and never again while it is known."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from skill.web import keys as module
from skill.web.keys import Keys
from skill.web.refusal import Refusal, RefusedError
from tests.intents.alexa import Clock
from tests.web.authority import START, URL, authority, issue, pem_of
from tests.web.conftest import World

LONG_S = 30.0
"""Longer than a test may take: who waits for so long fails it."""


@dataclass
class Host:
    """Where certificates are published: each at once, or held back, or not at all."""

    held: dict[str, Event] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    error: BaseException = field(default_factory=lambda: OSError("no route to host"))
    pem: bytes = field(default_factory=lambda: authority().pem(authority().leaf()))
    fetched: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        """In some thread of the pool."""
        self.fetched.append(url)
        if url in self.held:
            assert self.held[url].wait(LONG_S)
        if url in self.down:
            raise self.error
        return self.pem

    @contextmanager
    def holding(self, *urls: str) -> Iterator[None]:
        """While inside, those do not arrive."""
        self.held |= {url: Event() for url in urls}
        try:
            yield
        finally:
            for url in urls:
                self.held[url].set()


@pytest.fixture
def host() -> Host:
    """Up."""
    return Host()


@pytest.fixture
def clock() -> Clock:
    """A fortnight after the certificates were issued."""
    return Clock()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Requests at the same time."""
    with ThreadPoolExecutor(32) as pool:
        yield pool


Make = Callable[..., Keys]


@pytest.fixture
def make(host: Host, clock: Clock) -> Make:
    """A cache of `host`'s keys."""

    def keys(patience_s: float = LONG_S) -> Keys:
        return Keys(host.fetch, [authority().root.certificate], clock, patience_s)

    return keys


def other(number: int) -> str:
    """A URL of its own."""
    return f"https://s3.amazonaws.com/echo.api/other-{number}.pem"


def refusal(keys: Keys, url: str = URL) -> Refusal:
    """Why there is no key."""
    with pytest.raises(RefusedError) as caught:
        keys.of(url)
    assert url not in str(caught.value)
    return caught.value.refusal


def until(condition: Callable[[], bool]) -> None:
    """Look again and again."""
    ends = monotonic() + LONG_S
    while not condition():
        assert monotonic() < ends


def waiting(keys: Keys) -> int:
    """How many requests are."""
    return module._MOST_WAITING - keys._waiting._value


def test_many_who_want_the_same_wait_for_one_fetch(
    make: Make, host: Host, threads: ThreadPoolExecutor
) -> None:
    keys = make()
    with host.holding(URL):
        asked = [threads.submit(keys.of, URL) for _ in range(32)]
        until(lambda: waiting(keys) == 32)
    assert all(each.result() == asked[0].result() for each in asked)
    assert host.fetched == [URL]
    assert waiting(keys) == 0


def test_many_who_want_what_is_not_there_learn_it_from_one_fetch(
    make: Make, host: Host, threads: ThreadPoolExecutor
) -> None:
    keys, host.down = make(), {URL}
    with host.holding(URL):
        asked = [threads.submit(refusal, keys) for _ in range(32)]
        until(lambda: waiting(keys) == 32)
    assert {each.result() for each in asked} == {Refusal.FETCH}
    assert host.fetched == [URL]


def test_what_hangs_holds_up_nobody_else(make: Make, host: Host, threads: ThreadPoolExecutor) -> None:
    keys = make()
    keys.of(URL)
    with host.holding(other(1)):
        hanging = threads.submit(keys.of, other(1))
        until(lambda: waiting(keys) == 1)
        assert keys.of(URL)
        assert keys.of(other(2))
        assert not hanging.done()
    assert hanging.result()


def test_nobody_waits_longer_than_their_patience_and_what_comes_late_is_kept(make: Make, host: Host) -> None:
    keys, began = make(patience_s=0.01), monotonic()
    with host.holding(URL):
        assert refusal(keys) is Refusal.FETCH
        assert refusal(keys) is Refusal.FETCH
    assert monotonic() - began < 5
    until(lambda: URL in keys._known)
    assert keys.of(URL)
    assert host.fetched == [URL]


def test_only_so_many_are_fetched_at_once(
    make: Make, host: Host, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_FETCHES", 2)
    keys = make()
    keys.of(URL)
    with host.holding(other(1), other(2)):
        asked: list[Future[object]] = [threads.submit(keys.of, other(n)) for n in (1, 2)]
        until(lambda: waiting(keys) == 2 and len(host.fetched) == 3)
        assert refusal(keys, other(3)) is Refusal.FETCH
        assert keys.of(URL)
    assert all(each.result() for each in asked)
    assert other(3) not in host.fetched
    assert keys.of(other(3))


def test_strangers_urls_keep_none_from_being_renewed(
    make: Make, host: Host, clock: Clock, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though they take every thread and every place to wait that is theirs."""
    monkeypatch.setattr(module, "_MOST_FETCHES", 2)
    monkeypatch.setattr(module, "_MOST_WAITING", 3)
    host.pem = pem_of(authority().leaf(lasts=timedelta(days=20)), authority().intermediate)
    keys = make()
    keys.of(URL)
    clock.now, host.pem = START + timedelta(days=21), pem_of(authority().leaf(), authority().intermediate)
    with host.holding(other(1), other(2)):
        asked = [threads.submit(keys.of, other(n)) for n in (1, 2, 2)]
        until(lambda: waiting(keys) == 3 and len(host.fetched) == 3)
        assert refusal(keys, other(3)) is Refusal.FETCH
        assert keys.of(URL)
    assert all(each.result() for each in asked)


def test_only_so_many_wait(
    make: Make, host: Host, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 3)
    keys = make()
    keys.of(other(1))
    with host.holding(URL):
        asked = [threads.submit(keys.of, URL) for _ in range(3)]
        until(lambda: waiting(keys) == 3)
        assert refusal(keys) is Refusal.FETCH
        assert keys.of(other(1))
    assert all(each.result() for each in asked)


@pytest.mark.parametrize(
    ("moved_s", "fetches"),
    [(0, 1), (9.9, 1), (10, 2), (86_400, 2), (-1, 2), (-86_400, 2)],
)
def test_what_failed_is_left_alone_for_ten_seconds(
    make: Make, host: Host, clock: Clock, moved_s: float, fetches: int
) -> None:
    keys, host.down = make(), {URL}
    assert refusal(keys) is Refusal.FETCH
    clock.after(moved_s)
    assert refusal(keys) is Refusal.FETCH
    assert len(host.fetched) == fetches


def test_what_is_not_trusted_is_left_alone_too(make: Make, host: Host, clock: Clock) -> None:
    good, host.pem = host.pem, pem_of(authority("stranger").leaf())
    keys = make()
    assert [refusal(keys) for _ in range(3)] == [Refusal.CHAIN] * 3
    assert host.fetched == [URL]
    clock.after(10)
    host.pem = good
    assert keys.of(URL)
    assert host.fetched == [URL] * 2


@pytest.mark.parametrize(
    "error", [SystemExit(), KeyboardInterrupt(), MemoryError(), RuntimeError(URL)], ids=repr
)
def test_whatever_fetching_raises_is_a_failure_and_no_more(
    make: Make, host: Host, clock: Clock, error: BaseException
) -> None:
    keys, host.down, host.error = make(), {URL}, error
    assert refusal(keys) is Refusal.FETCH
    assert keys.of(other(1))
    clock.after(10)
    host.down.clear()
    assert keys.of(URL)


def test_what_is_no_file_at_all_is_a_failure_and_no_more(make: Make, host: Host) -> None:
    host.pem = "a text"  # type: ignore[assignment]
    keys = make()
    assert refusal(keys) is Refusal.CHAIN
    assert keys._flights == {}


def test_failures_push_no_key_out_and_are_forgotten_themselves(make: Make, host: Host) -> None:
    keys = make()
    known = [other(n) for n in range(16)]
    for url in known:
        keys.of(url)
    failing = [other(n) for n in range(100, 300)]
    host.down = set(failing)
    assert {refusal(keys, url) for url in failing} == {Refusal.FETCH}
    host.fetched.clear()
    assert all(keys.of(url) for url in known)
    assert host.fetched == []
    assert len(keys._failed) == 64


def test_the_key_used_longest_ago_makes_room(make: Make, host: Host) -> None:
    keys = make()
    for number in range(16):
        keys.of(other(number))
    keys.of(other(0))
    keys.of(other(16))
    host.fetched.clear()
    for number in (0, *range(2, 17)):
        keys.of(other(number))
    assert host.fetched == []
    keys.of(other(1))
    assert host.fetched == [other(1)]
    assert len(keys._known) == 16


@pytest.mark.parametrize("jump", [timedelta(days=4_000), timedelta(days=-30)], ids=str)
def test_a_clock_that_jumps_and_comes_back_costs_no_key(
    make: Make, host: Host, clock: Clock, jump: timedelta
) -> None:
    keys, now = make(), clock.now
    keys.of(URL)
    clock.now = now + jump
    assert refusal(keys) is Refusal.CHAIN
    clock.now = now
    assert keys.of(URL)
    assert host.fetched == [URL] * 2


def test_a_key_holds_until_the_first_certificate_on_its_way_expires(
    make: Make, host: Host, clock: Clock
) -> None:
    start, end = START + timedelta(days=5), START + timedelta(days=20)
    short = issue("short", authority().root, authority=True, start=start, lasts=end - start)
    host.pem = pem_of(issue("leaf", short, authority=False, names=["echo-api.amazon.com"]), short)
    keys = make()
    clock.now = end
    (key,) = keys.of(URL)
    assert (key.start, key.end) == (start, end)
    clock.after(1)
    assert refusal(keys) is Refusal.CHAIN
    assert host.fetched == [URL] * 2


def test_of_two_keys_each_holds_for_its_own_time(make: Make, host: Host, clock: Clock) -> None:
    old = authority().leaf(lasts=timedelta(days=20))
    new = authority().leaf(name="other leaf")
    host.pem = pem_of(old, new, authority().intermediate)
    keys = make()
    assert len(keys.of(URL)) == 2
    clock.now = START + timedelta(days=21)
    (left,) = keys.of(URL)
    assert left.key.public_numbers() == new.key.public_key().public_numbers()
    assert host.fetched == [URL]


def test_a_host_that_hangs_holds_up_no_request_whose_key_is_known(
    world: World, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()

    def fetch(url: str) -> bytes:
        world.fetched.append(url)
        assert url == URL or release.wait(LONG_S)
        return world.pem

    monkeypatch.setattr(world, "fetch", fetch)
    app = world.app
    assert world.post(app.test_client()).status_code == 200
    stuck = threads.submit(world.post, app.test_client(), url=other(1))
    until(lambda: world.fetched == [URL, other(1)])
    try:
        assert world.post(app.test_client()).status_code == 200
        assert not stuck.done()
    finally:
        release.set()
    assert stuck.result().status_code == 200
