"""The log: for machines, every line is an object that they can read; an exception says nothing of anybody."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.faults.served import free_port
from tests.test_cli import wait_until_it_listens
from tests.web.test_shutdown import until

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/operations.md").read_text("utf-8").partition("## The log")[2].partition("\n## ")[0]
FIELDS = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
PATIENCE_S = 20
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)"
OTHERS = """
import logging
from skill.logs import set_up

set_up({form!r})
log = logging.getLogger("somebody.elses")
log.info("nobody wants to know")
log.warning("line one\\nline two of %s", 3, extra={{"table": "person"}})
try:
    raise ValueError("it hurts")
except ValueError:
    log.exception("it hurts, she said: %s", "it hurts")
"""


def objects(log: str) -> list[dict[str, object]]:
    """The lines, each held to what docs/operations.md promises."""
    lines = [json.loads(line) for line in log.splitlines()]
    for line in lines:
        assert re.fullmatch(TIME, line["time"])
        assert line["level"] in ("WARNING", "ERROR", "CRITICAL")
        assert line.keys() - {"table"} == FIELDS
    return lines


def said(form: str) -> str:
    """What a process logs that uses a library of somebody else's."""
    command = [sys.executable, "-c", OTHERS.format(form=form)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr


def test_for_machines_each_line_is_an_object() -> None:
    first, second = objects(said("json"))
    assert (first["logger"], first["level"]) == ("somebody.elses", "WARNING")
    assert (first["message"], first["table"]) == ("line one\nline two of 3", "person")
    assert second["message"] == "a request failed: ValueError"
    assert "exc_info" not in second


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_is_told_by_its_kind_whoever_logs_it(form: str) -> None:
    log = said(form)
    assert "ValueError" in log
    assert "hurts" not in log
    assert "Traceback" not in log


def answered(port: int, method: str, path: str, body: str = "") -> bool:
    """Whether a request is answered to the end, whatever with."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as line:
        try:
            line.request(method, path, body)
            return bool(line.getresponse().read())
        except (OSError, HTTPException):
            return False


def test_a_server_and_its_gunicorn_log_objects_alone(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tests.web.serving", str(port)]
    settings = {"XDG_DATA_HOME": str(tmp_path), "SCIATICA_LOG": "json"}
    with subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True) as server:
        try:
            wait_until_it_listens(server, port)  # type: ignore[arg-type]
            assert answered(port, "POST", "/alexa", '{"said": "it hurts"}')
            assert not answered(port, "GET", "/breaks/it-hurts")
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii")
            os.kill(int(children), signal.SIGKILL)
            until(lambda: answered(port, "GET", "/healthz"))
        finally:
            server.terminate()
        log = server.communicate(timeout=PATIENCE_S)[1]
    assert "hurts" not in log
    told = [(line["logger"], str(line["message"])) for line in objects(log)]
    assert [logger for logger, _ in told] == ["skill.web.endpoint", "gunicorn.error", "gunicorn.error"]
    refused, failed, killed = (message for _, message in told)
    assert refused.startswith("request refused: ")
    assert failed == "a request failed: ValueError"
    assert "SIGKILL" in killed
