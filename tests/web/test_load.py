"""Many at once on one person: every answered turn counts once, whoever was faster."""

import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask

from skill.config import Config
from skill.intents.device import device_key
from skill.intents.turn import utc_now
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from tests.faults.served import Answer, device, serving, store_in
from tests.intents.alexa import SECRET, Clock, Echo, Json, intent, matched, parsed
from tests.intents.rules import check_response, said

USER = "amzn1.ask.account.everybody"
DEVICES = ("kitchen", "bedroom")
TWICE = 0.2
"""How many requests are sent twice at the same time."""
STRETCH = intent(
    "StretchIntent", {"stretch": matched("hamstring", "hamstring"), "side": matched("left", "left")}
)
REQUESTS = (
    intent("ListStretchesIntent"),
    intent("AMAZON.PauseIntent"),
    intent("AMAZON.NextIntent"),
    intent("AMAZON.HelpIntent"),
    STRETCH,
)
LOADED_S = 30
ALEXA_WAITS_S = 8
COUNTED = ("store_conflicts", "store_failures")

Post = Callable[[Json], Answer]


@dataclass
class Seen:
    """What one client was answered."""

    turns: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    took_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    doubled: int = 0


def client(nth: int, posts: Sequence[Post], more: Callable[[int], bool], pool: ThreadPoolExecutor) -> Seen:
    """Talk, to each server in turn, as long as `more` says so."""
    chance, seen = random.Random(nth), Seen()
    echo = device(USER, DEVICES[nth % 2])
    for turn in count():
        if not more(turn):
            return seen
        body = echo.body(chance.choice(REQUESTS))
        twice = chance.random() < TWICE
        asked = [posts[(nth + turn + each) % len(posts)] for each in range(1 + twice)]
        answers = [future.result() for future in [pool.submit(post, body) for post in asked]]
        seen.took_s += [answer.took_s for answer in answers]
        seen.doubled += twice
        if any(answer.status != 200 or answer.body != answers[0].body for answer in answers):
            seen.wrong.append(f"{[answer.status for answer in answers]} {answers}"[:2000])
            continue
        check_response(answers[0].body)
        seen.turns[echo.device].append(answers[0].turn)
        assert echo.session
        ended = answers[0].body["response"]["shouldEndSession"]
        echo.session = None if ended else {**echo.session, "attributes": answers[0].body["sessionAttributes"]}
    raise AssertionError("unreachable")


def every_turn_counts_once(seen: Sequence[Seen], path: Path) -> int:
    """Hold what the clients were answered against what is stored; returns how many turns there were."""
    assert [wrong for each in seen for wrong in each.wrong] == []
    turns = {name: [turn for each in seen for turn in each.turns[name]] for name in DEVICES}
    for name, numbers in turns.items():
        twice = [number for number, times in Counter(numbers).items() if times > 1]
        assert not twice, f"{name}: {len(twice)} turns were given to two requests, {twice[:5]}"
        assert stored_turn(path, name) == len(numbers) == max(numbers, default=0), name
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    return sum(map(len, turns.values()))


def stored_turn(path: Path, name: str) -> int:
    """The number of the last turn on a device, read by somebody who comes later."""
    store = SqliteStore(str(path))
    envelope = parsed(device(USER, name).body({"type": "LaunchRequest"}))
    record = store.get_attributes(envelope)
    store._connection().close()
    return int(record["devices"][device_key(envelope)]["turn"])


def talk(clients: int, posts: Sequence[Post], more: Callable[[int], bool]) -> list[Seen]:
    """So many clients at once."""
    with ThreadPoolExecutor(clients) as talking, ThreadPoolExecutor(2 * clients) as pool:
        started = [talking.submit(client, nth, posts, more, pool) for nth in range(clients)]
        return [each.result() for each in started]


def posts_to(app: Flask) -> Post:
    """Asks an application in this process."""

    def post(body: Json) -> Answer:
        begun = monotonic()
        response = app.test_client().post("/alexa", json=body)
        return Answer(response.status_code, response.get_json(), monotonic() - begun)

    return post


@pytest.fixture
def posts(tmp_path: Path) -> list[Post]:
    """Ask one of two applications on one file."""
    return [posts_to(app) for app in applications(tmp_path, utc_now)]


def applications(folder: Path, clock: Callable[[], datetime]) -> list[Flask]:
    """Two on one file."""
    config = Config(store=f"sqlite:///{store_in(folder)}", audio=str(folder / "audio"), secret=SECRET)
    return [create_app(config, clock=clock, verify=False) for _ in range(2)]


def test_no_turn_of_many_at_once_is_lost_or_counted_twice(tmp_path: Path, posts: list[Post]) -> None:
    seen = talk(8, posts, lambda turn: turn < 25)
    assert every_turn_counts_once(seen, store_in(tmp_path)) == 200
    assert sum(each.doubled for each in seen) > 20


def test_pause_and_next_at_the_same_moment_are_both_done(tmp_path: Path) -> None:
    """On one device, from two sessions: whoever comes second answers upon what the first has done."""
    for nth in range(12):
        clock = Clock()
        posts = [posts_to(app) for app in applications(tmp_path / str(nth), clock)]
        echo = device(USER)
        for request in (intent("StartRoutineIntent"), intent("AMAZON.NoIntent"), STRETCH):
            asked = goes_on(echo, posts[0](echo.body(request)))
            clock.after(20)
        other = replace(echo, session={**(echo.session or {}), "sessionId": "amzn1.echo-api.session.other"})
        bodies = [echo.body(intent("AMAZON.PauseIntent")), other.body(intent("AMAZON.NextIntent"))]
        with ThreadPoolExecutor(2) as both:
            paused, moved = both.map(lambda post, body: post(body), posts, bodies)
        assert sorted(answer.turn for answer in (paused, moved)) == [asked.turn + 1, asked.turn + 2]
        last = goes_on(echo, max(paused, moved, key=lambda answer: answer.turn))
        state = last.body["sessionAttributes"]["device"]["state"]
        assert state == ("paused" if last is paused else "playing"), f"pause is lost: {state}"
        where = said(posts[1](echo.body(intent("WhereAmIIntent"))).body)
        assert "This is the hamstring stretch, left leg" not in where, f"next is lost: {where}"
        assert "back flexion" in where, where


def goes_on(echo: Echo, answer: Answer) -> Answer:
    """The session of `echo` carries what was answered."""
    assert echo.session
    echo.session["attributes"] = answer.body["sessionAttributes"]
    return answer


@pytest.mark.long
def test_64_clients_on_one_person_for_half_a_minute(tmp_path: Path) -> None:
    with serving(tmp_path, "one") as one, serving(tmp_path, "other") as other:
        servers, end = (one, other), monotonic() + LOADED_S
        seen = talk(64, [server.post for server in servers], lambda _: monotonic() < end)
        counted = {name: sum(each.counted(f"sciatica_{name}") for each in servers) for name in COUNTED}
        replays = sum(each.replays() for each in servers)
    took_s = sorted(took for each in seen for took in each.took_s)
    p50, p99, longest = (took_s[round((len(took_s) - 1) * part)] for part in (0.5, 0.99, 1))
    answered = sum(len(turns) for each in seen for turns in each.turns.values())
    twice = sum(each.doubled for each in seen)
    print(f"\n{answered / LOADED_S:.0f} turns/s, {twice} of {answered} sent twice; {counted}")
    print(f"p50 {p50:.3f} s, p99 {p99:.3f} s, longest {longest:.3f} s")
    log = "".join(server.log.read_text("utf-8") for server in servers)
    assert "ERROR" not in log, f"something went wrong in a server: {log[:2_000]}"
    assert "Traceback" not in log
    every_turn_counts_once(seen, store_in(tmp_path))
    assert replays == twice
    assert longest < ALEXA_WAITS_S
