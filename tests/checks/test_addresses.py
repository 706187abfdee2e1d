"""The port at each address of a name: 127.0.0.2 is one of this machine's at which nothing listens."""

import errno
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skill.commands.checks.addresses import addresses
from skill.commands.checks.finding import Verdict
from skill.commands.checks.line import connected
from skill.commands.checks.outside import outside
from tests.checks.host import HERE, PATIENCE_S, host

DEAD = "127.0.0.2"


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_dead_address_beside_one_that_answers_is_a_cross_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = socket.getaddrinfo

    def both(name: str, *rest: int, **more: int) -> list[object]:
        names = [name] if name in (DEAD, "127.0.0.1") else [DEAD, "127.0.0.1"]
        return [found for each in names for found in there(each, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with host(tmp_path) as ports:
        found = list(outside(HERE, tmp_path / "none", "", lambda: datetime.now(UTC), PATIENCE_S, ports))
    (wrong,) = [each for each in found if each.verdict is Verdict.WRONG]
    assert wrong.found == f"{ports.tls} at {DEAD}: connection refused"
    assert f"let the proxy answer at {DEAD}" in wrong.mend
    assert "endpoint" in {each.what for each in found if each.verdict is Verdict.WELL}


def test_what_is_dead_everywhere_is_told_by_the_certificate_alone() -> None:
    with listening() as server:
        port = server.getsockname()[1]
    assert addresses([DEAD, "127.0.0.1"], port, PATIENCE_S) == []


def test_a_network_without_ipv6_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    there = socket.create_connection

    def without(address: tuple[str, int], *rest: float) -> socket.socket:
        if ":" in address[0]:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return there(address, *rest)

    monkeypatch.setattr(socket, "create_connection", without)
    with listening() as server:
        (found,) = addresses(["127.0.0.1", "2001:db8::1"], server.getsockname()[1], PATIENCE_S)
    assert found.verdict is Verdict.UNSURE
    assert "at 2001:db8::1: network is unreachable" in found.found


def test_a_first_address_that_swallows_everything_leaves_time_for_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, patiences = socket.create_connection, []

    def noted(address: tuple[str, int], patience_s: float) -> socket.socket:
        patiences.append(patience_s)
        return there(address, patience_s)

    monkeypatch.setattr(socket, "create_connection", noted)
    with listening() as server, connected("127.0.0.1", server.getsockname()[1], None, 8.0) as line:
        assert line.gettimeout() == 8.0
    assert patiences == [4.0]
