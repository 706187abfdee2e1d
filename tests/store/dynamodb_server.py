"""A server with DynamoDB's API on a real socket: dynalite, else moto; which one, its name tells.

dynalite runs where Node.js is, from a folder beside the tests' own Python; npm puts it there, once. moto
answers one request at a time, as its conditional writes are not atomic otherwise; a restart empties it.
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from skill.store.dynamodb import DynamodbStore
from skill.store.dynamodb.record import RECORD
from skill.store.store import KEPT_UNUSED_S
from tests.deploy.template import table_properties

REGION = "eu-west-1"
_LOCKED = Path(__file__).parent / "dynalite"
_PATIENCE_S = 30.0
_NPM_S = 180.0
_MOTO_S = 5.0
"""How long a call may take there: with 32 in line, longer than DynamoDB's ever do."""
_OLDEST_NODE = 20
_MOTO = """
import sys
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import run_simple
run_simple("127.0.0.1", int(sys.argv[1]), create_backend_app("dynamodb"), threaded=False)
"""
_NUMBERS = count(1)


class NoDynaliteError(Exception):
    """dynalite cannot run here; the message says why."""


@dataclass
class DynamodbServer:
    """A server that listens on `port`, started by `command`."""

    name: str
    command: Sequence[str | Path]
    port: int
    keeps_data: bool
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def client(self) -> Any:
        """A client for the tests' own questions."""
        return boto3.session.Session(region_name=REGION).client("dynamodb", endpoint_url=self.endpoint)

    @contextmanager
    def fresh(self) -> Iterator["DynamodbTable"]:
        """A table of its own."""
        table = DynamodbTable(self, f"coach-{next(_NUMBERS)}", self.keeps_data)
        table.make()
        yield table
        self.client.delete_table(TableName=table.name)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        until = time.monotonic() + _PATIENCE_S
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.name} did not start: {self._process.poll()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Stop it without notice."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class DynamodbTable:
    """A table as the template makes it."""

    server: DynamodbServer
    name: str
    keeps_data: bool
    expires: bool = True

    def make(self) -> None:
        """Make it, empty."""
        wanted = table_properties()
        names = ("AttributeDefinitions", "KeySchema", "BillingMode")
        client = self.server.client
        client.create_table(TableName=self.name, **{name: wanted[name] for name in names})
        client.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig={"Delay": 0})

    def open(self, now: Callable[[], float] = time.time) -> DynamodbStore:
        """A new client, with a clock in seconds since 1970."""
        return DynamodbStore(self.name, REGION, now)

    def restart(self) -> None:
        """Kill the server and start it again."""
        self.server.kill()
        self.server.start()
        if not self.keeps_data:
            self.make()

    def damage(self, text: str) -> None:
        """Overwrite every record."""
        for person in self.people():
            self._set(person, "record", {"B": text.encode()})

    def age(self, key: str, days: float) -> None:
        """Set when it expires."""
        self._set(key, "expires", {"N": str(int(time.time() - days * 86_400) + KEPT_UNUSED_S)})

    def people(self) -> set[str]:
        """Whoever has a record that has not expired."""
        now = time.time()
        return {
            item["person"]["S"]
            for item in self.items()
            if item["item"]["S"] == RECORD and int(item["expires"]["N"]) > now
        }

    def traces(self, key: str) -> int:
        """Items of any kind."""
        return sum(item["person"]["S"] == key for item in self.items())

    def items(self) -> list[dict[str, Any]]:
        """All that is stored."""
        scan = self.server.client.get_paginator("scan")
        pages = scan.paginate(TableName=self.name, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def _set(self, person: str, name: str, value: dict[str, Any]) -> None:
        self.server.client.update_item(
            TableName=self.name,
            Key={"person": {"S": person}, "item": {"S": RECORD}},
            UpdateExpression="SET #name=:value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value},
        )


@contextmanager
def running() -> Iterator[DynamodbServer]:
    """A new server, gone with its data at the end. The environment has credentials for nothing else."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="coach-dynamodb-"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        server = _any(folder)
        if not server.keeps_data:
            patch.setattr("skill.store.dynamodb.table._CONFIG", Config(read_timeout=_MOTO_S))
        _use(patch, server.endpoint)
        stack.callback(server.kill)
        server.start()
        yield server
        server.client.close()


def on_the_wire(
    patch: pytest.MonkeyPatch, hears: Callable[[str, AWSPreparedRequest], AWSResponse | None]
) -> None:
    """Have `hears` called with each action, as in "GetItem", and its request; what it answers, if anything,
    is the answer.
    """
    send = URLLib3Session.send

    def sent(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        action = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
        return hears(action, request) or send(session, request)

    patch.setattr(URLLib3Session, "send", sent)


def _any(folder: str) -> DynamodbServer:
    try:
        return _dynalite(folder)
    except NoDynaliteError as reason:
        server = _moto()
        server.name += f", as dynalite cannot run: {reason}"
        return server


def _dynalite(folder: str) -> DynamodbServer:
    node, installed, port = _node(), dynalite_folder(), _free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--path", folder, "--createTableMs", "0"]
    program = installed / "node_modules" / "dynalite" / "cli.js"
    name = f"dynalite {_pinned()} on Node.js {_told(node, '--version')}"
    return DynamodbServer(name, [node, program, *options, "--deleteTableMs", "0"], port, keeps_data=True)


def _moto() -> DynamodbServer:
    port = _free_port()
    command = [sys.executable, "-c", _MOTO, str(port)]
    return DynamodbServer(f"moto {version('moto')}", command, port, keeps_data=False)


@cache
def dynalite_folder() -> Path:
    """Where dynalite is installed, as locked beside this file; npm does it, if that was not done yet.

    Raises NoDynaliteError.
    """
    lock = _LOCKED / "package-lock.json"
    home = Path(sys.prefix) / f"dynalite-{_pinned()}"
    done = home / "installed"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return home
    if not (npm := shutil.which("npm")):
        raise NoDynaliteError("there is no npm")
    with tempfile.TemporaryDirectory(prefix="dynalite-", dir=sys.prefix) as made:
        draft = Path(made) / "draft"
        shutil.copytree(_LOCKED, draft)
        _install(npm, draft)
        shutil.copy(lock, draft / "installed")
        shutil.rmtree(home, ignore_errors=True)
        with suppress(OSError):  # somebody else was first
            draft.rename(home)
    return home


def _install(npm: str, folder: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
    try:
        told = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_NPM_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoDynaliteError(f"npm ci took longer than {_NPM_S:g} s") from None
    if told.returncode:
        raise NoDynaliteError(f"npm ci failed: {_last_line(told.stderr)}")


def _node() -> str:
    node = shutil.which("node")
    if not node:
        raise NoDynaliteError("there is no Node.js")
    told = _told(node, "--version")
    if int(told.split(".")[0]) < _OLDEST_NODE:
        raise NoDynaliteError(f"Node.js is {told}, and {_OLDEST_NODE} is needed")
    return node


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().lstrip("v")


def _last_line(text: str) -> str:
    errors = [line for line in text.splitlines() if re.search("error", line)]
    return (errors or ["nothing was said"])[-1][:200]


def _pinned() -> str:
    """The version of dynalite."""
    found = re.search(r'"dynalite": "([\d.]+)"', (_LOCKED / "package.json").read_text("utf-8"))
    assert found
    return found[1]


def _use(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Have every client of AWS's ask here, with credentials that are nobody's."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        patch.delenv(name, raising=False)
    patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    patch.setenv("AWS_CONFIG_FILE", "/dev/null")
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
