"""What is in deploy/ is valid to the real programs, and in step with the webhook."""

import configparser
import json
import os
import re
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from skill.cli import _parser
from skill.config import Config
from skill.store import open_store
from skill.store.postgresql.engine import _OPTIONS as OPTIONS
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.app import LARGEST_BODY
from skill.web.server import KEEPALIVE_S
from skill.web.worker import STOP_S
from tests.command import COMMAND
from tests.deploy.programs import program
from tests.deploy.proxies import DEPLOY, NAME, for_this_caddy, nginx_files, replaced
from tests.faults.served import free_port
from tests.store.postgresql_server import PASSWORD, PostgresqlServer

ROOT = DEPLOY.parent
COMPOSE = (DEPLOY / "compose.yaml").read_text("utf-8")
CADDYFILE = (DEPLOY / "Caddyfile").read_text("utf-8")
NGINX = (DEPLOY / "nginx" / "sciatica-coach.conf").read_text("utf-8")
UNIT = (DEPLOY / "systemd" / "sciatica-coach@.service").read_text("utf-8")
ENVIRONMENT = (DEPLOY / "systemd" / "sciatica-coach.env").read_text("utf-8")
EXAMPLE = (DEPLOY / ".env.example").read_text("utf-8")
SERVICES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(COMPOSE)["services"]
INSIDE = ("/healthz", "/readyz", "/metrics")
"""For the host alone."""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program, to its end."""
    settings = {"PATH": os.defpath, "HOME": "/nonexistent", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=settings, timeout=60)


def passed(done: subprocess.CompletedProcess[str]) -> str:
    """What it said, all being well."""
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout + done.stderr


# The programs' own verdicts


def test_a_program_that_is_missing_is_told_of_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install a-package"):
        program("no-such-program", "a-package")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install a-package"):
        program("no-such-program", "a-package")


def test_nginx_takes_its_recipe(tmp_path: Path) -> None:
    command, _ = nginx_files(tmp_path, (free_port(), free_port()), (8000, 8001))
    assert "warn" not in passed(run(*command, "-t"))


def test_caddy_takes_its_recipe(tmp_path: Path) -> None:
    recipe = tmp_path / "Caddyfile"
    recipe.write_text(for_this_caddy(CADDYFILE), "utf-8")
    command = (program("caddy"), "validate", "--adapter", "caddyfile", "--config", recipe)
    assert "Valid configuration" in passed(run(*command, DOMAIN=NAME, XDG_DATA_HOME=str(tmp_path)))
    assert run(*command, XDG_DATA_HOME=str(tmp_path)).returncode != 0, "without a DOMAIN it must not start"


def test_caddy_finds_its_recipe_well_formed() -> None:
    told = run(program("caddy"), "fmt", "--diff", DEPLOY / "Caddyfile").stdout
    assert [line for line in told.splitlines() if line[:1] in ("-", "+")] == []


def test_compose_takes_its_recipe(tmp_path: Path) -> None:
    """docker-compose 1.29, Debian's, reads it without an engine; `docker compose` is its successor."""
    nothing = tmp_path / "empty"
    nothing.touch()
    recipe = ("--file", DEPLOY / "compose.yaml", "--env-file", nothing)
    command = (program("docker-compose"), *recipe, "config")
    read = yaml.safe_load(passed(run(*command, DOMAIN=NAME)))
    assert set(read["services"]) == {"caddy", "webhook", "postgres"}
    assert read["services"]["webhook"]["environment"]["SCIATICA_URL"] == f"https://{NAME}"
    without = run(*command)
    assert without.returncode != 0
    assert "set DOMAIN in .env" in without.stderr


def test_systemd_takes_its_recipe(tmp_path: Path) -> None:
    """Only the program itself is another: here it is not in /opt. An exposure of 2 of 10 is good."""
    unit = tmp_path / "sciatica-coach@.service"
    unit.write_text(replaced(UNIT, ("/opt/sciatica-coach/.venv/bin/sciatica-coach", str(COMMAND))), "utf-8")
    analyze = program("systemd-analyze", "systemd")
    assert passed(run(analyze, "verify", "--man=no", unit)) == ""
    told = passed(run(analyze, "security", "--offline=true", "--threshold=20", unit))
    assert "Overall exposure level" in told


def test_the_command_of_the_plain_box_has_the_settings_of_its_webhooks(tmp_path: Path) -> None:
    """Only names of files are others, and nobody becomes another user."""
    store, copy, settings = tmp_path / "coach.sqlite3", tmp_path / "copy", tmp_path / "settings"
    made = SqliteStore(str(store))
    made.ping()
    made.close()
    wrapper = (DEPLOY / "systemd" / "sciatica-coach").read_text("utf-8")
    there = ("runuser -u sciatica-coach -- /opt/sciatica-coach/.venv/bin/sciatica-coach", str(COMMAND))
    script = tmp_path / "sciatica-coach"
    home = ("cd /var/lib/sciatica-coach\n", f"cd {tmp_path}\n")
    script.write_text(replaced(wrapper, there, home, ("/etc/sciatica-coach.env", str(settings))), "utf-8")
    box = replaced(ENVIRONMENT, ("/var/lib/sciatica-coach/coach.sqlite3", str(store)))
    settings.write_text(box, "utf-8")
    assert "nobody" in passed(run("/bin/sh", script, "backup", "copy"))
    assert copy.stat().st_mode & 0o777 == 0o600


def test_the_password_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_bytes((DEPLOY / "secrets.sh").read_bytes())
    passed(run("/bin/sh", script))
    made = {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}
    password = made["postgres_password"]
    assert re.fullmatch("[0-9a-f]{64}", password)
    services = configparser.ConfigParser()
    services.read_string(made["pg_service.conf"])
    assert dict(services["coach"]) == {"password": password}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o444}
    assert "already" in passed(run("/bin/sh", script))
    assert (tmp_path / "secrets" / "postgres_password").read_text("utf-8") == password


def test_the_coach_reads_its_password_from_a_file_that_others_may_read(
    tmp_path: Path, database: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the settings of compose.yaml."""
    settings = SERVICES["webhook"]["environment"]
    parts = urlsplit(database.fresh())
    url = f"postgresql://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"
    service = tmp_path / Path(settings["PGSERVICEFILE"]).name
    service.write_text(f"[{settings['PGSERVICE']}]\npassword={PASSWORD}\n", "utf-8")
    service.chmod(0o444)
    monkeypatch.setenv("PGSERVICE", settings["PGSERVICE"])
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    store = open_store(url)
    store.ping()
    store.close()


# In step with the webhook


def test_the_proxies_pass_on_the_public_routes() -> None:
    rules = {rule.rule for rule in create_app(verify=False).url_map.iter_rules()}
    assert set(INSIDE) < rules
    public = {re.sub("<.*", "*", rule) for rule in rules - {*INSIDE}}
    (passed_on,) = re.findall(r"@webhook path (.*)", CADDYFILE)
    assert set(passed_on.split()) == public
    located = re.findall(r"location (= )?(\S+) {\n(?:[^}]*\n)?\s+proxy_pass", NGINX)
    assert {path if exact else f"{path}*" for exact, path in located} == public


def test_the_proxies_take_bodies_as_large_as_the_webhook_does() -> None:
    assert LARGEST_BODY == 64 * 1024
    assert "client_max_body_size 64k;" in NGINX
    assert "max_size 64KiB\n" in CADDYFILE
    (large,) = re.findall(r"header_regexp Content-Length (\S+)", CADDYFILE)
    sizes = (0, 1, 9, 65_535, 65_536, 65_537, 65_540, 65_599, 65_600, 66_000, 70_000, 99_999, 100_000, 10**9)
    assert [size for size in sizes if re.search(large, str(size))] == [s for s in sizes if s > LARGEST_BODY]


def test_the_proxies_let_go_of_connections_before_the_webhook_does() -> None:
    (nginx,) = re.findall(r"upstream sciatica_coach {[^}]*keepalive_timeout (\d+)s;", NGINX)
    (caddy,) = re.findall(r"\n\t+keepalive (\d+)s", CADDYFILE)
    assert int(nginx) < KEEPALIVE_S
    assert int(caddy) < KEEPALIVE_S


def test_who_stops_the_webhook_gives_it_the_time_it_needs() -> None:
    (unit,) = re.findall(r"TimeoutStopSec=(\d+)s", UNIT)
    assert int(unit) > STOP_S
    assert int(SERVICES["webhook"]["stop_grace_period"].removesuffix("s")) > STOP_S


def test_addresses_and_ports_fit() -> None:
    final = (DEPLOY / "Dockerfile").read_text("utf-8")
    (port,) = re.findall(r"\nEXPOSE (\d+)\n", final)
    assert f" PORT={port} " in final
    assert f"reverse_proxy webhook:{port} " in CADDYFILE
    assert f"http://127.0.0.1:{port}/readyz" in json.dumps(SERVICES["webhook"]["healthcheck"])
    inner = dict(re.findall(r"\t(https?)_port (\d+)", CADDYFILE))
    assert SERVICES["caddy"]["ports"] == [f"80:{inner['http']}", f"443:{inner['https']}"]
    (admin,) = re.findall(r"\tadmin (\S+)", CADDYFILE)
    assert SERVICES["caddy"]["healthcheck"]["test"][-1] == f"http://{admin}/config/"
    (exposed,) = re.findall(r"\nEXPOSE (.+)\n", (DEPLOY / "caddy.Dockerfile").read_text("utf-8"))
    assert exposed.split() == [inner["http"], inner["https"]]
    ports = re.findall(r"server 127\.0\.0\.1:(\d+) ", NGINX)
    assert [f"sciatica-coach@{each}" for each in ports] == re.findall(
        r"sciatica-coach@\d+", UNIT.split("\n")[0]
    )


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("compose.yaml", SERVICES["webhook"]["environment"]),
        ("the unit's file", dict(re.findall(r"^(\w+)=(.*)$", ENVIRONMENT, re.MULTILINE))),
    ],
)
def test_settings_are_settings(recipe: str, settings: Mapping[str, str]) -> None:
    given = {name: replaced_variables(value) for name, value in settings.items()}
    config = Config.from_environment(given)
    assert any(name.startswith("SCIATICA_") for name in given), recipe
    assert config.url in ("", f"https://{NAME}")


def test_every_variable_of_compose_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert used == set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))


def replaced_variables(value: str) -> str:
    """As compose replaces them, from the example."""
    known = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: known[found[1]], value)


def test_no_secret_is_in_a_recipe() -> None:
    environment = {name: value for each in SERVICES.values() for name, value in each["environment"].items()}
    assert {name for name in environment if re.search("(?i)password|secret", name)} == {
        "POSTGRES_PASSWORD_FILE"
    }
    assert ":" not in environment["SCIATICA_STORE"].removeprefix("postgresql://")


# What the recipes promise


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert {"mem_limit", "pids_limit", "healthcheck", "stop_grace_period"} <= set(service)
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    user = service.get("user") or built_user(service["build"])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert re.search(r":[\w.-]*\d", service.get("image", "built:1")), "pinned by tag"


def built_user(build: Mapping[str, str]) -> str:
    """Whom the image of a service runs as."""
    path = (DEPLOY / build["context"] / build["dockerfile"]).resolve()
    recipe = path.read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", recipe, re.MULTILINE)
    assert all(re.search(r":[\w.-]*\d", base) for base in bases), "pinned by tag"
    return re.findall(r"^USER (\S+)", recipe, re.MULTILINE)[-1]


def test_the_webhook_tells_systemd_when_it_listens(tmp_path: Path) -> None:
    assert "Type=notify" in UNIT
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        settings = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "XDG_DATA_HOME": str(tmp_path)}
        command = [COMMAND, "serve", "--host", "127.0.0.1", "--port", str(free_port())]
        with subprocess.Popen(command, env=settings, stdout=-3, stderr=-3) as server:
            try:
                assert b"READY=1" in systemd.recv(1_000).split(b"\n")
            finally:
                server.terminate()


HOSTING = (ROOT / "docs" / "hosting.md").read_text("utf-8")


def test_every_file_is_told_of() -> None:
    """In docs/hosting.md; and what it tells of is there."""
    for path in sorted(DEPLOY.rglob("*")):
        hidden = path.name.endswith(".dockerignore") or path.name == ".gitignore"
        if path.is_file() and not hidden and "aws" not in path.relative_to(DEPLOY).parts:
            assert path.name in HOSTING, path.name
    named = re.findall(r"(?<!/)(?:systemd|nginx|deploy)/[\w@.-]+\w", HOSTING)
    assert named
    for name in named:
        assert (DEPLOY / name.removeprefix("deploy/")).exists(), name


def test_every_command_of_ours_is_one() -> None:
    """With its options; it is read, and not done."""
    ours = "check|serve|setup|audio|backup|restore"
    commands = re.findall(rf"(?<!-t )\bsciatica-coach ((?:{ours})\b[^\n`]*)", HOSTING)
    commands += re.findall(r"docker compose run --rm webhook ([a-z ]+\b)", HOSTING)
    assert len(commands) >= 5
    for command in commands:
        assert _parser().parse_args(command.split("#")[0].split()).do, command


def test_the_limits_that_pgbouncer_drops_are_those_of_the_store() -> None:
    limits = dict(re.findall(r"((?:statement|lock)_timeout) = (\d+)", HOSTING))
    assert set(limits) == {"statement_timeout", "lock_timeout"}
    for name, limit in limits.items():
        assert f"-c {name}={limit} " in OPTIONS
