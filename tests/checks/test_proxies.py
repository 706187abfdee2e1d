"""What the deployed proxies serve, before a real `sciatica-coach serve`, has ticks alone."""

import os
import socket
import subprocess
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from skill.commands.checks.finding import Verdict
from skill.commands.checks.line import PATIENCE_S, Ports
from skill.commands.checks.outside import outside
from skill.package.endpoint import Endpoint
from skill.package.folder import write
from skill.package.package import Package
from tests.command import COMMAND
from tests.deploy.proxies import NAME, PROXIES, proxying
from tests.faults.served import free_port
from tests.test_cli import wait_until_it_listens

OURS = Endpoint.parse(f"https://{NAME}/alexa")


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_host_as_it_is_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    there, port = socket.getaddrinfo, free_port()
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: there("127.0.0.1", *rest, **more))
    write(tmp_path / "package", Package(OURS))
    settings = {"SCIATICA_STORE": f"sqlite:///{tmp_path}/c.sqlite3", "SCIATICA_AUDIO": str(tmp_path)}
    command = [COMMAND, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.PIPE) as webhook:
        try:
            wait_until_it_listens(webhook, port)
            with proxying(proxy, tmp_path / proxy, [port]) as running:
                monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / proxy / "certificate.pem"))
                ports = Ports(running.port, running.plain_port)
                now = partial(datetime.now, UTC)
                found = list(outside(OURS, tmp_path / "package", "", now, PATIENCE_S, ports))
        finally:
            webhook.terminate()
            webhook.communicate(timeout=30)
    assert [each for each in found[1:] if each.verdict is not Verdict.WELL] == []
    assert len(found) == 10
