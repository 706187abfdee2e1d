"""Two webhooks on one PostgreSQL: a person goes from one to the other, and kill -9 loses nothing."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg
import pytest

from tests.conversations.client import Device
from tests.conversations.script import SCRIPT, hold
from tests.deploy.conftest import Heard, heard
from tests.deploy.topology import host
from tests.deploy.webhooks import SharedClock, Webhook, webhooks
from tests.faults.served import GONE
from tests.intents.alexa import Json
from tests.store.postgresql_server import PostgresqlServer
from tests.store.writer import Caller

SAVES_WITHIN_S = 10
WAITING = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
)
LOST = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'"


@dataclass
class Visits:
    """Asks one webhook, then the other. In each turn of `kills` the one is killed while it saves.

    What it was saving is still done by PostgreSQL; every second time it is lost. Either way the person
    asks again, at the other webhook, and the killed one comes back.
    """

    behind: list[Webhook]
    store: str
    kills: frozenset[int]
    turns: int = 0
    killed: int = 0
    cut_off: int = 0
    replayed: float = 0.0

    def ask(self, body: Json) -> Json:
        """One turn."""
        self.turns += 1
        here, other = self.behind[self.turns % 2], self.behind[(self.turns + 1) % 2]
        if self.turns not in self.kills:
            return self._answered(here, body)
        self._killed_while_it_saves(here, body)
        answer = self._answered(other, body)
        assert other.served
        self.replayed = max(self.replayed, other.served.replays())
        here.start()
        return answer

    def _answered(self, webhook: Webhook, body: Json) -> Json:
        answer = webhook.post(body)
        assert answer.status == 200, answer
        return answer.body

    def _killed_while_it_saves(self, webhook: Webhook, body: Json) -> None:
        end = monotonic() + SAVES_WITHIN_S
        with ThreadPoolExecutor(1) as pool, nothing_can_be_saved(self.store) as held:
            unanswered = pool.submit(webhook.post, body)
            while not held.is_waited_for():
                assert monotonic() < end, f"nobody saves in turn {self.turns}"
                if unanswered.done():  # it gave up before it was seen: nothing is stored
                    unanswered = pool.submit(webhook.post, body)
            webhook.kill()
            self.killed += 1
            held.let_go(lost=self.killed % 2 == 0)
            self.cut_off += isinstance(unanswered.exception(), GONE)


@dataclass
class Held:
    """A store in which whoever saves waits. holder: holds the lock. watcher: sees who waits."""

    holder: psycopg.Connection
    watcher: psycopg.Connection

    def is_waited_for(self) -> bool:
        """Whether somebody waits just now."""
        return self.watcher.execute(WAITING).fetchone() != (0,)

    def let_go(self, *, lost: bool) -> None:
        """Of who waits; what they save is lost, or done."""
        if lost:
            self.watcher.execute(LOST)
        self.holder.commit()


@contextmanager
def nothing_can_be_saved(store: str) -> Iterator[Held]:
    """Until it is let go of."""
    with psycopg.connect(store) as holder, psycopg.connect(store, autocommit=True) as watcher:
        holder.execute("lock table person in share mode")
        yield Held(holder, watcher)


@pytest.fixture
def store(database: PostgresqlServer) -> str:
    """An empty database."""
    return database.fresh()


def visited(folder: Path, store: str, kills: frozenset[int]) -> tuple[Visits, list[Heard]]:
    """The whole conversation, with these kills."""
    clock = SharedClock()
    with webhooks(folder, 2, clock, {"SCIATICA_STORE": store}) as behind:
        visits = Visits(behind, store, kills)
        answers = hold(Device(visits.ask, clock))
        assert visits.killed == len(kills)
        return visits, heard(answers)


def test_a_conversation_goes_on_at_the_other_webhook(tmp_path: Path, store: str, plain: list[Heard]) -> None:
    """Word for word, place for place and turn for turn as without any kill."""
    visits, answers = visited(tmp_path, store, frozenset({12, 47}))
    assert answers == plain
    assert visits.cut_off
    assert visits.replayed, "what PostgreSQL still saved is not done again"


@pytest.mark.long
def test_a_conversation_with_a_kill_in_every_third_turn(
    tmp_path: Path, store: str, plain: list[Heard]
) -> None:
    visits, answers = visited(tmp_path, store, frozenset(range(3, len(SCRIPT), 3)))
    print(f"\n{visits.killed} kills in {visits.turns} turns, {visits.cut_off} of them before the answer")
    assert answers == plain


def kills_behind_nginx(folder: Path, store: str, kills: int) -> int:
    """Kill webhooks while somebody talks through nginx, who never notices; returns the number of turns."""
    chance = random.Random(5)
    with host("nginx", folder, store) as there, ThreadPoolExecutor(1) as pool:
        caller = Caller(there.device("nobody-notices"))
        for nth in range(kills):
            webhook, stop = there.webhooks[nth % 2], Event()
            killed = pool.submit(
                lambda at=webhook, when=stop: (when.wait(chance.uniform(0, 0.15)), at.kill())
            )
            before = caller.turns
            while not killed.done() or caller.turns < before + 3:
                caller.asks(there)
                assert caller.answer
                assert caller.answer.turn == caller.turns
            killed.result()
            webhook.start()
        for webhook in there.webhooks:
            assert webhook.served
            assert "Traceback" not in webhook.log.read_text("utf-8")
        return caller.turns


def test_behind_nginx_nobody_notices_a_kill(tmp_path: Path, store: str) -> None:
    assert kills_behind_nginx(tmp_path, store, 2) >= 6


@pytest.mark.long
def test_behind_nginx_nobody_notices_60_kills(tmp_path: Path, store: str) -> None:
    print(f"\n60 kills, {kills_behind_nginx(tmp_path, store, 60)} turns")
