"""`sciatica-coach backup` and `restore`, while real `serve` processes answer."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from skill.cli import main
from skill.commands import backup as backup_command
from skill.commands import restore as restore_command
from skill.intents.device import device_key
from skill.store.sqlite import SqliteStore
from tests.command import COMMAND, Result, Run, runner
from tests.faults.served import Served, device, serving, store_in
from tests.intents.alexa import parsed
from tests.store.speakers import ANNA, BERT, speaks
from tests.store.test_durable import LAUNCH, is_whole
from tests.store.writer import Caller

DEADLINE_S = 60
TODAY = datetime.now(UTC).date()
USERS = (ANNA, BERT, "amzn1.ask.account.CARL")
TALKED = 15
"""Turns of each, before a command is run and after."""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command on the store in the folder, in this process: another takes a second to start."""

    def run(*arguments: str | Path, **settings: str) -> Result:
        given = [str(each) for each in arguments]
        with monkeypatch.context() as patch:
            patch.setattr("skill.cli.set_up", lambda _: None)
            for name, value in (environment(tmp_path) | settings).items():
                patch.setenv(name, value)
            status = main(given)
        return Result(given, status, *capsys.readouterr())

    return run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one person in it."""
    path = store_in(tmp_path)
    save(path, a=1)
    return path


def save(path: Path, **record: object) -> None:
    """Somebody takes a turn."""
    store = SqliteStore(str(path))
    store.save_attributes(speaks(), record)
    store.close()


def environment(folder: Path) -> dict[str, str]:
    """Settings of the command."""
    return {"SCIATICA_STORE": f"sqlite:///{store_in(folder)}", "XDG_DATA_HOME": str(folder), "COLUMNS": "100"}


@dataclass
class Crowd:
    """Several who talk at once, each on one device."""

    callers: list[Caller]
    talking: list[Future[None]]

    def talks(self) -> list[int]:
        """Wait until each has been answered some more; returns how many turns each was told then."""
        wanted = [caller.turns + TALKED for caller in self.callers]
        while any(caller.turns < each for caller, each in zip(self.callers, wanted, strict=True)):
            for each in self.talking:
                assert not each.done(), each.result()
            Event().wait(0.01)
        return self.told()

    def told(self) -> list[int]:
        """How many turns each was told."""
        return [caller.turns for caller in self.callers]


@contextmanager
def crowd(server: Served) -> Iterator[Crowd]:
    """They talk all the while; each answer must be a good one."""
    callers, stop = [Caller(device(user)) for user in USERS], Event()
    with ThreadPoolExecutor(len(callers)) as pool:
        talking = [pool.submit(caller.asks_until, stop, server) for caller in callers]
        try:
            yield Crowd(callers, talking)
        finally:
            stop.set()
    for each in talking:
        each.result()


def turns_in(path: Path) -> list[int]:
    """How many turns of each are stored."""
    store = SqliteStore(str(path))
    try:
        return [_turns(store, user) for user in USERS]
    finally:
        store.close()


def _turns(store: SqliteStore, user: str) -> int:
    envelope = parsed(device(user).body(LAUNCH))
    devices = store.get_attributes(envelope).get("devices", {})
    return int(devices.get(device_key(envelope), {}).get("turn", 0))


def test_a_backup_under_load_holds_every_turn_answered_before_and_comes_back_under_load(
    tmp_path: Path,
) -> None:
    backup, run = tmp_path / "backup", runner(environment(tmp_path), DEADLINE_S)
    with serving(tmp_path) as server:
        with crowd(server) as people:
            before = people.talks()
            taken = run("backup", backup)
            after = people.told()
            assert (taken.returncode, taken.stderr) == (0, "")
            assert taken.stdout.startswith(f"{backup}: {len(USERS)} people, last seen on {TODAY}; ")
            assert backup.stat().st_mode & 0o777 == 0o600
            is_whole(backup)
            kept = turns_in(backup)
            for least, stored, most in zip(before, kept, after, strict=True):
                assert least <= stored <= most + 1
            later = SqliteStore(str(store_in(tmp_path)))
            later.save_attributes(speaks("later"), {})
            people.talks()
            replaced = run("restore", "--force", backup)
            assert (replaced.returncode, replaced.stderr) == (0, "")
            assert f"; replaced {len(USERS) + 1} people, last seen on {TODAY}" in replaced.stdout
            assert later.get_attributes(speaks("later")) == {}
            later.close()
            people.talks()
        is_whole(store_in(tmp_path))
        stored, told = turns_in(store_in(tmp_path)), people.told()
        for then, now, at_all in zip(kept, stored, told, strict=True):
            assert now < at_all, "what was told after the backup has come back"
            assert now >= then + TALKED - 1, "what was told after the restore is not kept"
        log = server.log.read_text("utf-8")
    assert "Traceback" not in log
    assert "malformed" not in log


def test_a_store_that_is_not_there_is_restored_without_more_words(
    path: Path, tmp_path: Path, run: Run
) -> None:
    backup = tmp_path / "backup"
    assert run("backup", backup).returncode == 0
    for file in tmp_path.glob("coach.sqlite3*"):
        file.unlink()
    restored = run("restore", backup)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert restored.stdout == f"{path}: 1 person, last seen on {TODAY}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert content(path) == {"a": 1, "revision": 1}


def test_nothing_is_replaced_unless_that_is_asked_for(path: Path, tmp_path: Path, run: Run) -> None:
    backup = tmp_path / "backup"
    backup.write_text("mine")
    refused = run("backup", backup)
    assert refused.returncode == 2
    assert f"{backup} exists; --force replaces it" in refused.stderr
    assert backup.read_text() == "mine"
    assert run("backup", "--force", backup).returncode == 0
    is_whole(backup)
    save(path, a=2)
    kept = run("restore", backup)
    assert kept.returncode == 2
    assert f"{path} holds 1 person, last seen on {TODAY}: make a backup of it; --force" in kept.stderr
    assert content(path) == {"a": 2, "revision": 2}
    assert names(tmp_path) == {path.name, "backup"}


def names(folder: Path) -> set[str]:
    """What is in the folder; SQLite's own files beside the store come and go."""
    return {file.name for file in folder.iterdir()} - {"coach.sqlite3-wal", "coach.sqlite3-shm"}


def content(path: Path) -> dict[str, object]:
    """What is stored of the one person."""
    store = SqliteStore(str(path))
    try:
        return store.get_attributes(speaks())
    finally:
        store.close()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["backup", "nowhere/backup"], "nowhere/backup cannot be written: there is no folder nowhere"),
        (["backup", "."], ". is a folder; allowed: the name of a file"),
        (["backup", "--force", "coach.sqlite3"], "coach.sqlite3 is the store itself"),
        (["backup", "coach.sqlite3-wal"], "coach.sqlite3-wal is a part of the store; allowed: any other"),
        (["backup", "--force", "coach.sqlite3-shm"], "coach.sqlite3-shm is a part of the store"),
        (["restore", "coach.sqlite3-wal"], "coach.sqlite3-wal is a part of the store"),
        (["backup", "/proc/backup"], "No such file or directory"),
        (["restore", "nothing"], "nothing does not exist; allowed: a file that backup wrote"),
        (["restore", "."], ". does not exist; allowed: a file"),
        (["restore", "coach.sqlite3"], "coach.sqlite3 is the store itself"),
        (["restore", "letter"], "letter: file is not a database"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_told(
    arguments: list[str], named: str, path: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("letter").write_text("Dear Sir or Madam, " * 100)
    holder = SqliteStore(str(path))
    holder.ping()  # so that its -wal and -shm are there
    told = run(*arguments)
    holder.close()
    assert (told.returncode, told.stdout) == (2, "")
    assert named in told.stderr
    assert names(tmp_path) == {path.name, "letter"}
    assert content(path) == {"a": 1, "revision": 1}


def test_where_nothing_is_kept_there_is_nothing_to_back_up(tmp_path: Path, run: Run) -> None:
    told = run("backup", tmp_path / "backup")
    assert told.returncode == 2
    assert f"{store_in(tmp_path)} does not exist: there is nothing to back up" in told.stderr
    assert names(tmp_path) == set()


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize(
    ("url", "backup", "restore"),
    [
        ("postgresql://coach:hush@db/coach", "pg_dump", "pg_restore"),
        ("postgres://coach:hush@db/coach", "pg_dump", "pg_restore"),
        ("dynamodb://coach?region=eu-west-1", *["DynamoDB's point-in-time recovery"] * 2),
    ],
)
def test_other_stores_have_tools_of_their_own(
    command: str, url: str, backup: str, restore: str, tmp_path: Path, run: Run
) -> None:
    told = run(command, tmp_path / "backup", SCIATICA_STORE=url)
    assert (told.returncode, told.stdout) == (2, "")
    tool = backup if command == "backup" else restore
    assert f"{url.partition(':')[0]}://…', not a SQLite file; use {tool}" in told.stderr
    assert "hush" not in told.stderr


@only_root
def test_what_root_restores_stays_with_whom_it_was(path: Path, tmp_path: Path, run: Run) -> None:
    """Once as the file's owner, which it keeps, and once as the folder's, where there is no file."""
    backup = tmp_path / "backup"
    assert run("backup", backup).returncode == 0
    for owned in (path, tmp_path):
        os.chown(owned, 12_345, 12_346)
    os.chown(path, 12_347, 12_348)
    for owner in ((12_347, 12_348), (12_345, 12_346)):
        assert run("restore", "--force", backup).returncode == 0
        store = SqliteStore(str(path))
        store.save_attributes(speaks(BERT), {})  # while it is open, its log is there
        files = [file.stat() for file in tmp_path.glob("coach.sqlite3*")]
        store.close()
        assert [(each.st_uid, each.st_gid) for each in files] == [owner] * 3
        for file in tmp_path.glob("coach.sqlite3*"):
            file.unlink()


@only_root
def test_whoever_may_not_give_a_new_store_away_is_told(
    path: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, other = tmp_path / "backup", tmp_path / "other"
    assert run("backup", backup).returncode == 0
    other.mkdir()
    os.chown(other, 12_345, 12_346)
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    restored = run("restore", backup, SCIATICA_STORE=f"sqlite:///{other}/coach.sqlite3")
    assert restored.returncode == 0
    assert "is new, and another's than its folder" in restored.stdout


def test_a_store_that_may_not_be_opened_is_told_with_what_to_look_at(path: Path, run: Run) -> None:
    path.unlink()
    path.mkdir()
    told = run("backup", path.with_name("backup"))
    assert told.returncode == 2
    assert f"unable to open database file: look at the permissions of {path} and of its folder" in told.stderr


@contextmanager
def interrupted() -> Iterator[object]:
    """Ctrl-C, once something has been copied."""

    def press(done: int, of: int) -> None:
        signal.raise_signal(signal.SIGINT)

    yield press


def test_a_backup_that_is_interrupted_leaves_nothing_behind(
    path: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_command, "copying_progress", interrupted)
    assert run("backup", tmp_path / "backup").returncode == 130
    assert names(tmp_path) == {path.name}


@pytest.mark.parametrize("copies", [1, 2], ids=["while it is checked", "while it is put back"])
def test_a_restore_that_is_interrupted_changes_nothing(
    copies: int, path: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, calls = tmp_path / "backup", count(1)
    save(path, long="x" * 100_000)
    assert run("backup", backup).returncode == 0
    save(path, a=2)
    monkeypatch.setattr("skill.store.sqlite.backup._PAGES", 5)
    monkeypatch.setattr(
        restore_command,
        "copying_progress",
        lambda: interrupted() if next(calls) == copies else nullcontext(lambda done, of: None),
    )
    assert run("restore", "--force", backup).returncode == 130
    assert names(tmp_path) == {path.name, "backup"}
    assert content(path) == {"a": 2, "revision": 3}
    is_whole(path)


def test_a_full_disk_leaves_nothing_behind(path: Path, tmp_path: Path) -> None:
    save(path, long="x" * 200_000)
    shell = f"ulimit -f 100; trap '' XFSZ; exec '{COMMAND}' backup '{tmp_path / 'backup'}'"
    told = subprocess.run(
        ["bash", "-c", shell],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=DEADLINE_S,
        check=False,
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert f"{path}, copied to {tmp_path}: " in told.stderr
    assert "Traceback" not in told.stderr
    assert names(tmp_path) == {path.name}
