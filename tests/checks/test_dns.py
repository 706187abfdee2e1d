"""The name of the host, as this machine's resolver and a made-up one tell it."""

import socket
from threading import Event

import pytest

from skill.commands.checks import dns as module
from skill.commands.checks.dns import dns
from skill.commands.checks.finding import Verdict
from skill.package.endpoint import Endpoint

COACH = Endpoint.parse("https://coach.example.com")


def led_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_a_name_that_does_not_resolve_leads_nowhere() -> None:
    known = dns(Endpoint.parse("https://nobody.invalid"))
    assert not known.addresses
    assert known.finding.verdict is Verdict.WRONG
    assert known.finding.found.startswith("nobody.invalid leads nowhere: ")
    assert "DNS" in known.finding.mend


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.1", "::1", "100.64.0.1", "100.127.9.9"])
def test_a_name_that_is_this_machine_here_may_be_another_elsewhere(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    led_to(monkeypatch, address)
    known = dns(COACH)
    assert known.addresses == (address,)
    assert known.finding.verdict is Verdict.UNSURE
    assert known.finding.mend == (
        "ask from another network: sciatica-coach check --url https://coach.example.com/alexa"
    )


@pytest.mark.parametrize("address", ["192.168.1.5", "10.0.0.1", "fe80::1%eth0"])
def test_one_address_that_amazon_cannot_reach_is_a_cross(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    led_to(monkeypatch, "8.8.8.8", "127.0.0.1", address)
    known = dns(COACH)
    assert set(known.addresses) == {"8.8.8.8", "127.0.0.1", address}
    assert known.finding.verdict is Verdict.WRONG
    assert address in known.finding.found
    assert "cannot be reached from the internet" in known.finding.found


def test_a_name_on_the_internet_is_a_tick_with_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    led_to(monkeypatch, "8.8.8.8", "2001:4860:4860::8888", "8.8.8.8")
    known = dns(COACH)
    assert known.finding.verdict is Verdict.WELL
    assert known.finding.found == "coach.example.com is 2001:4860:4860::8888, 8.8.8.8"


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    known = dns(COACH)
    over.set()
    assert (known.finding.verdict, known.addresses) == (Verdict.UNSURE, ())
