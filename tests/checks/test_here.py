"""What is looked at on this host itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest

from skill.commands.checks import here as here_module
from skill.commands.checks import store as module
from skill.commands.checks.finding import Finding, Verdict
from skill.commands.checks.here import recordings, skill_id
from skill.commands.checks.permissions import permissions
from skill.commands.checks.store import network_of, store
from skill.config import Config


def config(folder: Path, **more: str) -> Config:
    return Config(store=f"sqlite:///{folder}/c.sqlite3", audio=str(folder), **more)  # type: ignore[arg-type]


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


def test_a_store_that_can_be_written_is_a_tick_with_its_speed(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite3").touch()
    found = by_name(store(config(tmp_path)))
    assert found["places"].verdict is Verdict.WELL
    assert found["places"].found.startswith(f"kept in sqlite:///{tmp_path}/c.sqlite3; ")
    assert found["places"].found.endswith(" ms a call")
    assert "local" in found["disk"].found


@pytest.mark.parametrize("folder", [".", "none/yet"])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, folder: str) -> None:
    before = [*tmp_path.rglob("*")]
    found = by_name(store(config(tmp_path / folder)))
    assert found["places"].verdict is Verdict.UNSURE
    file = tmp_path / folder / "c.sqlite3"
    assert found["places"].found == f"there is none yet at {file}; the first turn makes it"
    assert "local" in found["disk"].found
    assert [*tmp_path.rglob("*")] == before


def test_a_store_that_cannot_be_written_is_a_cross(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (found,) = store(config(tmp_path / "file"))
    assert found.verdict is Verdict.WRONG
    assert "SCIATICA_STORE" in found.mend


@pytest.mark.parametrize(
    "url", ["postgresql://coach:hidden@127.0.0.1:1/coach", "mysql://coach:hidden@db/coach", "dynamodb://"]
)
def test_no_password_is_told_whatever_is_wrong(url: str) -> None:
    (found,) = store(Config(store=url))
    assert found.verdict is Verdict.WRONG
    assert "hidden" not in f"{found}"


def test_a_store_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()
    (tmp_path / "c.sqlite3").touch()
    monkeypatch.setattr(module, "_round_trip_ms", lambda _: over.wait(20))
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    (found,) = store(config(tmp_path))
    over.set()
    assert found.found.endswith("no answer within 0.05 s")


def test_a_full_disk_is_a_cross(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_FREE", 1 << 62)
    found = by_name(store(config(tmp_path)))["disk"]
    assert found.verdict is Verdict.WRONG
    assert "MB free" in found.found


MOUNTS = """
/dev/sda1 / ext4 rw 0 0
nas:/coach /srv/nas nfs4 rw 0 0
tmpfs /srv/nas/fast tmpfs rw 0 0
//nas/c /mnt/c cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/var/c.sqlite3", ""), ("/srv/nas/c.sqlite3", "nfs4"), ("/srv/nas/fast/c", ""), ("/mnt/c/d/e", "cifs")],
)
def test_a_network_file_system_is_recognised_by_the_innermost_mount(path: str, kind: str) -> None:
    assert network_of(Path(path), MOUNTS) == kind
    assert network_of(Path(path), "") == ""


def test_sqlite_on_a_network_file_system_is_a_cross(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mounts").write_text(f"nas:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(module, "_MOUNTS", tmp_path / "mounts")
    assert "(nfs4)" in by_name(store(config(tmp_path)))["disk"].found


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can walk into; pytest's own are closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_what_others_can_read_is_a_cross_with_the_chmod(open_folder: Path) -> None:
    files = [open_folder / "c.sqlite3", open_folder / "secret"]
    for file in files:
        file.write_text("x")
        file.chmod(0o644)
    found = by_name(permissions(config(open_folder)))["files"]
    assert found.verdict is Verdict.WRONG
    assert found.mend == f"chmod 600 {files[0]} {files[1]}"
    for file in files:
        file.chmod(0o640)
    assert by_name(permissions(config(open_folder)))["files"].verdict is Verdict.WELL


def test_a_closed_folder_keeps_open_files_from_others(open_folder: Path) -> None:
    (open_folder / "secret").write_text("x")
    (open_folder / "secret").chmod(0o644)
    open_folder.chmod(0o700)
    assert by_name(permissions(config(open_folder)))["files"].verdict is Verdict.WELL


@pytest.mark.parametrize(("user", "verdict"), [(0, Verdict.WRONG), (1000, Verdict.WELL)])
def test_root_is_a_cross(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, verdict: Verdict
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert by_name(permissions(config(tmp_path)))["user"].verdict is verdict


@pytest.mark.parametrize(
    ("barred", "secret", "told"),
    [
        (os.R_OK | os.X_OK, "", "cannot be read"),
        (os.W_OK, "", "there is no secret in it"),
        (os.W_OK, "set", ""),
    ],
)
def test_a_folder_of_recordings_that_cannot_be_used_is_a_cross(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, barred: int, secret: str, told: str
) -> None:
    monkeypatch.setattr(os, "access", lambda _, asked: asked != barred)
    found = by_name(permissions(config(tmp_path, secret=secret))).get("audio")
    assert told in found.found if found else not told


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("", Verdict.WRONG),
        ("amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef", Verdict.WELL),
        ("amzn1.ask.skill....", Verdict.WRONG),
        ("01234567-89ab-cdef-0123-456789abcdef", Verdict.WRONG),
    ],
)
def test_the_skill_must_be_one(value: str, verdict: Verdict) -> None:
    found = skill_id(Config(skill_id=value))
    assert found.verdict is verdict
    assert ("SCIATICA_SKILL_ID" in found.mend) == (verdict is Verdict.WRONG)


@pytest.mark.parametrize("url", ["", "https://coach.test"])
def test_recordings_that_are_missing_are_nobodys_fault(tmp_path: Path, url: str) -> None:
    found = recordings(config(tmp_path, url=url))
    assert found.verdict is Verdict.UNSURE
    assert found.mend == "if you want them: sciatica-coach audio build --voice espeak"


@pytest.mark.parametrize(("url", "verdict"), [("", Verdict.UNSURE), ("https://coach.test", Verdict.WRONG)])
def test_some_recordings_alone_are_a_build_that_broke_off(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, url: str, verdict: Verdict
) -> None:
    there = here_module.texts_to_record
    monkeypatch.setattr(here_module, "texts_to_record", lambda config: [*there(config), "Never recorded."])
    found = recordings(config(recorded, url=url))
    assert found.verdict is verdict
    assert found.found.startswith("1 of ")


def test_recordings_that_are_there_are_a_tick(recorded: Path) -> None:
    assert recordings(config(recorded)).verdict is Verdict.WELL
