"""The deployed configurations, run by the real proxies: only addresses, ports, names of files are others."""

import os
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPException, HTTPMessage, HTTPSConnection
from pathlib import Path
from socket import create_connection, socket
from time import monotonic
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.deploy.programs import program
from tests.faults.served import free_port
from tests.web.authority import Signer, issue, pem_of

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
NAME = "coach.example.com"
CLIENT = "127.0.0.9"
"""The address that people ask from: one that no log may tell."""
FROM = "X-Tested-From"
"""A header for nginx alone: the address that a request of the tests is taken to come from."""
UP_WITHIN_S = 30
PATIENCE_S = 20


class Reply(NamedTuple):
    """What came back through a proxy."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass
class Proxy:
    """One that runs: its ports for HTTPS and HTTP, and the files that it logs to."""

    port: int
    plain_port: int
    logs: Sequence[Path]
    trusted: ssl.SSLContext
    retries: bool
    """Whether a request waits for a webhook that is just being restarted."""

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request on a connection of its own."""
        line = HTTPSConnection(NAME, self.port, timeout=PATIENCE_S, context=self.trusted)
        line._create_connection = lambda *_: self.dial()  # type: ignore[attr-defined]
        try:
            line.request(method, path, body, dict(headers or {}))
            response = line.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            line.close()

    def dial(self) -> socket:
        """A connection, without TLS yet."""
        return create_connection(("127.0.0.1", self.port), PATIENCE_S, (CLIENT, 0))

    def secured(self) -> ssl.SSLSocket:
        """A connection."""
        return self.trusted.wrap_socket(self.dial(), server_hostname=NAME)

    def logged(self) -> str:
        """All that it has logged so far."""
        return "".join(log.read_text("utf-8") for log in self.logs if log.exists())


@cache
def _root() -> Signer:
    return issue("the tests' root", None, authority=True, start=datetime.now(UTC) - timedelta(days=1))


def _certificates(folder: Path) -> tuple[Path, Path]:
    """A certificate for NAME, and its key."""
    leaf = issue(NAME, _root(), authority=False, names=[NAME], start=datetime.now(UTC) - timedelta(days=1))
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(pem_of(leaf, _root()))
    key.write_bytes(leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, key


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """`text` with each first taken for its second; it must be there."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in the recipe any more"
        text = text.replace(old, new)
    return text


def nginx_files(folder: Path, ports: Sequence[int], webhooks: Sequence[int]) -> tuple[list[str], list[Path]]:
    """How to start nginx on these ports, and its logs. The recipe is read as conf.d is."""
    certificate, key = _certificates(folder)
    recipe = (DEPLOY / "nginx" / "sciatica-coach.conf").read_text("utf-8")
    site = replaced(
        recipe,
        ("127.0.0.1:8000", f"127.0.0.1:{webhooks[0]}"),
        ("127.0.0.1:8001", f"127.0.0.1:{webhooks[-1]}"),
        ("listen 80;", f"listen 127.0.0.1:{ports[1]};"),
        ("listen [::]:80;", f"listen 127.0.0.2:{ports[1]};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{ports[0]} ssl;"),
        ("listen [::]:443 ssl;", f"listen 127.0.0.2:{ports[0]} ssl;"),
        ("/etc/letsencrypt/live/coach.example.com/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/coach.example.com/privkey.pem", str(key)),
        ("/var/log/nginx/", f"{folder}/"),
        ("/var/www/html", str(folder)),
    )
    (folder / "site.conf").write_text(site, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    tested = f"set_real_ip_from 127.0.0.0/8; real_ip_header {FROM};"
    main = (
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; events {{}}\n"
        f"http {{ {scratch} {tested} include {folder}/site.conf; }}\n"
    )
    (folder / "nginx.conf").write_text(main, "utf-8")
    command = [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    logs = ("sciatica-coach.log", "sciatica-coach.error.log", "output")
    return command, [folder / each for each in logs]


def caddy_files(folder: Path, ports: Sequence[int], webhooks: Sequence[int]) -> tuple[list[str], list[Path]]:
    """How to start Caddy on these ports, and its logs."""
    certificate, key = _certificates(folder)
    recipe = for_this_caddy((DEPLOY / "Caddyfile").read_text("utf-8"))
    site = replaced(
        recipe,
        ("admin 127.0.0.1:2019", f"admin unix//{folder}/admin\n\tdefault_bind 127.0.0.1"),
        ("http_port 8080", f"http_port {ports[1]}"),
        ("https_port 8443", f"https_port {ports[0]}"),
        ("{$DOMAIN} {\n", f"{NAME} {{\n\ttls {certificate} {key}\n"),
        ("webhook:8000", f"127.0.0.1:{webhooks[0]}"),
    )
    (folder / "Caddyfile").write_text(site, "utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return command, [folder / "output"]


def for_this_caddy(recipe: str) -> str:
    """The recipe, as the Caddy here can do it: before 2.6.3 a size of buffers had another name."""
    if not _caddy_retries():
        recipe = replaced(recipe, ("\t\t\tlb_try_duration 5s\n", ""))
    if _caddy_version() >= (2, 6, 3):
        return recipe
    return replaced(recipe, ("request_buffers 64KiB", "buffer_requests\n\t\t\tmax_buffer_size 64KiB"))


def _caddy_retries() -> bool:
    """Before 2.11 a request that was tried again might come with the body of another one."""
    return _caddy_version() >= (2, 11)


@cache
def _caddy_version() -> tuple[int, ...]:
    shown = subprocess.run([program("caddy"), "version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", shown)[:3])


Files = Callable[[Path, Sequence[int], Sequence[int]], tuple[list[str], list[Path]]]
PROXIES: Mapping[str, Files] = {"nginx": nginx_files, "caddy": caddy_files}


@contextmanager
def proxying(name: str, folder: Path, webhooks: Sequence[int]) -> Iterator[Proxy]:
    """That proxy before the webhooks on these ports."""
    folder.mkdir()
    ports = free_port(), free_port()
    command, logs = PROXIES[name](folder, ports, webhooks)
    environment = {"PATH": os.defpath, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    trusted = ssl.create_default_context(cadata=pem_of(_root()).decode())
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,
    ):
        proxy = Proxy(*ports, logs, trusted, retries=name != "caddy" or _caddy_retries())
        try:
            _await_up(proxy, process)
            yield proxy
        finally:
            process.terminate()
            try:
                process.wait(UP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_up(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + UP_WITHIN_S
    while monotonic() < end and process.poll() is None:
        with suppress(OSError, HTTPException):
            if proxy.ask("GET", "/nothing").status == 404:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    raise AssertionError(f"the proxy does not answer: {proxy.logged()}")
