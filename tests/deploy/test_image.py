"""The image is what docs/hosting.md says it is, as far as that can be read from its recipe."""

import json
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from skill.config import Config

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
STEPS = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if line.strip() and line[0] != "#"]
FINAL = STEPS[max(index for index, step in enumerate(STEPS) if step[0] == "FROM") :]


def of(kind: str, steps: list[list[str]] = STEPS) -> list[str]:
    """What follows each instruction of that kind."""
    return [what for name, what in steps if name == kind]


def test_nobody_privileged_runs_it() -> None:
    (user,) = of("USER", FINAL)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, so that a host can see that it is not root"
    names = [name for name, _ in FINAL]
    assert names.index("USER") > max(index for index, name in enumerate(names) if name == "RUN")


def test_nothing_is_installed_without_a_hash_but_ourselves() -> None:
    installs = [
        part for run in of("RUN") for part in run.split("&&") if " install " in part and "pip" in part
    ]
    assert installs
    for install in installs:
        ours = install.split()[-1] == "." and {"--no-deps", "--no-build-isolation"} <= set(install.split())
        assert ours or "--require-hashes" in install.split()


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert ignore[0] == "*"
    copied = [name for copy in of("COPY") if "--from" not in copy for name in copy.split()[:-1]]
    assert sorted(copied) == sorted(name[1:] for name in ignore if name[0] == "!")
    for name in copied:
        assert (ROOT / name).exists(), name


def test_all_that_is_written_goes_to_the_volume() -> None:
    assert of("VOLUME", FINAL) == ["/data"]
    environment = dict(pair.split("=", 1) for each in of("ENV", FINAL) for pair in each.split())
    settings = {name: value for name, value in environment.items() if name.startswith("SCIATICA_")}
    config = Config.from_environment(settings)
    assert config.store_url.startswith("sqlite:////data/")
    assert config.audio_folder.is_relative_to("/data")


def test_no_shell_is_between_the_engine_and_the_process() -> None:
    assert json.loads(of("ENTRYPOINT", FINAL)[0])[0].startswith("/")
    assert json.loads(of("CMD", FINAL)[0]) == ["serve"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_whether_the_process_is_alive(status: int, healthy: bool) -> None:
    asked = []

    class Process(BaseHTTPRequestHandler):
        """Answers with `status`."""

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    (check,) = of("HEALTHCHECK", FINAL)
    _, *arguments = json.loads(check[check.index("[") :])
    server = HTTPServer(("127.0.0.1", 0), Process)
    thread = Thread(target=server.handle_request)
    thread.start()
    environment = {"PORT": str(server.server_port)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    thread.join()
    server.server_close()
    assert (done.returncode == 0) == healthy
    assert asked == ["/healthz"]
