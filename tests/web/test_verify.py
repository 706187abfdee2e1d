"""Only what Alexa signed just now reaches the skill."""

from datetime import timedelta

import pytest

from skill.web.certificates import amazons
from tests.web.authority import START, URL, authority
from tests.web.conftest import World

GOOD_URLS = [
    URL,
    "https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem",
    "HTTPS://S3.AmazonAWS.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/bucket/../echo.api/echo-api-cert.pem",
]
BAD_URLS = [
    "",
    "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "ftp://s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "file:///echo.api/echo-api-cert.pem",
    "//s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https://notamazon.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com.evil.com/echo.api/echo-api-cert.pem",
    "https://evil.com@s3.amazonaws.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com@evil.com/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com./echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:x/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com:99999/echo.api/echo-api-cert.pem",
    "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
    "https://s3.amazonaws.com/invalid.path/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/../invalid.path/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/%2e%2e/bucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api\\..\\bucket/echo-api-cert.pem",
    "https://s3.amazonaws.com/echo.api/cert.pem?redirect=evil",
    "https://s3.amazonaws.com/echo.api/cert.pem#evil",
    "https://s3.amazonaws.com/echo.apix/cert.pem",
    "https://s3.amazonaws.com//echo.api/../bucket/cert.pem",
    "https://[s3.amazonaws.com]/echo.api/cert.pem",
    "https://bucket.s3.amazonaws.com/echo.api/cert.pem",
    "https://s3.amazonaws.com/echo.api/a cert.pem",
]


def refused(world: World, url: str = URL, **headers: str) -> str:
    """Post a launch that must be refused; returns what was answered."""
    answer = world.post(world.app.test_client(), url=url, **headers)
    assert answer.status_code == 400
    assert answer.json == {"error": "bad request"}
    assert not world.reached
    return answer.text


def test_a_signed_request_passes(world: World) -> None:
    answer = world.post(world.app.test_client())
    assert answer.status_code == 200
    assert "Welcome" in answer.text
    assert world.reached


@pytest.mark.parametrize("url", GOOD_URLS)
def test_amazons_addresses_are_fetched(world: World, url: str) -> None:
    assert world.post(world.app.test_client(), url=url).status_code == 200
    assert world.fetched == [amazons(url)]
    assert ".." not in world.fetched[0]


@pytest.mark.parametrize("url", BAD_URLS)
def test_no_other_address_is_ever_fetched(world: World, url: str) -> None:
    assert amazons(url) is None
    refused(world, url=url)
    assert world.fetched == []


@pytest.mark.parametrize("signature", ["", "!", "AAAA", "not base64 at all", "ü"])
def test_a_wrong_signature_is_refused(world: World, signature: str) -> None:
    refused(world, Signature_256=signature)


def test_a_signature_of_another_body_is_refused(world: World) -> None:
    refused(world, Signature_256=world.leaf.signature(b"another"))


def test_a_body_changed_after_signing_is_refused(world: World) -> None:
    body = world.echo.body({"type": "LaunchRequest"})
    client = world.app.test_client()
    assert world.post(client, body).status_code == 200
    again = world.leaf.signature(b"{}")
    assert world.post(client, {**body, "version": "1.1"}, Signature_256=again).status_code == 400


@pytest.mark.parametrize(
    "names", [["echo-api.amazon.com.evil.com"], ["amazon.com"], ["*.evil.com"], ["localhost"]]
)
def test_a_certificate_for_another_name_is_refused(world: World, names: list[str]) -> None:
    world.leaf = authority().leaf(names)
    world.pem = authority().pem(world.leaf)
    refused(world)


@pytest.mark.parametrize("start", [START - timedelta(days=400), START + timedelta(days=400)])
def test_a_certificate_out_of_its_time_is_refused(world: World, start: object) -> None:
    world.leaf = authority().leaf(start=start, lasts=timedelta(days=90))  # type: ignore[arg-type]
    world.pem = authority().pem(world.leaf)
    refused(world)


def test_a_chain_to_an_unknown_root_is_refused(world: World) -> None:
    stranger = authority("stranger")
    world.leaf = stranger.leaf()
    world.pem = stranger.pem(world.leaf)
    refused(world)


def test_a_certificate_that_signs_itself_is_refused(world: World) -> None:
    world.leaf = authority("stranger").root
    world.pem = authority("stranger").pem(world.leaf)
    refused(world)


def test_a_chain_without_its_intermediate_is_refused(world: World) -> None:
    world.pem = world.pem[: world.pem.index(b"-----END CERTIFICATE-----") + 26]
    refused(world)


@pytest.mark.parametrize("pem", [b"", b"<html>", b"\x00\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_that_is_no_chain_is_refused(world: World, pem: bytes) -> None:
    world.pem = pem
    refused(world)


def test_a_chain_that_cannot_be_fetched_is_refused_and_asked_for_again(world: World) -> None:
    world.fails = True
    refused(world)
    world.fails = False
    assert world.post(world.app.test_client()).status_code == 200


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", "2027-02-14", 0, "2027-02-14T08:00:00"])
def test_a_request_without_a_moment_is_refused(world: World, timestamp: object) -> None:
    body = world.echo.body({"type": "LaunchRequest", "timestamp": timestamp})
    assert world.post(world.app.test_client(), body).status_code == 400
    assert not world.reached


@pytest.mark.parametrize("gone_s", [151, -151, 3601, -86_400])
def test_a_stale_request_is_refused(world: World, gone_s: int) -> None:
    body = world.echo.body({"type": "LaunchRequest"})
    world.clock.after(gone_s)
    assert world.post(world.app.test_client(), body).status_code == 400
    assert not world.reached


@pytest.mark.parametrize("gone_s", [149, -149])
def test_a_request_a_little_late_or_early_passes(world: World, gone_s: int) -> None:
    body = world.echo.body({"type": "LaunchRequest"})
    world.clock.after(gone_s)
    assert world.post(world.app.test_client(), body).status_code == 200


def test_a_request_for_another_skill_is_refused(world: World) -> None:
    body = world.echo.body({"type": "LaunchRequest"})
    body["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.other"
    assert world.post(world.app.test_client(), body).status_code == 400
    assert not world.reached


def test_the_key_is_fetched_once_and_again_after_its_certificate_has_expired(world: World) -> None:
    world.leaf = authority().leaf(lasts=timedelta(days=90))
    world.pem = authority().pem(world.leaf)
    client = world.app.test_client()
    assert [world.post(client).status_code for _ in range(3)] == [200, 200, 200]
    assert world.fetched == [URL]
    world.clock.now = START + timedelta(days=90, seconds=1)
    assert world.post(client).status_code == 400
    world.leaf = authority().leaf(start=START + timedelta(days=80))
    world.pem = authority().pem(world.leaf)
    assert world.post(client).status_code == 200
    assert world.fetched == [URL] * 3
