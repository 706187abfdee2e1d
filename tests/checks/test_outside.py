"""All that Amazon meets, one thing after the other."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skill.commands.checks.finding import Finding, Verdict
from skill.commands.checks.line import PORTS, Ports
from skill.commands.checks.outside import outside
from skill.package.endpoint import Endpoint
from skill.package.folder import write
from skill.package.package import Certificate, Package
from tests.checks.host import AUTHORITY, HERE, PATIENCE_S, closed_port, host, leaf, tls

OURS = Endpoint.parse("https://coach.host.test/alexa")


def seen(endpoint: Endpoint, ports: Ports, folder: Path) -> dict[str, Finding]:
    found = outside(endpoint, folder, "", lambda: datetime.now(UTC), PATIENCE_S, ports)
    return {finding.what: finding for finding in found}


def test_a_host_with_a_wildcard_wants_a_package_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: there("127.0.0.1", *rest, **more))
    write(tmp_path / "package", Package(OURS))
    with host(tmp_path, context=tls(tmp_path, leaf("*.host.test"), AUTHORITY.intermediate)) as ports:
        found = seen(OURS, ports, tmp_path / "package")
        wrong = {what for what, finding in found.items() if finding.verdict is Verdict.WRONG}
        assert wrong == {"package"}
        write(tmp_path / "package", Package(OURS, Certificate.WILDCARD))
        assert seen(OURS, ports, tmp_path / "package")["package"].verdict is Verdict.WELL


@pytest.mark.parametrize(
    ("endpoint", "ports", "crosses"),
    [
        (Endpoint.parse("https://nobody.invalid"), PORTS, {"name"}),
        (HERE, Ports(closed_port()), {"port"}),
    ],
)
def test_what_cannot_be_asked_yet_is_neither_tick_nor_cross(
    tmp_path: Path, endpoint: Endpoint, ports: Ports, crosses: set[str]
) -> None:
    found = seen(endpoint, ports, tmp_path / "none")
    assert {what for what, finding in found.items() if finding.verdict is Verdict.WRONG} == crosses
    assert found["endpoint"].verdict is Verdict.UNSURE
    assert found["package"].verdict is Verdict.UNSURE
