"""The port, and the certificate that is served on it."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from cryptography import x509

from skill.commands.checks.finding import Finding
from skill.commands.checks.line import PATIENCE_S, ROOTS_VARIABLE, connected, told, trusting
from skill.commands.checks.target import Target

LEAST_DAYS = 14
"""Let's Encrypt's certificates are renewed when 30 days are left: by then something is wrong."""

_EXPIRED, _NOT_YET, _WRONG_NAME = 10, 9, 62
_SELF_SIGNED = (18, 19)
_NO_ISSUER = (20, 21)
"""OpenSSL's numbers for what is wrong with a chain."""
_OLD = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Served:
    """What was seen. trusted: whether the host can be talked to. wildcard: the name fits by a star alone."""

    findings: tuple[Finding, ...]
    trusted: bool = False
    wildcard: bool = False


def certificate(target: Target, clock: Clock, patience_s: float = PATIENCE_S) -> Served:
    """Whether TLS on the host's port is such as Amazon wants."""
    try:
        context = trusting()
    except OSError as error:
        what = f"the roots in {ROOTS_VARIABLE} cannot be read: {told(error)}"
        return Served((Finding.wrong("certificate", what, f"unset {ROOTS_VARIABLE}"),))
    try:
        leaf, version = _shown(target, context, patience_s)
    except ssl.SSLCertVerificationError as error:
        return Served((_port(target), _untrusted(target, error, patience_s)))
    except ssl.SSLError as error:
        return Served((_port(target), _no_tls(error)))
    except (OSError, ValueError) as error:
        return Served((_closed(target, error),))
    return _judged(target, leaf, version, clock())


def _judged(target: Target, leaf: x509.Certificate, version: str, now: datetime) -> Served:
    days = (leaf.not_valid_after_utc - now.astimezone(UTC)).days
    what = f"trusted, for {target.host}, {days} days left, {version}"
    well = Finding("certificate", what)
    renew = "renew it: sudo certbot renew; Caddy renews by itself while ports 80 and 443 reach it"
    found = well if days >= LEAST_DAYS else Finding.wrong("certificate", what, renew)
    return Served((_port(target), found), True, target.host not in _names(leaf))


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [each.lower() for each in names.get_values_for_type(x509.DNSName)]


def _port(target: Target) -> Finding:
    return Finding("port", f"{target.port} is open")


def _closed(target: Target, error: Exception) -> Finding:
    mend = (
        f"start the TLS proxy (docs/hosting.md), and let firewall and router pass port {target.port}; "
        f"from within the same network, try another one: sciatica-coach check --url {target.url}"
    )
    return Finding.wrong("port", f"{target.port}: {told(error)}", mend)


def _no_tls(error: ssl.SSLError) -> Finding:
    if error.reason in _OLD:
        old = "it speaks no TLS 1.2 or newer with us"
        return Finding.wrong("certificate", old, "let the proxy speak TLS 1.2 and 1.3: docs/hosting.md")
    mend = "let the proxy speak TLS on this port: docs/hosting.md"
    return Finding.wrong("certificate", told(error), mend)


def _untrusted(target: Target, error: ssl.SSLCertVerificationError, patience_s: float) -> Finding:
    leaf = _unverified(target, patience_s)
    until = f" on {leaf.not_valid_after_utc:%Y-%m-%d}" if leaf else ""
    issuer = f", {leaf.issuer.rfc4514_string()}," if leaf else ""
    names = ", ".join(_names(leaf)) if leaf else "others"
    anew = f"get one for {target.host}, as by Let's Encrypt: sudo certbot --nginx -d {target.host}"
    chain = "serve the whole chain: fullchain.pem instead of cert.pem; a self-made authority will not do"
    code = error.verify_code
    if code == _EXPIRED:
        return Finding.wrong("certificate", f"it expired{until}", "sudo certbot renew, then reload the proxy")
    if code == _NOT_YET:
        return Finding.wrong("certificate", "it is not valid yet", "sudo timedatectl set-ntp true")
    if code == _WRONG_NAME:
        return Finding.wrong("certificate", f"it is for {names or 'nobody'}, not {target.host}", anew)
    if code in _SELF_SIGNED:
        return Finding.wrong("certificate", "it is self-made; Amazon trusts it in no published skill", anew)
    if code in _NO_ISSUER:
        seen = f"its issuer{issuer} is not known: the chain is incomplete, or nobody trusts it"
        return Finding.wrong("certificate", seen, chain)
    return Finding.wrong("certificate", f"it is not trusted: {error.verify_message}", anew)


def _unverified(target: Target, patience_s: float) -> x509.Certificate | None:
    """The certificate as it is, to tell what is wrong with it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return _shown(target, context, patience_s)[0]
    except (OSError, ValueError):
        return None


def _shown(target: Target, context: ssl.SSLContext, patience_s: float) -> tuple[x509.Certificate, str]:
    """The host's certificate, and the version of TLS. Raises OSError or ValueError."""
    with connected(target.host, target.port, context, patience_s) as line:
        secured = cast(ssl.SSLSocket, line)
        return x509.load_der_x509_certificate(secured.getpeercert(True) or b""), secured.version() or ""
