"""The port, and the certificate that is served on it."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import cast

from cryptography import x509

from skill.commands.checks.finding import Finding
from skill.commands.checks.line import PATIENCE_S, PORTS, ROOTS_VARIABLE, connected, told, trusting
from skill.package.endpoint import Endpoint

LEAST_DAYS = 14
"""Let's Encrypt's certificates are renewed when 30 days are left: by then something is wrong."""

_EXPIRED, _NOT_YET, _WRONG_NAME = 10, 9, 62
_SELF_SIGNED = (18, 19)
_NO_ISSUER = (20, 21)
"""OpenSSL's numbers for what is wrong with a chain."""
_OLD = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE")
_UNREADABLE = (
    ValueError,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate raises that is not as it should be."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Served:
    """What was seen. trusted: whether the host can be talked to. wildcard: the name fits by a star alone."""

    findings: tuple[Finding, ...]
    trusted: bool = False
    wildcard: bool = False


def certificate(
    endpoint: Endpoint, clock: Clock, patience_s: float = PATIENCE_S, port: int = PORTS.tls
) -> Served:
    """Whether TLS on the host's port is such as Amazon wants."""
    try:
        context = trusting()
    except OSError as error:
        what = f"the roots in {ROOTS_VARIABLE} cannot be read: {told(error)}"
        return Served((Finding.wrong("certificate", what, f"unset {ROOTS_VARIABLE}"),))
    shown = partial(_shown, endpoint.host, port, patience_s=patience_s)
    is_open = Finding("port", f"{port} is open")
    try:
        leaf, version = shown(context)
    except ssl.SSLCertVerificationError as error:
        return Served((is_open, _untrusted(endpoint.host, error, _unverified(shown))))
    except ssl.SSLError as error:
        return Served((is_open, _no_tls(error)))
    except (OSError, *_UNREADABLE) as error:
        return Served((_closed(endpoint, port, error),))
    wildcard = endpoint.host not in _names(leaf)
    return Served((is_open, _trusted(endpoint.host, leaf, version, clock())), True, wildcard)


def _trusted(host: str, leaf: x509.Certificate, version: str, now: datetime) -> Finding:
    days = (leaf.not_valid_after_utc - now.astimezone(UTC)).days
    what = f"trusted, for {host}, {days} days left, {version}"
    renew = "renew it: sudo certbot renew; Caddy renews by itself while ports 80 and 443 reach it"
    return Finding("certificate", what) if days >= LEAST_DAYS else Finding.wrong("certificate", what, renew)


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _UNREADABLE:
        return []
    return [each.lower() for each in names.get_values_for_type(x509.DNSName)]


def _issuer(leaf: x509.Certificate) -> str:
    try:
        return f", {leaf.issuer.rfc4514_string()},"
    except _UNREADABLE:
        return ""


def _closed(endpoint: Endpoint, port: int, error: Exception) -> Finding:
    mend = (
        f"start the TLS proxy (docs/hosting.md), and let firewall and router pass port {port}; "
        f"from within the same network, try another one: sciatica-coach check --url {endpoint.uri}"
    )
    return Finding.wrong("port", f"{port}: {told(error)}", mend)


def _no_tls(error: ssl.SSLError) -> Finding:
    if error.reason in _OLD:
        old = "it speaks no TLS 1.2 or newer with us"
        return Finding.wrong("certificate", old, "let the proxy speak TLS 1.2 and 1.3: docs/hosting.md")
    mend = "let the proxy speak TLS on this port: docs/hosting.md"
    return Finding.wrong("certificate", told(error), mend)


def _untrusted(host: str, error: ssl.SSLCertVerificationError, leaf: x509.Certificate | None) -> Finding:
    """leaf: what was served, where it can be read."""
    until = f" on {leaf.not_valid_after_utc:%Y-%m-%d}" if leaf else ""
    issuer = _issuer(leaf) if leaf else ""
    names = ", ".join(_names(leaf)) if leaf else "others"
    anew = (
        f"get one for {host}, as by Let's Encrypt: sudo certbot certonly --webroot "
        f"--webroot-path /var/www/html --domain {host}; Caddy gets its own"
    )
    chain = "serve the whole chain: fullchain.pem instead of cert.pem; a self-made authority will not do"
    code = error.verify_code
    if code == _EXPIRED:
        return Finding.wrong("certificate", f"it expired{until}", "sudo certbot renew, then reload the proxy")
    if code == _NOT_YET:
        return Finding.wrong("certificate", "it is not valid yet", "sudo timedatectl set-ntp true")
    if code == _WRONG_NAME:
        return Finding.wrong("certificate", f"it is for {names or 'nobody'}, not {host}", anew)
    if code in _SELF_SIGNED:
        return Finding.wrong("certificate", "it is self-made; Amazon trusts it in no published skill", anew)
    if code in _NO_ISSUER:
        seen = f"its issuer{issuer} is not known: the chain is incomplete, or nobody trusts it"
        return Finding.wrong("certificate", seen, chain)
    return Finding.wrong("certificate", f"it is not trusted: {error.verify_message}", anew)


def _unverified(shown: Callable[[ssl.SSLContext], tuple[x509.Certificate, str]]) -> x509.Certificate | None:
    """The certificate as it is, to tell what is wrong with it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return shown(context)[0]
    except (OSError, *_UNREADABLE):
        return None


def _shown(host: str, port: int, context: ssl.SSLContext, patience_s: float) -> tuple[x509.Certificate, str]:
    """The host's certificate, and the version of TLS. Raises OSError or one of _UNREADABLE."""
    with connected(host, port, context, patience_s) as line:
        secured = cast(ssl.SSLSocket, line)
        return x509.load_der_x509_certificate(secured.getpeercert(True) or b""), secured.version() or ""
