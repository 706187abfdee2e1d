"""Files of certificates: forged, expired, mis-issued, mis-ordered, damaged; and odd ones that are good."""

import base64
import gzip
import random
import urllib.error
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import Message
from http.client import BadStatusLine
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from skill.web.refusal import Refusal
from tests.web.attempt import Attempt, Case, Change
from tests.web.authority import NAME, START, Signer, authority, in_sha1, issue, key_usage, new_key, pem_of

DAY = timedelta(days=1)
TODAY = START + 44 * DAY
GONE = {"start": START - 400 * DAY, "lasts": 90 * DAY}
AHEAD = {"start": TODAY + DAY}
UNREADABLE = (x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\xff\xff"), False)
UNHEARD_OF = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)


def leaf(**options: object) -> Change:
    """A leaf with something about it, issued by the usual intermediate."""
    return lambda attempt: attempt.published(authority().leaf(**options))  # type: ignore[arg-type]


def by(issuer: Callable[[], tuple[Signer, ...]]) -> Change:
    """A good leaf by the first of `issuer`, published with all of them."""

    def change(attempt: Attempt) -> Attempt:
        others = issuer()
        return attempt.published(issue("leaf", others[0], authority=False, names=[NAME]), *others)

    return change


def middle(**options: object) -> Change:
    """A good leaf by an intermediate with something about it."""
    return by(lambda: (issue("middle", authority().root, **{"authority": True, **options}),))  # type: ignore[arg-type]


def file(make: Callable[[Attempt], bytes]) -> Change:
    """The usual leaf, in another file."""
    return lambda attempt: replace(attempt, pem=make(attempt))


def fails(error: Exception) -> Change:
    """The host of the certificate does."""
    return lambda attempt: replace(attempt, error=error)


def constrained(**subtrees: list[x509.GeneralName]) -> Change:
    """By an intermediate that may issue for some names only."""
    constraints = x509.NameConstraints(subtrees.get("permitted"), subtrees.get("excluded"))
    return middle(more=[(constraints, True)])


def ec_leaf(attempt: Attempt) -> Attempt:
    """Signed as its key can."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = authority().leaf(key=key)
    return replace(
        attempt.published(signer),
        sign=lambda _, raw: base64.b64encode(key.sign(raw, ec.ECDSA(SHA256())).ljust(256, b"\0")).decode(),
    )


def ed25519_leaf(attempt: Attempt) -> Attempt:
    """Signed as its key can."""
    key = ed25519.Ed25519PrivateKey.generate()
    return replace(
        attempt.published(authority().leaf(key=key)),
        sign=lambda _, raw: base64.b64encode(key.sign(raw).ljust(256, b"\0")).decode(),
    )


def small_leaf(attempt: Attempt) -> Attempt:
    """Signed as its key can, and made as long as others."""
    signer = authority().leaf(key=new_key("small", 1024))

    def twice(leaf: Signer, raw: bytes) -> str:
        return base64.b64encode(base64.b64decode(leaf.signature(raw)) * 2).decode()

    return replace(attempt.published(signer), sign=twice)


def sha1_leaf(attempt: Attempt) -> Attempt:
    """Issued with SHA-1."""
    return attempt.published(in_sha1(authority().leaf(), authority().intermediate))


def sha1_middle() -> tuple[Signer, ...]:
    """Issued with SHA-1."""
    return (in_sha1(issue("middle", authority().root, authority=True), authority().root),)


def too_long() -> tuple[Signer, ...]:
    """An authority below one that may have none below it."""
    upper = issue("upper", authority().root, authority=True, length=0)
    return issue("lower", upper, authority=True), upper


def impostor(name: str) -> Signer:
    """The name of somebody trusted, and another key."""
    trusted = {"test root": authority().root, "test intermediate": authority().intermediate}[name]
    made = issue(name, None, authority=True, key=new_key("impostor"))
    assert made.certificate.subject == trusted.certificate.subject
    return made


def leaf_by_leaf(*names: str) -> Callable[[], tuple[Signer, ...]]:
    """A leaf for `names` as an issuer."""
    return lambda: (authority().leaf(names, name="other leaf"), authority().intermediate)


def own(attempt: Attempt) -> Attempt:
    """Its own issuer."""
    return attempt.published(issue("leaf", None, authority=False, names=[NAME]))


def authority_leaf(attempt: Attempt) -> Attempt:
    """May sign, and may issue."""
    usage = key_usage(issues=True, signs=True)
    return attempt.published(
        issue("leaf", authority().intermediate, authority=True, names=[NAME], usage=usage)
    )


def a_root_as_leaf(attempt: Attempt) -> Attempt:
    """A trusted root could sign anything, but is not Alexa."""
    return attempt.published(authority().root)


def intermediate_signs(attempt: Attempt) -> Attempt:
    """The good file, signed with the key of the one that issued the leaf."""
    return replace(attempt, sign=lambda _, raw: authority().intermediate.signature(raw))


def stranger(attempt: Attempt) -> Attempt:
    """All in order, but for who vouches for it."""
    other = authority("stranger")
    return attempt.published(other.leaf(), other.intermediate, other.root)


def bit(place: Callable[[bytes], int]) -> Change:
    """One bit of the leaf changed after it was issued."""

    def change(attempt: Attempt) -> Attempt:
        der = bytearray(attempt.leaf.certificate.public_bytes(Encoding.DER))
        der[place(bytes(der))] ^= 1
        body = base64.encodebytes(bytes(der))
        damaged = b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"
        return replace(attempt, pem=damaged + pem_of(authority().intermediate))

    return change


def many(count: int) -> tuple[Signer, ...]:
    """Authorities that nobody needs."""
    return tuple(
        issue("tail", None, authority=True, key=new_key("tail"), lasts=n * DAY) for n in range(1, count + 1)
    )


def moved(status: int) -> urllib.error.HTTPError:
    """What urllib raises where a redirect is not followed."""
    return urllib.error.HTTPError("", status, "Found", Message(), None)


def noise() -> bytes:
    """What looks like a certificate."""
    body = base64.encodebytes(random.Random(1).randbytes(600))
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def misordered(attempt: Attempt) -> bytes:
    return pem_of(authority().root, authority().intermediate, attempt.leaf)


def with_key(attempt: Attempt) -> bytes:
    """What an administrator should never have published; it says nothing of who signs."""
    key = attempt.leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + attempt.pem


def described(attempt: Attempt) -> bytes:
    """As `openssl x509 -text` writes it, on Windows."""
    text = b"Certificate:\n    Data:\n        Version: 3 (0x2)\n"
    return attempt.pem.replace(b"-----BEGIN", text + b"-----BEGIN").replace(b"\n", b"\r\n")


def cross_signed(**options: object) -> Change:
    """The file of a trusted root's issuer's younger years: a tail that ends at somebody forgotten."""

    def change(attempt: Attempt) -> Attempt:
        old = issue("forgotten root", None, authority=True, **options)  # type: ignore[arg-type]
        root = authority().root
        tail = issue("test root", old, authority=True, key=root.key, **options)  # type: ignore[arg-type]
        return replace(attempt, pem=attempt.pem + pem_of(tail, old))

    return change


def crossed_in_the_middle(attempt: Attempt) -> Attempt:
    """One intermediate, vouched for by a stranger first, then by our root."""
    key = authority().intermediate.key
    strange = issue("test intermediate", authority("stranger").root, authority=True, key=key)
    return attempt.published(attempt.leaf, strange, authority().intermediate)


def replaced(signs: int) -> Change:
    """Two leaves in one file, while the one replaces the other; the first or the second signs."""

    def change(attempt: Attempt) -> Attempt:
        leaves = (authority().leaf(), authority().leaf(name="other leaf"))
        return replace(attempt, leaf=leaves[signs], pem=pem_of(*leaves, authority().intermediate))

    return change


def beside(*more: Callable[[], Signer], signs: bool) -> Change:
    """A good leaf behind others that are not; a good one signs, or the first of the others."""

    def change(attempt: Attempt) -> Attempt:
        others = [make() for make in more]
        signer = attempt.leaf if signs else others[0]
        return replace(attempt, leaf=signer, pem=pem_of(*others) + attempt.pem)

    return change


def deep() -> tuple[Signer, ...]:
    """Three intermediates, the last first."""
    upper = issue("upper", authority().root, authority=True)
    lower = issue("lower", upper, authority=True)
    return issue("lowest", lower, authority=True), upper, lower


def expired_leaf() -> Signer:
    return authority().leaf(name="other leaf", **GONE)  # type: ignore[arg-type]


def strangers_leaf() -> Signer:
    return authority("stranger").leaf(name="other leaf")


ONLY_AMAZON = [x509.DNSName("amazon.com")]
ELSEWHERE = [x509.DNSName("example.com")]
PLAIN_URL = x509.UniformResourceIdentifier(f"https://{NAME}")
CHAIN, FETCH = Refusal.CHAIN, Refusal.FETCH

BAD_CHAINS = [
    Case("leaf: for a longer name", CHAIN, leaf(names=[f"{NAME}.evil.com"])),
    Case("leaf: for a name with more in front", CHAIN, leaf(names=[f"x{NAME}"])),
    Case("leaf: for the domain above", CHAIN, leaf(names=["amazon.com"])),
    Case("leaf: for another name", CHAIN, leaf(names=["localhost"])),
    Case("leaf: for a pattern elsewhere", CHAIN, leaf(names=["*.evil.com"])),
    Case("leaf: for a pattern that matches", CHAIN, leaf(names=["*.amazon.com"])),
    Case("leaf: for a name below", CHAIN, leaf(names=[f"a.{NAME}"])),
    Case("leaf: for the name with a dot behind", CHAIN, leaf(names=[f"{NAME}."])),
    Case("leaf: for the name with NUL and more", CHAIN, leaf(names=[f"{NAME}\0.evil.com"])),
    Case("leaf: for a look-alike", CHAIN, leaf(names=["xn--echo-api-8nf.amazon.com"])),
    Case("leaf: for another address of the same look", CHAIN, leaf(names=["echo-api.arnazon.com"])),
    Case("leaf: the name is an e-mail address's", CHAIN, leaf(names=[x509.RFC822Name(f"a@{NAME}")])),
    Case("leaf: the name is a URI's", CHAIN, leaf(names=[PLAIN_URL])),
    Case("leaf: for an IP address", CHAIN, leaf(names=[x509.IPAddress(IPv4Address("127.0.0.1"))])),
    Case("leaf: names nobody", CHAIN, leaf(names=())),
    Case("leaf: has a common name only", CHAIN, leaf(names=(), name=NAME)),
    Case("leaf: its names cannot be read", CHAIN, leaf(names=(), more=[UNREADABLE])),
    Case("leaf: expired", CHAIN, leaf(**GONE)),
    Case(
        "leaf: expired a second ago", CHAIN, leaf(lasts=44 * DAY + timedelta(hours=8) - timedelta(seconds=1))
    ),
    Case("leaf: not yet valid", CHAIN, leaf(**AHEAD)),
    Case("leaf: an authority too", CHAIN, authority_leaf),
    Case("leaf: for clients", CHAIN, leaf(purposes=[ExtendedKeyUsageOID.CLIENT_AUTH])),
    Case("leaf: for code", CHAIN, leaf(purposes=[ExtendedKeyUsageOID.CODE_SIGNING])),
    Case("leaf: its key may not sign", CHAIN, leaf(usage=key_usage(enciphers=True))),
    Case("leaf: its key may issue", CHAIN, leaf(usage=key_usage(issues=True, signs=True))),
    Case("leaf: a critical extension nobody knows", CHAIN, leaf(more=[UNHEARD_OF])),
    Case("leaf: RSA-1024", CHAIN, small_leaf),
    Case("leaf: RSA-1024, its signature as short", Refusal.SIGNATURE, leaf(key=new_key("small", 1024))),
    Case("leaf: ECDSA", CHAIN, ec_leaf),
    Case("leaf: Ed25519", CHAIN, ed25519_leaf),
    Case("leaf: issued with SHA-1", CHAIN, sha1_leaf),
    Case("leaf: its own issuer", CHAIN, own),
    Case("leaf: a trusted root", CHAIN, a_root_as_leaf),
    Case("leaf: a bit of its content flipped", CHAIN, bit(lambda der: der.index(NAME.encode()) + 30)),
    Case("leaf: a bit of its signature flipped", CHAIN, bit(lambda der: len(der) - 1)),
    Case("leaf: a bit of its key flipped", CHAIN, bit(lambda der: der.index(b"\x02\x03\x01\x00\x01") - 9)),
    Case("issuer: another leaf", CHAIN, by(leaf_by_leaf("a.amazon.com"))),
    Case("issuer: another leaf of Alexa's", Refusal.SIGNATURE, by(leaf_by_leaf(NAME))),
    Case("issuer: a stranger", CHAIN, stranger),
    Case("issuer: a stranger named as our root", CHAIN, by(lambda: (impostor("test root"),))),
    Case(
        "issuer: a stranger named as ours",
        CHAIN,
        by(lambda: (impostor("test intermediate"), authority().root)),
    ),
    Case("issuer: no authority", CHAIN, middle(authority=False)),
    Case("issuer: its key may not issue", CHAIN, middle(usage=key_usage(signs=True))),
    Case("issuer: expired", CHAIN, middle(**GONE)),
    Case("issuer: not yet valid", CHAIN, middle(**AHEAD)),
    Case("issuer: RSA-1024", CHAIN, middle(key=new_key("small", 1024))),
    Case("issuer: itself issued with SHA-1", CHAIN, by(sha1_middle)),
    Case("issuer: a critical extension nobody knows", CHAIN, middle(more=[UNHEARD_OF])),
    Case("issuer: may issue for other names only", CHAIN, constrained(permitted=ELSEWHERE)),
    Case("issuer: may not issue for Amazon", CHAIN, constrained(excluded=ONLY_AMAZON)),
    Case("issuer: below one that may have none below", CHAIN, by(too_long)),
    Case("file: lacks the intermediate", CHAIN, file(lambda a: pem_of(a.leaf))),
    Case("file: lacks the leaf", CHAIN, file(lambda _: pem_of(authority().intermediate, authority().root))),
    Case("file: only a root", CHAIN, file(lambda _: pem_of(authority().root))),
    Case(
        "file: a stranger's leaf signs",
        CHAIN,
        file(lambda _: pem_of(strangers_leaf(), authority().intermediate)),
    ),
    Case("file: empty", CHAIN, file(lambda _: b"")),
    Case("file: a page", CHAIN, file(lambda _: b"<html>")),
    Case("file: bytes", CHAIN, file(lambda _: b"\x00\xff")),
    Case("file: begins, never ends", CHAIN, file(lambda _: b"-----BEGIN CERTIFICATE-----\nAAAA\n")),
    Case("file: ends before it begins", CHAIN, file(lambda a: a.pem[::-1])),
    Case("file: noise in PEM", CHAIN, file(lambda _: noise())),
    Case("file: DER", CHAIN, file(lambda a: a.leaf.certificate.public_bytes(Encoding.DER))),
    Case("file: compressed", CHAIN, file(lambda a: gzip.compress(a.pem))),
    Case("file: in UTF-16", CHAIN, file(lambda a: a.pem.decode().encode("utf-16"))),
    Case("file: under another label", CHAIN, file(lambda a: a.pem.replace(b"N CERT", b"N TRUSTED CERT"))),
    Case("file: larger than 64 KB", CHAIN, file(lambda a: a.pem.ljust(64 * 1024 + 1, b"\n"))),
    Case("file: eleven certificates", CHAIN, file(lambda a: a.pem + pem_of(*many(9)))),
    Case("two leaves: the expired one signs", Refusal.SIGNATURE, beside(expired_leaf, signs=False)),
    Case("two leaves: a stranger's signs", Refusal.SIGNATURE, beside(strangers_leaf, signs=False)),
    Case("signed by the intermediate", Refusal.SIGNATURE, intermediate_signs),
    Case("host: no route", FETCH, fails(OSError("no route to host"))),
    Case("host: does not answer", FETCH, fails(TimeoutError())),
    Case("host: speaks nonsense", FETCH, fails(BadStatusLine("nonsense"))),
    Case("host: a redirect", FETCH, fails(moved(302))),
    Case("host: any error at all", FETCH, fails(ZeroDivisionError("ours"))),
]

GOOD_CHAINS = [
    Case("file: leaf, intermediate", None, lambda attempt: attempt),
    Case("file: root, intermediate, leaf", None, file(misordered)),
    Case("file: leaf, root, intermediate", None, file(lambda a: pem_of(a.leaf, authority().root) + a.pem)),
    Case("file: everything twice", None, file(lambda a: a.pem * 2)),
    Case("file: ten certificates", None, file(lambda a: a.pem + pem_of(*many(8)))),
    Case("file: unneeded ones first", None, file(lambda a: pem_of(*many(3)) + a.pem)),
    Case("file: 64 KB", None, file(lambda a: a.pem.ljust(64 * 1024, b"\n"))),
    Case("file: text between, CR LF", None, file(described)),
    Case("file: a private key in it", None, file(with_key)),
    Case("file: an unreadable tail", None, file(lambda a: a.pem + noise())),
    Case("file: an unreadable head", None, file(lambda a: noise() + a.pem)),
    Case("file: a tail without an end", None, file(lambda a: a.pem + b"-----BEGIN CERTIFICATE-----\nAA")),
    Case(
        "file: one with names nobody can read",
        None,
        beside(lambda: authority().leaf((), more=[UNREADABLE]), signs=True),
    ),
    Case("tail: cross-signed by somebody forgotten", None, cross_signed()),
    Case("tail: cross-signed, expired", None, cross_signed(**GONE)),
    Case("tail: cross-signed in the middle", None, crossed_in_the_middle),
    Case("two leaves: the first signs", None, replaced(0)),
    Case("two leaves: the second signs", None, replaced(1)),
    Case("two leaves: behind an expired one", None, beside(expired_leaf, signs=True)),
    Case("two leaves: behind a stranger's", None, beside(strangers_leaf, signs=True)),
    Case("leaf: more names than one", None, leaf(names=["a.amazon.com", NAME])),
    Case("leaf: its name in capitals", None, leaf(names=[NAME.upper()])),
    Case("leaf: for any purpose", None, leaf(purposes=())),
    Case("leaf: by the root itself", None, by(lambda: (authority().root,))),
    Case("leaf: three authorities deep, mis-ordered", None, by(deep)),
    Case("leaf: RSA-3072", None, leaf(key=new_key("large", 3072))),
    Case("leaf: valid from this second", None, leaf(start=TODAY + timedelta(hours=8))),
    Case("leaf: valid to this second", None, leaf(lasts=44 * DAY + timedelta(hours=8))),
    Case(
        "issuer: has the name of Alexa too",
        None,
        middle(names=[NAME], usage=key_usage(issues=True, signs=True)),
    ),
    Case("issuer: may issue for Amazon only", None, constrained(permitted=ONLY_AMAZON)),
]
