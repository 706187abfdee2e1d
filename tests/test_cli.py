"""The command line, through the installed console script, as a person runs it."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

import pytest

from tests.command import COMMAND, Result, Run, runner

COMMANDS = (
    *("run", "serve", "say", "understand", "plan", "render", "audio", "setup"),
    *("check", "backup", "restore"),
)
DEADLINE_S = 30


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment with nothing of ours in it but the store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCIATICA_")}
    for name in ("HOST", "PORT"):
        kept.pop(name, None)
    return kept | {"SCIATICA_STORE": f"sqlite:///{tmp_path / 'coach.sqlite3'}", "COLUMNS": "100"}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    return runner(environment, DEADLINE_S)


def refused(result: Result, *named: str) -> None:
    """Exit status 2, nothing on standard output, and one sentence that names all that."""
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for each in named:
        assert each in result.stderr


def test_help_lists_every_command(run: Run) -> None:
    shown = run("--help")
    assert shown.returncode == 0
    for command in COMMANDS:
        assert f"    {command}" in shown.stdout
    assert "docs/settings.md" in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_own_help(run: Run, command: str) -> None:
    shown = run(command, "--help")
    assert shown.returncode == 0
    assert f"sciatica-coach {command}" in shown.stdout


def test_an_unknown_command_is_refused_with_those_there_are(run: Run) -> None:
    refused(run("dance"), "dance", *COMMANDS)
    refused(run(), "COMMAND")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["plan", "--nonsense"], ["--nonsense"]),
        (["plan", "--side", "middle"], ["left", "right", "both"]),
        (["plan", "--hold", "hamstring=90"], ["--hold hamstring=90", "allowed: hamstring=10 to "]),
        (["plan", "--hold", "hamstring=ten"], ["allowed: hamstring=10 to "]),
        (["plan", "--hold", "hamstring"], ["allowed: hamstring=10 to "]),
        (["plan", "--r", "9"], ["'9'", "allowed: 0.5 to 2"]),
        (["plan", "--hold", "elbow=20"], ["allowed stretches: lower_back, hamstring"]),
        (["plan", "--repetitions", "back_flexion=0"], ["--repetitions back_flexion=0", "allowed: "]),
        (["plan", "--routine", "yoga"], ["yoga", "allowed: sciatica"]),
        (["say", "--locale", "de-DE", "hello"], ["en-US", "en-GB"]),
        (["serve", "--port", "eighty"], ["eighty"]),
        (["serve", "--port", "99999"], ["cannot listen on 127.0.0.1:99999"]),
        (["serve", "--no-verify", "--host", "0.0.0.0"], ["--no-verify", "loopback", "0.0.0.0"]),
        (["serve", "--no-verify", "--host", "coach.example"], ["loopback", "coach.example"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_what_cannot_be_done_is_refused_with_what_is_allowed(
    run: Run, arguments: list[str], named: list[str]
) -> None:
    refused(run(*arguments), *named)


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        (
            "SCIATICA_TYPO",
            "1",
            ["SCIATICA_TYPO is not a setting", "SCIATICA_STORE", "SCIATICA_PAUSE_SECONDS"],
        ),
        ("SCIATICA_STORE", "mysql://x", ["SCIATICA_STORE", "mysql://x", "allowed: sqlite:///path/to/file"]),
        ("SCIATICA_PAUSE_SECONDS", "601", ["SCIATICA_PAUSE_SECONDS", "0 to 600"]),
        ("SCIATICA_LOCALE", "de-DE", ["SCIATICA_LOCALE", "en-US"]),
        ("SCIATICA_ROUTINE", "yoga", ["yoga", "allowed: sciatica"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    run: Run, setting: str, value: str, named: list[str]
) -> None:
    refused(run("say", "hello", **{setting: value}), *named)


def test_plan_is_a_list_of_cues_that_follow_each_other(run: Run) -> None:
    plan = run("plan", "--json", "--hold", "hamstring=20")
    assert plan.returncode == 0
    cues = json.loads(plan.stdout)
    assert cues[0]["start_ms"] == 0
    for before, after in pairwise(cues):
        assert before["start_ms"] + before["duration_ms"] == after["start_ms"]
    keys = {"kind", "text", "stretch", "side", "repetition", "start_ms", "duration_ms"}
    assert all(keys <= cue.keys() for cue in cues)
    holds = {
        (cue["side"], cue["repetition"]): 0
        for cue in cues
        if cue["stretch"] == "hamstring" and cue["hold_ms"]
    }
    for cue in cues:
        if cue["stretch"] == "hamstring" and cue["hold_ms"]:
            holds[cue["side"], cue["repetition"]] += cue["duration_ms"]
    assert set(holds.values()) == {20_000}


def test_plan_is_a_table_for_people(run: Run) -> None:
    table = run("plan")
    assert table.returncode == 0
    for heading in ("start", "lasts", "where", "hamstring"):
        assert heading in table.stdout


def test_a_reader_that_leaves_early_is_no_error(environment: dict[str, str]) -> None:
    for options in ("", "--json"):
        shell = f"set -o pipefail; '{COMMAND}' plan {options} | head -1"
        result = subprocess.run(
            ["bash", "-c", shell],
            capture_output=True,
            text=True,
            env=environment,
            timeout=DEADLINE_S,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert len(result.stdout.splitlines()) == 1


def test_understand_answers_line_by_line(run: Run) -> None:
    heard = run("understand", "-", stdin="hamstring stretch on my left leg\npause\n\nqwertyuiop\n")
    answers = [json.loads(line) for line in heard.stdout.splitlines()]
    assert answers[0] == {"intent": "StretchIntent", "slots": {"stretch": "hamstring", "side": "left"}}
    assert [answer["intent"] for answer in answers[1:]] == [
        "AMAZON.PauseIntent",
        "AMAZON.FallbackIntent",
        "AMAZON.FallbackIntent",
    ]
    assert json.loads(run("understand", "hold", "for", "15", "seconds").stdout)["intent"] == "SetHoldIntent"


def test_single_turns_go_on_with_one_conversation(run: Run) -> None:
    assert "Yes or no." in run("say", "start my routine").stdout
    assert "Lie on your back" in run("say", "no").stdout
    assert "Next is the lower back stretch" in run("say", "where am i").stdout


def test_a_conversation_is_read_from_standard_input(run: Run) -> None:
    talk = run("say", stdin="open sciatica coach\nno\nyes\n")
    assert talk.returncode == 0
    assert "Welcome" in talk.stdout
    assert "Lie on your back" in talk.stdout


def test_setup_writes_the_skill_package(run: Run, tmp_path: Path) -> None:
    done = run("setup", "--write", tmp_path / "package", "--url", "https://coach.example/alexa")
    assert done.returncode == 0
    manifest = tmp_path / "package/interaction_model/skill.json"
    assert "https://coach.example/alexa" in manifest.read_text("utf-8")


@pytest.fixture
def port() -> Iterator[int]:
    """A port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    yield free
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", free))


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_in_use_is_told_in_a_sentence(run: Run, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        refused(run(command, "--port", number), f"cannot listen on 127.0.0.1:{number}", "in use")
        refused(run(command, PORT=number), f"cannot listen on 127.0.0.1:{number}")


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [(["run"], {"/readyz": 200, "/": 200}), (["serve"], {"/readyz": 200, "/": 404, "/alexa": 405})],
    ids=["run", "serve"],
)
def test_a_server_answers_and_stops_cleanly(
    environment: dict[str, str], port: int, arguments: list[str], paths: dict[str, int]
) -> None:
    command = [COMMAND, *arguments, "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            wait_until_it_listens(server, port)
            assert {path: get(port, path) for path in paths} == paths
            server.send_signal(signal.SIGINT)
            _, said = server.communicate(timeout=DEADLINE_S)
        finally:
            server.kill()
    assert server.returncode == 0, said.decode()
    assert b"Traceback" not in said


def wait_until_it_listens(server: "subprocess.Popen[bytes]", port: int) -> None:
    """Come back once the port can be reached, or fail as soon as the server has ended."""
    for _ in range(20 * DEADLINE_S):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError("the server does not listen")


def get(port: int, path: str) -> int:
    """The status of a GET."""
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
