"""Who takes turns until the process is killed that answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread

from skill.store.sqlite import SqliteStore
from tests.faults.served import GONE, Answer, Served
from tests.intents.alexa import Clock, Echo, Json, intent, skill_on
from tests.store.counter import Counter

AT_ONCE = 32
LIST = intent("ListStretchesIntent")


def take_turns(path: str, acknowledge: Connection) -> None:
    """Ask for the stretches for ever; after each answer send its turn's number."""
    clock = Clock()
    echo = Echo(skill_on(SqliteStore(path), clock), clock)
    while True:
        echo.asks("ListStretchesIntent")
        acknowledge.send(echo.answer["sessionAttributes"]["device"]["turn"])


def count_in_threads(path: str, acknowledge: Connection) -> None:
    """Count in one record, in many threads at once; after each save send how many there were."""
    store, told, line = SqliteStore(path), count(1), Lock()

    def tell() -> None:
        with line:
            acknowledge.send(next(told))

    counters = [Counter(f"counter {nth}", store, tell) for nth in range(AT_ONCE)]
    threads = [Thread(target=counter.counts, args=(10**6,)) for counter in counters]
    for thread in threads:
        thread.start()


@dataclass
class Caller:
    """A device that asks again what was not answered, as Alexa does, and remembers what was."""

    echo: Echo
    asking: Json | None = None
    """What has not been answered yet."""
    asked: Json | None = None
    answer: Answer | None = None
    """The last that was answered, and how."""
    turns: int = 0
    """How many requests have been answered, each counted once."""

    def asks(self, server: Served) -> None:
        """One turn. Raises one of GONE where the server is killed."""
        self.asking = self.asking or self.echo.body(LIST)
        answer = server.post(self.asking)
        assert answer.status == 200, answer
        assert self.echo.session
        self.echo.session["attributes"] = answer.body["sessionAttributes"]
        self.asking, self.asked, self.answer = None, self.asking, answer
        self.turns += 1

    def asks_until(self, stop: Event, server: Served) -> None:
        """Turn after turn, until the server is gone."""
        while not stop.is_set():
            try:
                self.asks(server)
            except GONE:
                return

    def repeats(self, server: Served) -> None:
        """The last request that was answered gets the same answer again."""
        if self.asked:
            again = server.post(self.asked)
            assert self.answer
            assert (again.status, again.body) == (200, self.answer.body), f"{again} after {self.answer}"


def last_turns(callers: Sequence[Caller]) -> dict[tuple[str, str], int]:
    """How many turns each person has taken on each device, as far as they were told."""
    told: dict[tuple[str, str], int] = {}
    for caller in callers:
        key = caller.echo.user, caller.echo.device
        told[key] = told.get(key, 0) + caller.turns
    return told
