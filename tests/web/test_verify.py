"""Only what Alexa signed just now reaches the skill."""

import base64
import logging
from collections import Counter
from datetime import timedelta

import pytest
from ask_sdk_runtime.dispatch import GenericRequestDispatcher
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from skill.web.certificates import amazons
from skill.web.refusal import Refusal
from tests.web.attacks import BAD, BAD_URLS, GOOD, GOOD_URLS
from tests.web.attempt import Attempt, Case
from tests.web.authority import START, URL, authority
from tests.web.conftest import World
from tests.web.forgeries import BAD_CHAINS

COUNTER = "sciatica_refused_requests_total"


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every request that gets as far as the handlers."""
    reached: list[object] = []
    dispatch = GenericRequestDispatcher.dispatch

    def spy(self: object, handler_input: object) -> object:
        reached.append(handler_input)
        return dispatch(self, handler_input)

    monkeypatch.setattr(GenericRequestDispatcher, "dispatch", spy)
    return reached


def send(world: World, attempt: Attempt, client: FlaskClient | None = None) -> TestResponse:
    """Over HTTP, but for the socket."""
    world.pem, world.error = attempt.pem, attempt.error
    headers, body = attempt.sent()
    headers["Content-Type"] = "application/json;charset=utf-8"
    return (client or world.app.test_client()).post("/alexa", data=body, headers=headers)


def refusals() -> Counter[str]:
    """How many have been counted, by reason."""
    counted = {reason: REGISTRY.get_sample_value(COUNTER, {"reason": reason}) or 0 for reason in Refusal}
    return Counter({str(reason): int(count) for reason, count in counted.items()})


def name(case: Case) -> str:
    """As pytest tells it."""
    return case.name


@pytest.mark.parametrize("case", BAD, ids=name)
def test_what_is_not_alexas_is_refused(
    world: World, handled: list[object], case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    attempt, before = case.attempt(world), refusals()
    answer = send(world, attempt)
    assert answer.status_code == 400
    assert len(answer.data) < 100
    assert str(case.refusal) not in answer.text
    assert handled == []
    assert not world.reached
    assert refusals() - before == Counter({str(case.refusal): 1})
    (line,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.getMessage().isprintable()
    assert line.exc_info is None
    assert (world.fetched == []) == (case.refusal is Refusal.ADDRESS or not like_a_signature(attempt))


def like_a_signature(attempt: Attempt) -> bool:
    """By its looks: nothing is fetched for what cannot be one."""
    try:
        signature = base64.b64decode(attempt.sent()[0].get("Signature-256", ""), validate=True)
    except ValueError:
        return False
    return 256 <= len(signature) <= 768


@pytest.mark.parametrize("case", GOOD, ids=name)
def test_what_is_alexas_is_answered(world: World, handled: list[object], case: Case) -> None:
    attempt, before = case.attempt(world), refusals()
    answer = send(world, attempt)
    assert answer.status_code == 200
    assert answer.json
    assert len(handled) == 1
    assert refusals() == before
    assert world.fetched == [amazons(attempt.url)]
    assert ".." not in world.fetched[0]


def test_the_cases_are_many_and_each_is_another() -> None:
    assert len(BAD) >= 60
    assert len(GOOD) >= 12
    assert len({case.name for case in (*BAD, *GOOD)}) == len(BAD) + len(GOOD)
    assert {case.refusal for case in BAD} == set(Refusal) - {Refusal.ORIGIN}


@pytest.mark.parametrize("url", BAD_URLS)
def test_no_other_address_is_plain(url: str) -> None:
    assert amazons(url) is None


def test_a_plain_address_is_its_own_plain_form() -> None:
    plain = [amazons(url) for url in GOOD_URLS]
    assert [amazons(url or "") for url in plain] == plain


def test_a_bad_request_is_no_less_bad_once_the_key_is_known(world: World, handled: list[object]) -> None:
    client = world.app.test_client()
    for case in (case for case in BAD if case not in BAD_CHAINS):
        now = world.clock.now
        assert send(world, case.attempt(world), client).status_code == 400, case.name
        world.clock.now = now
        assert handled == [], case.name
        assert world.post(client).status_code == 200
        handled.clear()
    assert world.fetched == [URL]


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
    assert world.post(client).status_code == 400
    assert world.fetched == [URL] * 2
    world.clock.after(10)
    assert world.post(client).status_code == 200
    assert world.fetched == [URL] * 3
