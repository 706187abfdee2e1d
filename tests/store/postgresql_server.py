"""A real PostgreSQL of its own for tests, from whatever is installed: loopback, a password, fsync on."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

USER, PASSWORD = "coach", "a password/of:tests@1"
_PATIENCE_S = 30.0
_SETTINGS = {
    "fsync": "on",
    "max_connections": "250",
    "shared_buffers": "128MB",
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    "password_encryption": "scram-sha-256",
}
_MISSING = "no PostgreSQL was found, in PATH or under /usr/lib/postgresql: apt-get install postgresql"


@dataclass
class PostgresqlServer:
    """A server that keeps its data in `folder`, started with `settings`; `coach` is its superuser."""

    programs: Path
    folder: Path
    port: int
    settings: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _made: int = 0

    def url(self, name: str, user: str = USER, password: str = PASSWORD) -> str:
        """The address of the database `name`, as SCIATICA_STORE takes it; it need not exist."""
        escaped = "".join(f"%{byte:02x}" for byte in password.encode())
        return f"postgresql://{user}:{escaped}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template1") -> str:
        """Make the database `name`, a copy of `template` to which nobody may be connected; its address."""
        made = sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        self.execute(made)
        return self.url(name)

    def fresh(self, template: str = "template1") -> str:
        """The address of a new database, with a name that no other has."""
        self._made += 1
        return self.create(f"fresh_{self._made}", template)

    def drop(self, name: str) -> None:
        """Delete the database `name`, whoever is connected to it."""
        self.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def execute(self, statement: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as superuser on a connection of its own; its rows, if any."""
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {**self.settings, "listen_addresses": "127.0.0.1", "port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                **_as_whom(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._wait_until_it_answers(self._process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, and wait until it is gone. SIGINT: in good order. SIGQUIT: at once, as a crash would."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def restart(self) -> None:
        """Stop it as a crash would, and start it again where it was."""
        self.stop(signal.SIGQUIT)
        self.start()

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self.execute("select 1")
            except psycopg.OperationalError as error:
                if process.poll() is None and time.monotonic() < until:
                    time.sleep(0.02)
                    continue
                told = (self.folder / "log").read_text("utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {told}") from error
            return


@contextmanager
def running_postgresql(**settings: str) -> Iterator[PostgresqlServer]:
    """A new server, gone with all its data at the end; `settings` are postgresql.conf's.

    Where none is installed the test is skipped, or fails under CI=true.
    """
    programs = found_programs()
    # Not pytest's folder: only root may enter that, and the server refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="coach-pg-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if os.geteuid() == 0:
            shutil.chown(folder, _unprivileged())
        _initialise(programs, folder)
        server = PostgresqlServer(programs, folder, _free_port(), {**_SETTINGS, **settings})
        stack.callback(server.stop, signal.SIGQUIT)
        server.start()
        server.create(USER)
        yield server


def found_programs() -> Path:
    """The folder of the newest PostgreSQL's programs; skips the test, or fails it under CI=true."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    in_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for folder in (*in_path, *debian):
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    if os.environ.get("CI") == "true":
        pytest.fail(_MISSING)
    pytest.skip(_MISSING)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _initialise(programs: Path, folder: Path) -> None:
    """Make an empty cluster in `folder`. Its files need not reach the disk before it is used."""
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o644)
    command = [programs / "initdb", "-D", folder / "data", "-U", USER, f"--pwfile={secret}", "--no-sync"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
    done = subprocess.run(
        [*command, *options], **_as_whom(), cwd=folder, capture_output=True, text=True, check=False
    )
    secret.unlink()
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _as_whom() -> dict[str, Any]:
    """For Popen: the server refuses to run as root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam(_unprivileged())
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _unprivileged() -> str:
    return "postgres" if "postgres" in {each.pw_name for each in pwd.getpwall()} else "nobody"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
