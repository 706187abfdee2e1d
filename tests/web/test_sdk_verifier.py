"""Our verifier beside the SDK's, on the same requests; and what of the SDK can be imported as it is.

`pytest -s tests/web/test_sdk_verifier.py` prints the table.
"""

import base64
import hashlib
import subprocess
import sys
from importlib.metadata import distribution

import pytest

from tests.web.attacks import BAD, GOOD
from tests.web.conftest import World
from tests.web.mended_sdk import PACKAGE, answer, mended
from tests.web.test_verify import send

LETS_IN = {
    "url: 'https://evil.com@s3.amazonaws.com/echo.api/echo-api-cert.pem'",
    "url: 'https://@s3.amazonaws.com/echo.api/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com:/echo.api/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com:0443/echo.api/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/%2e%2e/bucket/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/..%2fbucket/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/%252e%252e/bucket/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/cert.pem?redirect=evil'",
    "url: 'https://s3.amazonaws.com/echo.api/cert.pem#evil'",
    "url: 'https://s3.amazonaws.com/echo.api/cert.pem;evil'",
    "url: 'https://evil.com\\\\@s3.amazonaws.com/echo.api/cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/a cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/cert.pem\\t'",
    "url: 'https://s3.ama\\tzonaws.com/echo.api/cert.pem'",
    "url: '\\x01https://s3.amazonaws.com/echo.api/cert.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/cert.pem\\x00'",
    "url: 'https://s3.amazonaws.com/echo.api/c\\xe9rt.pem'",
    "url: 'https://s3.amazonaws.com/echo.api/echo-api-cert-7.pem, https://s3.amazonaws.com/echo.api/",
    "url: 'https://s3.amazonaws.com/echo.api/echo-api-cert-7.pem https://evil.com/'",
    "url: 'https://s3.amazonaws.com/echo.api/echo-api-cert-7.pem/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "leaf: an authority too",
    "leaf: for clients",
    "leaf: for code",
    "leaf: its key may issue",
    "leaf: RSA-1024, its signature as short",
    "leaf: issued with SHA-1",
    "issuer: RSA-1024",
    "issuer: itself issued with SHA-1",
    "file: larger than 64 KB",
    "file: eleven certificates",
    "signature: a space in it",
    "signature: a tab behind it",
    "signature: more behind its end",
    "signature: twice, as servers join it",
    "time: in words",
    "time: in other digits",
}
"""Bad ones that the SDK takes for good."""

FALLS_OVER = {
    "url: 'https://s3.amazonaws.com:x/echo.api/echo-api-cert.pem'",
    "url: 'https://s3.amazonaws.com:99999/echo.api/echo-api-cert.pem'",
    "url: 'https://[s3.amazonaws.com]/echo.api/cert.pem'",
    "leaf: names nobody",
    "leaf: has a common name only",
    "leaf: its names cannot be read",
    "leaf: ECDSA",
    "leaf: Ed25519",
    "file: empty",
    "file: a page",
    "file: bytes",
    "file: begins, never ends",
    "file: ends before it begins",
    "file: noise in PEM",
    "file: DER",
    "file: compressed",
    "file: in UTF-16",
    "file: under another label",
    "host: no route",
    "host: does not answer",
    "host: speaks nonsense",
    "host: a redirect",
    "host: any error at all",
    "signature: text",
    "signature: not ASCII",
    "signature: in the alphabet for URLs",
    "signature: without its end",
    "body: compressed",
    "body: signed, not UTF-8",
    "body: signed, no context",
    "time: a day",
    "time: of no zone",
    "time: in a zone with a name",
    "skill: none",
    "file: a private key in it",
    "file: an unreadable tail",
    "file: an unreadable head",
    "file: one with names nobody can read",
}
"""Where an error gets out of the SDK that it does not declare, be they bad or good."""

TURNS_AWAY = {
    "file: root, intermediate, leaf",
    "file: unneeded ones first",
    "two leaves: the second signs",
    "two leaves: behind an expired one",
    "two leaves: behind a stranger's",
    "leaf: its name in capitals",
    "issuer: may issue for Amazon only",
}
"""Good ones that the SDK takes for bad."""


def test_ours_is_right_in_all_and_the_sdks_is_known_to_differ(world: World) -> None:
    rows = []
    with mended() as sdk:
        for case in (*BAD, *GOOD):
            now = world.clock.now
            attempt = case.attempt(world)
            ours = "refuses" if send(world, attempt).status_code == 400 else "passes"
            right = "refuses" if case.refusal else "passes"
            rows.append((case.name, right, ours, answer(sdk, attempt, world.clock.now)))
            world.clock.now = now
    print(f"\n{'case':<96}{'right':<9}{'ours':<9}SDK")
    for name, right, ours, theirs in rows:
        print(f"{name:<96}{right:<9}{ours:<9}{theirs}{'' if theirs == right else '  <--'}")
    assert [row for row in rows if row[1] != row[2]] == []
    differs = [(name, right, theirs) for name, right, _, theirs in rows if theirs != right]
    assert {name for name, right, theirs in differs if theirs == "passes"} == LETS_IN
    assert {name for name, right, theirs in differs if theirs == "refuses"} == TURNS_AWAY
    assert {name for name, _, theirs in differs if theirs not in ("passes", "refuses")} == FALLS_OVER
    print(
        f"{len(BAD)} bad, {len(GOOD)} good: ours is right in all; the SDK's lets {len(LETS_IN)} bad ones in, "
        f"turns {len(TURNS_AWAY)} good ones away and falls over on {len(FALLS_OVER)}"
    )


def alone(code: str) -> subprocess.CompletedProcess[str]:
    """Run in a new interpreter that knows nothing of this one: no environment, no user's packages."""
    command = [sys.executable, "-I", "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={}, cwd="/")


@pytest.mark.parametrize("module", ["skill.web", "skill.cli", f"{PACKAGE}.verifier_constants"])
def test_what_we_use_can_be_imported_as_it_was_installed(module: str) -> None:
    done = alone(f"import {module}, sys; print(*sys.modules)")
    assert (done.returncode, done.stderr) == (0, "")
    assert module in done.stdout.split()
    assert not {"oscrypto", "certvalidator", "asn1crypto"} & set(done.stdout.split())


def test_the_reason_not_to_use_the_sdks_verifier_still_stands() -> None:
    """Once another oscrypto is pinned: see whether the docstring of skill/web/verify.py still holds."""
    assert distribution("oscrypto").version == "1.3.0"
    done = alone(f"import {PACKAGE}.verifier")
    known = ("LibraryNotFoundError: Error detecting the version of libcrypto", "Warning: ")
    assert done.returncode == 0 or any(each in done.stderr for each in known)


@pytest.mark.parametrize("name", ["ask-sdk-webservice-support", "oscrypto", "certvalidator", "asn1crypto"])
def test_nothing_installed_was_patched(name: str) -> None:
    recorded = [file for file in distribution(name).files or () if file.hash]
    assert len([file for file in recorded if file.suffix == ".py"]) >= 4
    for file in recorded:
        assert file.hash
        digest = hashlib.new(file.hash.mode, file.read_binary()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file
