"""`sciatica-coach check`: every cross comes with what mends it."""

import ssl
from io import BytesIO
from pathlib import Path

import pytest

from skill.cli import main
from skill.commands import check
from skill.commands.check import CHECKS, Finding
from skill.config import Config
from tests.intents.recorded import record


def findings(config: Config) -> dict[str, Finding]:
    """What is found, by what was looked at."""
    return {finding.what: finding for finding in (each(config) for each in CHECKS)}


def test_on_a_fresh_host_each_cross_says_how_to_mend_it(tmp_path: Path) -> None:
    found = findings(Config(store=f"sqlite:///{tmp_path}/c.sqlite3", audio=str(tmp_path)))
    assert {what: bool(finding.mend) for what, finding in found.items()} == {
        "places": False,
        "skill": True,
        "recordings": True,
        "address": True,
    }
    assert found["recordings"].mend == "sciatica-coach audio build --voice espeak"
    assert "SCIATICA_URL=https://" in found["address"].mend


def test_what_is_well_needs_no_mending(tmp_path: Path) -> None:
    record(tmp_path)
    found = findings(Config(store=f"sqlite:///{tmp_path}/c.sqlite3", audio=str(tmp_path), skill_id="a"))
    assert not found["recordings"].mend
    assert not found["skill"].mend


def test_a_store_that_cannot_be_written_is_a_cross(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "SCIATICA_STORE" in findings(Config(store=f"sqlite:///{tmp_path}/file/c.sqlite3"))["places"].mend


def test_an_address_that_does_not_answer_is_a_cross() -> None:
    found = findings(Config(url="https://127.0.0.1"))["address"]
    assert "127.0.0.1" in found.found
    assert "port 443" in found.mend


@pytest.mark.parametrize(("body", "is_well"), [(b'{"status":"alive"}', True), (b"<h1>Parked</h1>", False)])
def test_an_address_is_well_only_if_the_coach_answers_there(
    monkeypatch: pytest.MonkeyPatch, body: bytes, is_well: bool
) -> None:
    monkeypatch.setattr(check, "urlopen", lambda *_, **__: BytesIO(body))
    found = findings(Config(url="https://coach.example.com"))["address"]
    assert (not found.mend) == is_well


def test_a_certificate_that_is_not_trusted_is_told_apart() -> None:
    assert "certificate" in check._mend_address(ssl.SSLCertVerificationError("self-signed"))


def test_the_command_ends_with_status_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCIATICA_STORE", f"sqlite:///{tmp_path}/c.sqlite3")
    monkeypatch.setenv("SCIATICA_AUDIO", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 1
    assert "→ set SCIATICA_SKILL_ID" in capsys.readouterr().out
