"""Each fault, while each thing is said: a useful answer, within 2 s, and nothing lost that was saved."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from skill.content import load_content
from skill.store.guard import LIMIT_S
from tests.faults.faults import CLOCK_FAULTS, STORE_FAULTS, Fault
from tests.faults.places import LAUNCH, SAID, STREAMS, TOLD, Said, place
from tests.faults.worlds import World, turns
from tests.intents.alexa import Json, intent
from tests.intents.rules import said

WITHIN_S = 2.0
APOLOGY = load_content().lines["apology"][0]
NOT_KEPT = load_content().lines["stopped_not_kept"][0]
PROMISED = re.compile("|".join(map(re.escape, load_content().lines["stopped"])))
WHERE = intent("WhereAmIIntent")
EVERYTHING = {**SAID, **TOLD}
WITHOUT_FAILURE = ("log lost", "record torn", "record of junk", "record of a newer version")
"""What the store does not notice."""
LOST_WITH_IT = ("record torn", "record of junk")
"""Where the place was in what is damaged: it is known to a session that is open, and to nobody else."""


LEGEND = """
ok: answered as if nothing were broken.   new: answered as to somebody new, as nothing could be read.
,old: what comes after it goes on from the place of before, as this turn could not be saved.
unkept: the session ends, and it is owned up to that the place could not be kept.
anew: begins anew, as the place was in what is damaged.   kept: another answer, for the same stretch.
"""


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, dict[str, str]]]:
    """What came of each fault; printed at the end."""
    rows: dict[str, dict[str, str]] = {}
    yield rows
    names = list(EVERYTHING)
    print(f"\n{len(rows)} faults, {sum(map(len, rows.values()))} cells{LEGEND}")
    print(" " * 27, *(f"{name.replace('button ', '')[:8]:8}" for name in names))
    for fault, row in rows.items():
        print(f"{fault:27}", *(f"{row.get(name, '-'):8}" for name in names))


def whole(_: World) -> Iterator[None]:
    """Nothing is broken."""
    yield


class Went:
    """How one thing said went, with a fault or without: the answer, and what was said next."""

    def __init__(self, said_: Said, fault: Fault, folder: Path, recorded: Path) -> None:
        file = folder / "store" / "coach.sqlite3"
        self.world = world = World(file, place(said_.moment, recorded).stored_at(file), recorded)
        try:
            self._go(said_, fault)
        finally:
            world.store.released.set()

    def _go(self, said_: Said, fault: Fault) -> None:
        world = self.world
        if said_.fresh:
            world.echo.session = None
        self.before = world.stored()
        steps = fault(world)
        next(steps)
        with world.app() as client:
            self.answer = world.sends(client, said_.request)["response"]
            next(steps, None)
        self.calls, self.failures = world.calls, world.failures
        world.short = False
        self.kept = world.stored()
        world.clock.after(5)
        self.fresh_next = world.echo.session is None
        with world.app(type(world.store)(str(world.file))) as client:
            self.next = world.sends(client, LAUNCH if self.fresh_next else WHERE)["response"]
        self.after = world.stored()


@cache
def reference(name: str, folder: Path, recorded: Path) -> Went:
    """How it goes where nothing is broken."""
    return Went(EVERYTHING[name], whole, folder / "reference" / name.replace(" ", "_"), recorded)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files are."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "reference").mkdir()
    return folder


Table = dict[str, dict[str, str]]


@pytest.mark.parametrize("fault", STORE_FAULTS)
def test_a_store_that_fails(fault: str, table: Table, folder: Path, recorded: Path) -> None:
    row, wrong, broke = table.setdefault(fault, {}), {}, 0
    for name, each in EVERYTHING.items():
        usual, here = reference(name, folder, recorded), folder / f"{fault} {name}".replace(" ", "_")
        went = Went(each, STORE_FAULTS[fault], here, recorded)
        broke += bool(went.failures)
        try:
            row[name] = judged(fault, each, went, usual)
        except AssertionError as error:
            row[name], wrong[name] = "LOST", str(error)
    assert wrong == {}
    assert broke > len(EVERYTHING) / 2 or fault in WITHOUT_FAILURE, "nothing was broken"


@pytest.mark.parametrize("fault", CLOCK_FAULTS)
def test_a_clock_that_is_set(fault: str, table: Table, folder: Path, recorded: Path) -> None:
    """The stretch is the same, and it goes on; what there is left of a hold nobody can know.

    A year later, what was playing is over: that nobody can tell from a year that has passed.
    """
    row = table.setdefault(fault, {})
    for name, each in EVERYTHING.items():
        usual, here = reference(name, folder, recorded), folder / f"{fault} {name}".replace(" ", "_")
        went = Went(each, CLOCK_FAULTS[fault], here, recorded)
        assert went.calls <= 2
        for response in (went.answer, went.next):
            assert APOLOGY not in said({"response": response}), name
        assert turns(went.after) == turns(usual.after), name
        passed = {"back flexion"} if fault == "clock a year ahead" else set()
        led = stretches(usual.next) | stretches(usual.answer) | passed
        assert stretches(went.next) & led, f"{name}: {_words(went.next)} instead of {_words(usual.next)}"
        row[name] = "ok" if went.answer == usual.answer else "kept"


STRETCHES = ("lower back", "hamstring", "back flexion", "piriformis")


def stretches(response: Json) -> set[str]:
    """The stretches that an answer names."""
    return {stretch for stretch in STRETCHES if stretch in json.dumps(response).lower()} or {"none"}


def _promising_nothing(response: Json) -> str:
    """An answer, as if the place after a pause were in the session alone."""
    lines = load_content().lines
    return json.dumps(response).replace(lines["ask_resume"][0], lines["ask_go_on"][0])


def judged(fault: str, each: Said, went: Went, usual: Went) -> str:
    """What came of it, as LEGEND tells. Raises AssertionError where it is not good enough."""
    alone = each.fresh or each.moment == STREAMS
    assert went.calls * LIMIT_S <= WITHIN_S, f"{went.calls} calls of the store"
    has_room = fault == "disk full"  # on its last page, for some that write little
    assert went.failures or has_room or fault in WITHOUT_FAILURE, "nothing was broken"
    for response in (went.answer, went.next):
        assert APOLOGY not in said({"response": response})
    same, same_next = (
        _promising_nothing(one) == _promising_nothing(other)
        for one, other in ((went.answer, usual.answer), (went.next, usual.next))
    )
    if not same and NOT_KEPT in _words(went.answer):
        assert PROMISED.search(_words(usual.answer)), "a promise is taken back that was not made"
        return "unkept"
    assert same or alone, f"{_words(went.answer)} instead of {_words(usual.answer)}"
    if fault in LOST_WITH_IT and alone:
        return "anew"
    assert turns(went.kept) >= turns(went.before) - (fault == "log lost"), "something saved was lost"
    assert same_next or went.fresh_next or not same, f"{_words(went.next)} instead of {_words(usual.next)}"
    led = {"lower back" if each.moment == STREAMS else "hamstring"}
    assert stretches(went.next) & (led | stretches(usual.next)), f"the place is lost: {_words(went.next)}"
    if not alone and fault != "record of a newer version":
        assert turns(went.after) == turns(usual.after) or went.fresh_next, "not saved again"
    return f"{'ok' if same else 'new'}{'' if same_next else ',old'}"


def _words(response: Mapping[str, object]) -> str:
    return said({"response": response}) or json.dumps(response)[:200]
