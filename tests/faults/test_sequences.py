"""Faults that take more than one turn to do harm: stores that come and go, files that vanish, lost clips."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from skill.content import load_content
from skill.store.guard import MOST_FAILURES, REST_S, Guard
from tests.faults.certified import Certified
from tests.faults.places import LAUNCH, SAID, STREAMS, TOLD, place
from tests.faults.worlds import FaultyStore, World, turns
from tests.intents.alexa import intent
from tests.intents.rules import said

APOLOGY = load_content().lines["apology"][0]
WHERE, YES = intent("WhereAmIIntent"), intent("AMAZON.YesIntent")


def world(moment: str, folder: Path, recorded: Path) -> World:
    """A person in this moment, on a file in `folder`."""
    file = folder / "store" / "coach.sqlite3"
    return World(file, place(moment, recorded).stored_at(file), recorded)


def fails() -> object:
    """What a call does that goes wrong."""
    raise OSError("x")


DOWN = {"load": fails, "save": fails}


@pytest.mark.parametrize("asked", ["ForgetMeIntent", "StartRoutineIntent", "AMAZON.PauseIntent"])
def test_a_question_of_another_session_is_not_answered_by_chance(
    asked: str, tmp_path: Path, recorded: Path
) -> None:
    """The store is down for the first turn of a session: what it remembers being asked, nobody has heard."""
    here = world("paused", tmp_path, recorded)
    with here.app() as client:
        here.sends(client, intent(asked))
        before = here.stored()
        here.echo.session = None
        here.store.raises = DOWN
        first = here.sends(client, LAUNCH)
        here.store.raises = {}
        here.sends(client, YES)
    assert APOLOGY not in said(first)
    assert turns(here.stored()) >= turns(before), f"deleted by a yes to {said(first)!r}"
    assert here.stored()["devices"].keys() == before["devices"].keys()


def test_while_the_store_rests_it_is_left_alone_and_the_place_is_saved_after_it(
    tmp_path: Path, recorded: Path
) -> None:
    """Nothing is asked of a store that failed thrice; then one turn tries, and saves all there is to save."""
    here, now = world("in_hold", tmp_path, recorded), [0.0]
    with here.app(Guard(here.store, now=lambda: now[0])) as client:
        saved = turns(here.stored())
        here.store.raises = DOWN
        for _ in range(MOST_FAILURES):
            here.sends(client, WHERE)
        here.store.raises = {"load": pytest.fail, "save": pytest.fail}
        for _ in range(5):
            assert "hamstring" in said(here.sends(client, WHERE))
        assert turns(here.stored()) == saved
    here.store.raises, now[0] = {}, REST_S
    with here.app() as client:
        assert "hamstring" in said(here.sends(client, WHERE))
    assert turns(here.stored()) == saved + MOST_FAILURES + 5 + 1


def test_a_save_that_comes_late_never_undoes_a_later_one(tmp_path: Path, recorded: Path) -> None:
    here = world("in_hold", tmp_path, recorded)
    here.short, here.store.held = True, {"save"}
    other = FaultyStore(str(here.file))
    with here.app() as client:
        here.sends(client, intent("AMAZON.NextIntent"))
        with here.app(other) as second:
            later = here.sends(second, intent("AMAZON.PauseIntent"))
        here.store.released.set()
    device = later["sessionAttributes"]["device"]
    assert device in here.stored()["devices"].values()


@pytest.mark.parametrize("vanishes", ["file", "folder"])
def test_a_store_that_vanishes_while_it_is_open_is_noticed(
    vanishes: str, tmp_path: Path, recorded: Path
) -> None:
    """What is saved into a file that nobody can find any more is not saved."""
    here = world("paused", tmp_path, recorded)
    with here.app() as client:
        here.sends(client, WHERE)
        if vanishes == "folder":
            shutil.rmtree(here.file.parent)
        else:
            for each in here.file.parent.iterdir():
                each.unlink()
        assert APOLOGY not in said(here.sends(client, intent("AMAZON.ResumeIntent")))
        here.echo.session = None
        answer = here.sends(client, LAUNCH)
    assert turns(here.stored()) == answer["sessionAttributes"]["device"]["turn"], "saved nowhere"


DAMAGES: Mapping[str, Callable[[Path], None]] = {
    "no folder": shutil.rmtree,
    "no clips": lambda folder: each_of(folder, "*.mp3", Path.unlink),
    "one clip missing": lambda folder: min(folder.rglob("*.mp3")).unlink(),
    "clips cut off": lambda folder: each_of(folder, "*.mp3", cut),
    "manifest torn": lambda folder: each_of(folder, "manifest.jsonl", cut),
    "manifest of junk": lambda folder: each_of(folder, "manifest.jsonl", overwrite),
}


def each_of(folder: Path, pattern: str, change: Callable[[Path], None]) -> None:
    """Change each file of that name."""
    for each in list(folder.rglob(pattern)):
        change(each)


def cut(file: Path) -> None:
    """Half of it is lost."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 7])


def overwrite(file: Path) -> None:
    """It holds something else."""
    file.write_bytes(b"\xff\x00{]\n" * 99)


@pytest.mark.parametrize("damage", DAMAGES)
def test_recordings_that_are_damaged(damage: str, tmp_path: Path, recorded: Path) -> None:
    """Before the process starts, or under its hands: everything is answered, and the place is kept."""
    usual, lost = world(STREAMS, tmp_path / "usual", recorded), tmp_path / "lost"
    with usual.app() as client:
        place_kept = said(usual.sends(client, LAUNCH))
    assert "lower back" in place_kept
    shutil.copytree(recorded, lost)
    for nth, (name, each) in enumerate([*TOLD.items(), *SAID.items()]):
        here = world(each.moment, tmp_path / str(nth), lost if each.moment == STREAMS else recorded)
        here.audio = lost
        if each.fresh:
            here.echo.session = None
        saved = turns(here.stored())
        with here.app() as client:
            if lost.exists() and not nth:
                here.sends(client, LAUNCH)
                here.echo.session = None
                DAMAGES[damage](lost)
            answer = here.sends(client, each.request)
            assert APOLOGY not in said(answer), name
            for directive in answer["response"].get("directives", []):
                if directive["type"] == "AudioPlayer.Play":
                    url = directive["audioItem"]["stream"]["url"].partition(".com")[2]
                    assert client.get(url).status_code in (200, 404, 410, 503), name
        assert turns(here.stored()) >= saved, name


def test_the_certificate_host_is_down(tmp_path: Path, recorded: Path) -> None:
    """Who has been heard before is still answered, everything there is to say; a stranger is refused."""
    here = Certified(world("in_hold", tmp_path, recorded))
    cold, warm = here.client(), here.client()
    assert here.post(warm, WHERE).status_code == 200
    here.fails = True
    for name, each in SAID.items():
        assert here.post(warm, each.request).status_code == 200, name
        assert here.post(cold, each.request).status_code == 400, name
    saved = turns(here.world.stored())
    here.fails = False
    assert here.post(here.client(), WHERE).status_code == 200
    assert turns(here.world.stored()) == saved + 1
