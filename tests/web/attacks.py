"""Requests that are not Alexa's, or not Alexa's to us, or not now; and odd ones that are. All by name."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, Hash

from skill.web.refusal import Refusal
from tests.intents.alexa import SKILL_ID, Json
from tests.web.attempt import CHAIN_URL, SIGNATURE, Attempt, Case, Change
from tests.web.authority import URL, Signer, authority
from tests.web.forgeries import BAD_CHAINS, GOOD_CHAINS

GOOD_URLS = [
    "https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem",
    "HTTPS://S3.AmazonAWS.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/bucket/../echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api//./echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/2027/echo-api-cert-12-ats.pem",
]
BAD_URLS = [
    "",
    "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "ftp://s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "file:///echo.api/echo-api-cert.pem",
    "data:text/plain,https://s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "//s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https:/s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https:\\\\s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https://notamazon.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com.evil.com/echo.api/echo-api-cert.pem",
    "https://evil.com@s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com@evil.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:443@evil.com/echo.api/echo-api-cert.pem",
    "https://@s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com./echo.api/echo-api-cert.pem",
    "https://s3xamazonaws.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:0443/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:x/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:99999/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
    "https://s3.amazonaws.com/invalid.path/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/../invalid.path/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/%2e%2e/bucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/..%2fbucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/%252e%252e/bucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api\\..\\bucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/cert.pem?redirect=evil",
    "https://s3.amazonaws.com/echo.api/cert.pem#evil",
    "https://s3.amazonaws.com/echo.api/cert.pem;evil",
    "https://s3.amazonaws.com?/echo.api/cert.pem",
    "https://evil.com#https://s3.amazonaws.com/echo.api/cert.pem",
    "https://evil.com\\@s3.amazonaws.com/echo.api/cert.pem",
    "https://s3.amazonaws.com/echo.apix/cert.pem",
    "https://s3.amazonaws.com/echo.api",
    "https://s3.amazonaws.com/echo.api/",
    "https://s3.amazonaws.com//echo.api/../bucket/cert.pem",
    "https://s3.amazonaws.com//echo.api/cert.pem",
    "https://[s3.amazonaws.com]/echo.api/cert.pem",
    "https://[::1]/echo.api/cert.pem",
    "https://127.0.0.1/echo.api/cert.pem",
    "https://bucket.s3.amazonaws.com/echo.api/cert.pem",
    "https://s3.amazonaws.com/echo.api/a cert.pem",
    "https://s3.amazonaws.com/echo.api/cert.pem\t",
    "https://s3.ama\tzonaws.com/echo.api/cert.pem",
    "\x01https://s3.amazonaws.com/echo.api/cert.pem",
    "https://s3.amazonaws.com/echo.api/cert.pem\0",
    "https://s3.amazonaws.com/echo.api/c\xe9rt.pem",
    "https://\u017f3.amazonaws.com/echo.api/cert.pem",  # a long s, which is an S in capitals
    "https://s3.\u0430mazonaws.com/echo.api/cert.pem",  # a Cyrillic a
    "https://s3\uff0eamazonaws\uff0ecom/echo.api/cert.pem",  # full stops, full width
    "https://s3\u3002amazonaws.com/echo.api/cert.pem",
    "https://xn--s3-8cd.amazonaws.com/echo.api/cert.pem",
    f"{URL}, {URL}",  # the header twice, as servers join it
    f"{URL} https://evil.com/",
    f"{URL}/{'x' * 2_000}",
    quote(URL, safe=""),
]

ADDRESS, SIGNED, BODY = Refusal.ADDRESS, Refusal.SIGNATURE, Refusal.BODY
TIME, SKILL = Refusal.TIMESTAMP, Refusal.SKILL


def address(url: str) -> Change:
    """The certificate is said to be at `url`."""
    return lambda attempt: replace(attempt, url=url)


def header(**headers: str | None) -> Change:
    """Headers in place of the proper ones; their dashes are underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda attempt: replace(attempt, headers=named)


def signed(sign: Callable[[Signer, bytes], str]) -> Change:
    """The header Signature-256 of another making."""
    return lambda attempt: replace(attempt, sign=sign)


def respelt(spell: Callable[[str], str]) -> Change:
    """The right signature in another spelling."""
    return signed(lambda leaf, raw: spell(leaf.signature(raw)))


def as_bytes(change: Callable[[bytes], bytes]) -> Change:
    """The bytes of the right signature, changed."""
    return respelt(lambda right: b64(change(base64.b64decode(right))))


def travels(travel: Callable[[bytes], bytes]) -> Change:
    """The body changed on its way."""
    return lambda attempt: replace(attempt, travel=travel)


def says(raw: bytes) -> Change:
    """Another body, rightly signed."""
    return lambda attempt: replace(attempt, encode=lambda _: raw)


def late(late_s: float, kind: str = "LaunchRequest") -> Change:
    """A request that was long under way, or comes too early."""

    def change(attempt: Attempt) -> Attempt:
        more = {"body": {}} if kind.startswith("AlexaSkillEvent") else {}
        request = attempt.body["request"] | {"type": kind} | more
        return replace(attempt, late_s=late_s, body={**attempt.body, "request": request})

    return change


def made(timestamp: object) -> Change:
    """A request that was made at `timestamp`."""

    def change(attempt: Attempt) -> Attempt:
        request = {**attempt.body["request"], "timestamp": timestamp}
        return replace(attempt, body={**attempt.body, "request": request})

    return change


def addressed(application: object) -> Change:
    """A request to another skill, if it is one; in the session it is still to us."""

    def change(attempt: Attempt) -> Attempt:
        system = {**attempt.body["context"]["System"], "application": application}
        return replace(attempt, body={**attempt.body, "context": {"System": system}})

    return change


def without(*path: str) -> Change:
    """A request that lacks something."""

    def change(attempt: Attempt) -> Attempt:
        body: Json = json.loads(json.dumps(attempt.body))
        part = body
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]
        return replace(attempt, body=body)

    return change


def spread(body: Json) -> bytes:
    """Over many lines, with letters of more than a byte."""
    return json.dumps({**body, "x": "\xfc"}, indent=2, ensure_ascii=False).encode()


def b64(raw: bytes) -> str:
    """As headers have it."""
    return base64.b64encode(raw).decode()


def flipped(raw: bytes, place: int) -> bytes:
    """With one bit changed."""
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place:][1:]


def digest(raw: bytes) -> bytes:
    """SHA-256."""
    hashed = Hash(SHA256())
    hashed.update(raw)
    return hashed.finalize()


def in_sha1(leaf: Signer, raw: bytes) -> str:
    """What Alexa puts into the header Signature, of old."""
    return b64(leaf.key.sign(raw, PKCS1v15(), SHA1()))


def old_header(attempt: Attempt) -> Attempt:
    """Signature without Signature-256."""
    old = {SIGNATURE: None, "Signature": in_sha1(attempt.leaf, attempt.encode(attempt.body))}
    return replace(attempt, headers=old)


def both_headers(attempt: Attempt) -> Attempt:
    """As Alexa sends them."""
    return replace(attempt, headers={"Signature": in_sha1(attempt.leaf, attempt.encode(attempt.body))})


def in_other_letters(attempt: Attempt) -> Attempt:
    """Both headers in small letters and in capitals."""
    headers, _ = attempt.sent()
    small = {name.lower(): value for name, value in headers.items()}
    return replace(attempt, headers={CHAIN_URL: None, SIGNATURE: None, **small})


PADDED = PSS(MGF1(SHA256()), PSS.MAX_LENGTH)
ENABLED, DISABLED = "AlexaSkillEvent.SkillEnabled", "AlexaSkillEvent.SkillDisabled"
OTHER = {"applicationId": "amzn1.ask.skill.other"}

BAD = [
    *(Case(f"url: {ascii(url)[:90]}", ADDRESS, address(url)) for url in BAD_URLS),
    Case("url: no header", ADDRESS, header(SignatureCertChainUrl=None)),
    *BAD_CHAINS,
    Case("signature: no header", SIGNED, header(Signature_256=None)),
    Case("signature: only the old header", SIGNED, old_header),
    Case("signature: empty", SIGNED, header(Signature_256="")),
    Case("signature: a letter", SIGNED, header(Signature_256="!")),
    Case("signature: text", SIGNED, header(Signature_256="not base64 at all")),
    Case("signature: not ASCII", SIGNED, header(Signature_256="\xfc")),
    Case("signature: too short", SIGNED, header(Signature_256="AAAA")),
    Case("signature: a byte too short", SIGNED, as_bytes(lambda raw: raw[:-1])),
    Case("signature: a byte too long", SIGNED, as_bytes(lambda raw: raw + b"\0")),
    Case("signature: a NUL in front", SIGNED, as_bytes(lambda raw: b"\0" + raw)),
    Case("signature: far too long", SIGNED, header(Signature_256="A" * 8_000)),
    Case("signature: all noughts", SIGNED, as_bytes(lambda raw: bytes(len(raw)))),
    Case("signature: one", SIGNED, as_bytes(lambda raw: bytes(len(raw) - 1) + b"\1")),
    Case("signature: the first bit flipped", SIGNED, as_bytes(lambda raw: flipped(raw, 0))),
    Case("signature: the last bit flipped", SIGNED, as_bytes(lambda raw: flipped(raw, 255))),
    Case("signature: back to front", SIGNED, as_bytes(lambda raw: raw[::-1])),
    Case("signature: in the alphabet for URLs", SIGNED, respelt(lambda right: f"{right[:7]}_{right[8:]}")),
    Case("signature: a space in it", SIGNED, respelt(lambda right: f"{right[:76]} {right[76:]}")),
    Case("signature: a tab behind it", SIGNED, respelt(lambda right: f"{right}\t")),
    Case("signature: without its end", SIGNED, respelt(lambda right: right.rstrip("="))),
    Case("signature: more behind its end", SIGNED, respelt(lambda right: f"{right}AAAA")),
    Case("signature: twice, as servers join it", SIGNED, respelt(lambda right: f"{right},{right}")),
    Case("signature: in hexadecimal", SIGNED, respelt(lambda right: base64.b64decode(right).hex())),
    Case("signature: with SHA-1", SIGNED, signed(in_sha1)),
    Case(
        "signature: with SHA-512",
        SIGNED,
        signed(lambda leaf, raw: b64(leaf.key.sign(raw, PKCS1v15(), SHA512()))),
    ),
    Case("signature: with PSS", SIGNED, signed(lambda leaf, raw: b64(leaf.key.sign(raw, PADDED, SHA256())))),
    Case("signature: of the digest", SIGNED, signed(lambda leaf, raw: leaf.signature(digest(raw)))),
    Case("signature: of nothing", SIGNED, signed(lambda leaf, _: leaf.signature(b""))),
    Case("signature: of another body", SIGNED, signed(lambda leaf, _: leaf.signature(b"{}"))),
    Case(
        "signature: by another leaf of Alexa's",
        SIGNED,
        signed(lambda _, raw: authority().leaf(name="other leaf").signature(raw)),
    ),
    Case(
        "signature: by a stranger",
        SIGNED,
        signed(lambda _, raw: authority("stranger").root.signature(raw)),
    ),
    Case("body: gone", SIGNED, travels(lambda _: b"")),
    Case("body: another", SIGNED, travels(lambda raw: raw.replace(b'"1.0"', b'"1.1"'))),
    Case("body: a bit flipped", SIGNED, travels(lambda raw: flipped(raw, len(raw) // 2))),
    Case("body: cut short", SIGNED, travels(lambda raw: raw[:-1])),
    Case("body: a newline behind", SIGNED, travels(lambda raw: raw + b"\n")),
    Case("body: a byte order mark in front", SIGNED, travels(lambda raw: b"\xef\xbb\xbf" + raw)),
    Case(
        "body: the same, written anew",
        SIGNED,
        travels(lambda raw: json.dumps(json.loads(raw), indent=1).encode()),
    ),
    Case(
        "body: the same, its names sorted",
        SIGNED,
        travels(lambda raw: json.dumps(json.loads(raw), sort_keys=True).encode()),
    ),
    Case("body: compressed", SIGNED, travels(gzip.compress)),
    Case("body: signed, empty", BODY, says(b"")),
    Case("body: signed, a list", BODY, says(b"[]")),
    Case("body: signed, no JSON", BODY, says(b"{")),
    Case("body: signed, not UTF-8", BODY, says(b"\xff\xfe{}")),
    Case("body: signed, no request", BODY, without("request")),
    Case("body: signed, no kind of request", BODY, without("request", "type")),
    Case("body: signed, a kind nobody knows", BODY, late(0, "NoSuchRequest")),
    Case("body: signed, no context", BODY, without("context")),
    Case("time: none", TIME, without("request", "timestamp")),
    Case("time: null", TIME, made(None)),
    Case("time: empty", BODY, made("")),
    Case("time: a word", BODY, made("yesterday")),
    Case("time: no such day", BODY, made("2027-02-30T08:00:00Z")),
    Case("time: a list", BODY, made(["2027-02-14T08:00:00Z"])),
    Case("time: a day", BODY, made("2027-02-14")),
    Case("time: of no zone", BODY, made("2027-02-14T08:00:00")),
    Case("time: in another zone", TIME, made("2027-02-14T08:00:00-05:00")),
    Case("time: in a zone with a name", BODY, made("2027-02-14T08:00:00 HURTS")),
    Case("time: in words", BODY, made("14 February 2027 08:00:00 Z")),
    Case("time: in other digits", BODY, made("2027-02-14T08:00:0\u0660Z")),
    Case("time: 1970", TIME, made("1970-01-01T00:00:00Z")),
    Case("time: a number", BODY, made(0)),
    Case("time: the end of times", TIME, made("9999-12-31T23:59:59-14:00")),
    Case("time: the beginning of times", TIME, made("0001-01-01T00:00:00+14:00")),
    *(
        Case(f"time: {gone_s} s late", TIME, late(gone_s))
        for gone_s in (151, 150.001, -151, 3_600, 86_400, -86_400)
    ),
    Case("time: an event, 3,601 s late", TIME, late(3_601, ENABLED)),
    Case("time: an event, 3,601 s early", TIME, late(-3_601, DISABLED)),
    Case("time: the end of a session, 151 s late", TIME, late(151, "SessionEndedRequest")),
    Case("skill: another", SKILL, addressed(OTHER)),
    Case("skill: ours with a space behind", SKILL, addressed({"applicationId": f"{SKILL_ID} "})),
    Case("skill: ours in capitals", SKILL, addressed({"applicationId": SKILL_ID.upper()})),
    Case("skill: a longer one", SKILL, addressed({"applicationId": f"{SKILL_ID}.more"})),
    Case("skill: empty", BODY, addressed({"applicationId": ""})),
    Case("skill: null", BODY, addressed({"applicationId": None})),
    Case("skill: none", BODY, without("context", "System", "application")),
]
"""None may reach a handler."""

GOOD = [
    *(Case(f"url: {url}", None, address(url)) for url in GOOD_URLS),
    *GOOD_CHAINS,
    Case("headers: the old signature too", None, both_headers),
    Case("headers: in small letters", None, in_other_letters),
    Case(
        "body: indented, not in ASCII",
        None,
        lambda attempt: replace(
            attempt,
            encode=lambda body: spread(body),
        ),
    ),
    *(Case(f"time: {gone_s} s late", None, late(gone_s)) for gone_s in (149, 150, -149, -150)),
    Case("time: in another zone, the same moment", None, made("2027-02-14T10:00:00+02:00")),
    Case("time: to the millisecond", None, made("2027-02-14T08:00:00.123Z")),
    Case("time: an event, 3,599 s late", None, late(3_599, ENABLED)),
    Case("time: an event, 3,599 s early", None, late(-3_599, DISABLED)),
]
"""All must be answered."""
