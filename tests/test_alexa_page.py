"""docs/alexa.md: each command in it exists, parses, and prints what the page says, up to Amazon's account."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill import cli
from skill.cli import main
from skill.commands.checks.finding import Finding
from skill.commands.checks.line import Ports
from skill.commands.checks.outside import outside
from skill.commands.setup import DEPLOY, FOLDER
from skill.config import Config
from tests.checks.host import HERE, HSTS, NAME, NOW, PATIENCE_S, Says, host, serving, trust

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/alexa.md").read_text("utf-8")
SETUP = "sciatica-coach setup --url https://coach.example.com/alexa"

ASK_CLI = {
    "configure": {"--no-browser", "--profile", "--debug"},
    "deploy": {"--ignore-hash", "--target", "--profile", "--debug"},
    "dialog": {"--skill-id", "--locale", "--stage", "--replay", "--save-skill-io", "--profile", "--debug"},
    "smapi submit-skill-validation": {"--locales", "--skill-id", "--stage", "--profile", "--debug"},
    "smapi submit-skill-for-certification": {"--skill-id", "--publication-method", "--version-message"},
}
"""The commands of ask-cli 2.30.7 that are named anywhere, and their options, as its --help lists them."""


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each command of a page, with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            found.append((line[6:], []))
        elif line.startswith("    ") and found:
            found[-1][1].append(line[4:])
    return found


COMMANDS = commands(PAGE)


def check_asks(words: list[str]) -> None:
    name = " ".join(words[: 2 if words[0] == "smapi" else 1])
    assert {word for word in words if word.startswith("--")} <= ASK_CLI[name]


def check_exists(command: str) -> None:
    """Fails where there is no such command, or it has no such option."""
    program, *words = shlex.split(command)
    if program == "sciatica-coach":
        cli._parser().parse_args(words)
    elif program == "ask":
        check_asks(words)
    elif program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    elif program == "export":
        name, _, value = words[0].partition("=")
        Config.from_environment({name: value})
    else:
        assert command in (DEPLOY[0], ". .venv/bin/activate", f"cd {FOLDER}")


def test_there_are_commands_of_every_kind() -> None:
    programs = {shlex.split(command)[0] for command, _ in COMMANDS}
    assert programs == {"make", ".", "sciatica-coach", "npm", "ask", "export", "cd"}


@pytest.mark.parametrize("command", [command for command, _ in COMMANDS])
def test_each_command_exists_with_its_options(command: str) -> None:
    check_exists(command)


@pytest.mark.parametrize(
    "command",
    [
        "sciatica-coach dance",
        "sciatica-coach check --host x",
        "ask undeploy",
        "ask deploy --force",
        "make x",
        "pip install x",
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str) -> None:
    with pytest.raises((AssertionError, KeyError, SystemExit)):
        check_exists(command)


def test_what_setup_prints_next_is_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(SETUP)[1:]) == 0
    told = capsys.readouterr().out.splitlines()
    shown = dict(COMMANDS)[SETUP]
    assert len(shown) > 3
    assert [line for line in shown if line != "..."] == [line for line in told if line in shown]
    for line in told:
        if line.startswith(("    ask ", "    npm ", "    cd ")):
            check_exists(line.strip())
            assert f"    $ {line.strip()}\n" in PAGE


def test_ask_clis_names_for_what_is_deployed_are_in_the_order_told() -> None:
    told = [command for command, _ in COMMANDS if command in DEPLOY]
    assert tuple(told) == DEPLOY


def test_what_say_answers_is_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCIATICA_STORE", f"sqlite:///{tmp_path}/c.sqlite3")
    monkeypatch.setenv("SCIATICA_AUDIO", str(tmp_path))
    assert main(["say", "hello"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == dict(COMMANDS)["sciatica-coach say hello"][0]


def shape(text: str) -> str:
    """`text` without what differs from host to host."""
    return re.sub(r"\d[\d.,]*", "#", text.replace("coach.example.com", NAME))


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Finding]]:
    """What is seen of a host that leads http to https."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))
    https = Says(308, {**HSTS, "Location": "https://localhost/"})
    with serving(None, lambda *_: https) as plain, host(tmp_path) as ports:
        yield list(outside(HERE, FOLDER, "", lambda: NOW, PATIENCE_S, Ports(ports.tls, plain)))


@pytest.mark.parametrize("page", ["alexa.md", "commands.md"])
def test_what_check_shows_is_what_the_pages_say(seen: list[Finding], page: str) -> None:
    """But for the name, which leads to this machine here."""
    wells = {(finding.what, shape(finding.found)) for finding in seen if not finding.mend}
    said = dict(commands((ROOT / "docs" / page).read_text("utf-8")))
    lines = said["sciatica-coach check --url https://coach.example.com/alexa"]
    shown = {(line[2:14].strip(), shape(line[14:])) for line in lines if line[0] == "\u2714"}
    assert len(shown) > 3
    assert {pair for pair in shown if pair[0] != "name"} <= wells


def test_what_the_page_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE)
    files = re.findall(r"`((?:skill|tests)/[\w./]+)`", PAGE)
    assert len(files) > 5
    missing = [name for name in links if not (ROOT / "docs" / name).exists()]
    missing += [name for name in files if not (ROOT / name).exists()]
    assert missing == []


def test_the_page_says_where_amazons_account_begins() -> None:
    before, _, after = PAGE.partition("**Amazon's account begins here.**")
    assert after
    assert "$ ask " not in before
    assert "$ npm " not in before
