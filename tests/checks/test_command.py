"""`sciatica-coach check` as a person runs it."""

import json
import os
import signal
import ssl
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from skill.cli import main
from skill.commands import check
from skill.commands.checks import here as here_module
from skill.commands.checks.finding import Finding
from skill.commands.checks.outside import outside
from tests.checks.host import AUTHORITY, HERE, NAME, NOW, PATIENCE_S, WELL, Says, host, leaf, tls
from tests.command import COMMAND
from tests.web.authority import issue

SKILL = "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef"
KNOWN = [Finding("amazon", "its certificates can be fetched"), Finding("clock", "right to the second")]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recorded: Path) -> None:
    """A host that lacks nothing but an address, and asks nobody for the time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCIATICA_STORE", f"sqlite:///{tmp_path}/c.sqlite3")
    monkeypatch.setenv("SCIATICA_AUDIO", str(recorded))
    monkeypatch.setenv("SCIATICA_SKILL_ID", SKILL)
    monkeypatch.setattr(here_module, "clock", lambda _: KNOWN)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def ended(*arguments: str) -> int:
    try:
        return main(["check", *arguments])
    except SystemExit as end:
        return int(end.code or 0)


def test_each_cross_comes_with_what_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended() == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line[2:14].strip() for line in lines if line[0] in "\u2714\u2718?"] == [
        *("places", "disk", "user", "files", "recordings", "skill", "amazon", "clock", "address", "package"),
    ]
    crosses = [number for number, line in enumerate(lines) if line[0] == "\u2718"]
    assert [lines[number][2:9] for number in crosses] == ["address"]
    assert lines[crosses[0] + 1].strip() == "\u2192 set SCIATICA_URL=https://your.host"


def test_without_a_cross_the_exit_status_is_nought_though_something_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCIATICA_URL", "https://coach.test")
    unseen = Finding.unsure("endpoint", "https://coach.test/alexa: unseen")
    monkeypatch.setattr(check, "outside", lambda *_: [unseen])
    assert ended() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "? endpoint    https://coach.test/alexa: unseen"


def test_from_outside_nothing_of_this_machine_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCIATICA_URL", "https://other.test")
    monkeypatch.setattr(check, "outside", lambda endpoint, *_: [Finding("name", endpoint.uri)])
    assert ended("--url", "https://coach.test") == 0
    assert capsys.readouterr().out == "\u2714 name        https://coach.test/alexa\n"


def test_findings_as_json_are_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told[-2] == {
        "what": "address",
        "found": "SCIATICA_URL is not set: no recordings for Alexa's devices, no look from outside",
        "mend": "set SCIATICA_URL=https://your.host",
        "verdict": "wrong",
    }


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\r[bold]:bomb:"
"""What a terminal obeys: escape sequences of both kinds; and what rich does."""
READ_LATIN = EVIL.replace("\r", "").encode("latin-1")


def all_forged(folder: Path) -> ssl.SSLContext:
    """A certificate of an issuer that is named so; its own names are ASCII."""
    issuer = issue(EVIL + "\u202e", None, authority=True, start=NOW - timedelta(days=1))
    return tls(folder, issue("leaf", issuer, authority=False, names=[NAME], start=NOW - timedelta(days=1)))


def for_others(folder: Path) -> ssl.SSLContext:
    names = [EVIL.replace("\x9b", ""), "other.example"]
    return tls(folder, leaf(*names), AUTHORITY.intermediate)


def good(folder: Path) -> ssl.SSLContext:
    return tls(folder, leaf(NAME), AUTHORITY.intermediate)


LED = Says(raw=b"HTTP/1.1 308 " + READ_LATIN + b"\r\nLocation: https://x/" + READ_LATIN + b"\r\n\r\n")


@pytest.mark.parametrize("arguments", [(), ("--json",)])
@pytest.mark.parametrize(
    ("context", "what", "told"),
    [
        (good, "endpoint", "308, leading to https://x/"),
        (all_forged, "certificate", "its issuer, CN="),
        (for_others, "certificate", "it is for "),
    ],
)
def test_what_a_host_says_cannot_command_the_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    context: Callable[[Path], ssl.SSLContext],
    what: str,
    told: str,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.setattr(
        check, "outside", lambda _, *rest: outside(HERE, *rest, patience_s=PATIENCE_S, ports=ports)
    )
    with host(tmp_path, {**WELL, ("POST", "/alexa"): LED}, context(tmp_path)) as ports:
        assert ended("--url", "https://coach.test", *arguments) == 1
    shown = capsys.readouterr().out
    assert all(each.isprintable() or each == "\n" for each in shown)
    (line,) = [each for each in shown.splitlines() if told in each]
    assert "owned" in line
    assert "[2j" in line.lower()
    assert "[bold]:bomb:" in line
    assert what in (line if not arguments else shown)


def test_what_a_host_says_is_cut_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = Finding.wrong("endpoint", "x" * 9000, "y" * 9000)
    monkeypatch.setattr(check, "outside", lambda *_: [long])
    assert ended("--url", "https://coach.test") == 1
    assert 1000 < len(capsys.readouterr().out) < 1100


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://coach.test/alexa", "must be an https:// address"),
        ("https://coach.test:8443/alexa", "Alexa asks port 443 alone, not 8443"),
        ("https://localhost/alexa", "no host that Amazon can find"),
        ("https://192.0.2.1/alexa", "no host that Amazon can find"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:coach", "a function cannot be looked at"),
    ],
)
def test_an_address_that_alexa_cannot_ask_is_refused(
    capsys: pytest.CaptureFixture[str], url: str, told: str
) -> None:
    assert ended("--url", url) == 2
    assert told in capsys.readouterr().err


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    """While a name server, and a clock, that never answer are waited for."""
    script = (
        "import os, signal, socket, threading, time\n"
        "from skill.cli import main\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), os.kill(os.getpid(), signal.SIGINT))).start()\n"
        "socket.getaddrinfo = lambda *_, **__: time.sleep(60)\n"
        "raise SystemExit(main(['check', '--url', 'https://coach.test']))\n"
    )
    python = COMMAND.with_name("python")
    done = subprocess.run(
        [python, "-c", script], capture_output=True, text=True, timeout=20, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")


def test_the_package_is_looked_for_where_setup_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the folder above it, and from the one that ask-cli is used in."""
    main(["setup", "--url", "https://coach.test"])
    capsys.readouterr()
    ended()
    assert capsys.readouterr().out.endswith("package     my-skill is for https://coach.test/alexa\n")
    (tmp_path / "my-skill/.ask").mkdir()
    monkeypatch.chdir("my-skill")
    ended()
    assert capsys.readouterr().out.endswith("package     . is for https://coach.test/alexa\n")
