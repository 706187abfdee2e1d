"""The port and its certificate, looked at over real sockets."""

import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from skill.commands.checks.certificate import Served, certificate
from skill.commands.checks.finding import Verdict
from skill.commands.checks.line import Ports
from skill.package.endpoint import Endpoint
from tests.checks.host import AUTHORITY, BRIEF_S, HERE, NAME, NOW, PATIENCE_S, closed_port, host, leaf, tls
from tests.web.authority import issue


def seen(ports: Ports, late: timedelta = timedelta(0), patience_s: float = PATIENCE_S) -> Served:
    return certificate(HERE, lambda: NOW + late, patience_s, ports.tls)


def test_a_good_certificate_is_a_tick_with_its_days_and_version(tmp_path: Path) -> None:
    with host(tmp_path) as ports:
        served = seen(ports)
    assert served.trusted
    assert not served.wildcard
    assert [finding.verdict for finding in served.findings] == [Verdict.WELL, Verdict.WELL]
    assert served.findings[0].found == f"{ports.tls} is open"
    assert served.findings[1].found == "trusted, for localhost, 90 days left, TLSv1.3"


def test_one_that_ends_soon_is_a_cross_but_still_trusted(tmp_path: Path) -> None:
    with host(tmp_path) as ports:
        assert seen(ports, timedelta(days=76)).findings[1].verdict is Verdict.WELL
        served = seen(ports, timedelta(days=77))
    assert served.trusted
    assert (served.findings[1].verdict, served.findings[1].mend[:8]) == (Verdict.WRONG, "renew it")


def incomplete(folder: Path) -> ssl.SSLContext:
    return tls(folder, leaf(NAME))


def self_made(folder: Path) -> ssl.SSLContext:
    return tls(folder, issue("self", None, authority=False, names=[NAME], start=NOW - timedelta(days=1)))


def foreign_root(folder: Path) -> ssl.SSLContext:
    root = issue("nobody's root", None, authority=True, start=NOW - timedelta(days=1))
    lone = issue("lone", root, authority=False, names=[NAME], start=NOW - timedelta(days=1))
    return tls(folder, lone, root)


FAULTS: dict[str, tuple[Callable[[Path], ssl.SSLContext], str, str]] = {
    "expired": (
        lambda folder: tls(folder, leaf(NAME, days=-3), AUTHORITY.intermediate),
        f"it expired on {NOW - timedelta(days=3) + timedelta(hours=1):%Y-%m-%d}",
        "sudo certbot renew, then reload the proxy",
    ),
    "of another host": (
        lambda folder: tls(folder, leaf("coach.example.com", "other.example"), AUTHORITY.intermediate),
        "it is for coach.example.com, other.example, not localhost",
        "sudo certbot certonly --webroot --webroot-path /var/www/html --domain localhost; Caddy",
    ),
    "without its chain": (
        incomplete,
        "CN=host intermediate, is not known: the chain is inc",
        "fullchain.pem",
    ),
    "self-made": (self_made, "self-made", "Let's Encrypt"),
    "of an authority nobody trusts": (foreign_root, "self-made", "Let's Encrypt"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_that_will_not_do_is_told_with_its_fault(tmp_path: Path, fault: str) -> None:
    context, found, mend = FAULTS[fault]
    with host(tmp_path, context=context(tmp_path)) as ports:
        served = seen(ports)
    assert not served.trusted
    assert [finding.verdict for finding in served.findings] == [Verdict.WELL, Verdict.WRONG]
    assert found in served.findings[1].found
    assert mend in served.findings[1].mend


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_that_is_too_old_is_a_cross(tmp_path: Path) -> None:
    context = tls(tmp_path, leaf(NAME), AUTHORITY.intermediate, old=True)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with host(tmp_path, context=context) as ports:
        finding = seen(ports).findings[1]
    assert finding.verdict is Verdict.WRONG
    assert finding.found == "it speaks no TLS 1.2 or newer with us"


@pytest.mark.parametrize(("name", "wildcard"), [("*.coach.test", True), ("a.coach.test", False)])
def test_a_certificate_for_all_hosts_of_a_domain_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, wildcard: bool
) -> None:
    there = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: there("127.0.0.1", *rest, **more))
    with host(tmp_path, context=tls(tmp_path, leaf(name), AUTHORITY.intermediate)) as ports:
        served = certificate(Endpoint.parse("https://a.coach.test"), lambda: NOW, PATIENCE_S, ports.tls)
    assert served.trusted
    assert served.wildcard == wildcard


def test_a_port_on_which_nothing_listens_is_one_cross() -> None:
    (finding,) = seen(Ports(port := closed_port())).findings
    assert finding.verdict is Verdict.WRONG
    assert finding.found == f"{port}: connection refused"
    assert "sciatica-coach check --url https://localhost/alexa" in finding.mend


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03", b"SSH-2.0-OpenSSH_9.2\r\n"]
)
def test_what_speaks_no_tls_is_a_cross_and_waited_for_no_longer_than_told(sent: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        lines: list[socket.socket] = []

        def accept() -> None:
            line, _ = server.accept()
            line.sendall(sent)
            lines.append(line)

        thread = Thread(target=accept)
        thread.start()
        findings = seen(Ports(server.getsockname()[1]), patience_s=BRIEF_S).findings
        thread.join()
        for line in lines:
            line.close()
    assert findings[-1].verdict is Verdict.WRONG


def test_roots_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    (finding,) = seen(Ports()).findings
    assert finding.found == "the roots in SSL_CERT_FILE cannot be read: no such file or directory"
    assert finding.mend == "unset SSL_CERT_FILE"


@pytest.mark.parametrize("names", [b"\x30\x02\xa3\x00", b"\x30\x05\x82\x03a\x9bb"], ids=["x400", "not ascii"])
def test_names_that_cannot_be_read_are_a_cross(tmp_path: Path, names: bytes) -> None:
    odd = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, names)
    signer = issue("odd", None, authority=False, start=NOW - timedelta(days=1), more=[(odd, False)])
    with host(tmp_path, context=tls(tmp_path, signer)) as ports:
        assert seen(ports).findings[1].verdict is Verdict.WRONG
