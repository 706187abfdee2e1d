"""What is counted, for who asks directly, and nothing of anybody."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Info
from prometheus_client.parser import text_string_to_metric_families

import skill.metrics
from skill import __version__
from skill.coach.events import StreamChange
from skill.config import Config
from skill.intents.counting import TurnOutcome
from skill.intents.turn import utc_now
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.refusal import Refusal
from tests.faults.served import device
from tests.intents.alexa import intent

DOCS = Path(__file__).parent.parent.parent / "docs"
FOR_OPERATORS = (DOCS / "operations.md").read_text("utf-8")
FOR_HOSTS = (DOCS / "privacy.md").read_text("utf-8")
SUFFIX = {Counter: "_total", Info: "_info"}


@pytest.fixture
def client(store: SqliteStore) -> FlaskClient:
    """A webhook that verifies."""
    return create_app(Config(), store=store).test_client()


def counted(client: FlaskClient) -> dict[str, float]:
    """The refusals so far, by reason."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        sample.labels["reason"]: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "sciatica_refused_requests_total"
    }


def test_a_refusal_is_counted_by_its_reason(client: FlaskClient) -> None:
    before = counted(client).get("certificate_address", 0)
    headers = {"SignatureCertChainUrl": "https://evil.example/a person", "Signature-256": "AAAA"}
    assert client.post("/alexa", json={"said": "it hurts"}, headers=headers).status_code == 400
    after = counted(client)
    assert after["certificate_address"] == before + 1
    assert set(after) <= set(Refusal)


def test_nothing_in_it_tells_of_anybody(client: FlaskClient) -> None:
    client.get("/audio/amzn1.ask.account.A.mp3")
    client.post(
        "/alexa", data=b"it hurts", headers={"SignatureCertChainUrl": "https://evil.example/it-hurts"}
    )
    text = client.get("/metrics").text
    assert "hurts" not in text
    assert "amzn1" not in text


PROXIES = (
    *(
        "Via",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "x-real-ip",
        "CDN-Loop",
    ),
    *("X-Forwarded-Server", "CF-Connecting-IP", "X-Client-IP", "True-Client-IP", "X-Cluster-Client-Ip"),
)


@pytest.mark.parametrize("header", PROXIES)
def test_through_a_proxy_there_is_nothing(client: FlaskClient, header: str) -> None:
    answer = client.get("/metrics", headers={header: "1.2.3.4"})
    assert (answer.status_code, answer.json) == (404, {"error": "not found"})


def test_what_prometheus_sends_is_no_sign_of_a_proxy(client: FlaskClient) -> None:
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "10", "User-Agent": "Prometheus", "Accept": "*/*"}
    assert client.get("/metrics", headers=headers).status_code == 200


def metrics() -> dict[str, set[str]]:
    """Every metric of ours as Prometheus sees it, and its labels."""
    ours = [
        each for each in vars(skill.metrics).values() if isinstance(each, Counter | Gauge | Histogram | Info)
    ]
    named = {each.describe()[0].name + SUFFIX.get(type(each), ""): set(each._labelnames) for each in ours}
    return named | {"sciatica_build_info": {"version"}}


def documented() -> dict[str, set[str]]:
    """Every metric in the table for operators, and its labels."""
    rows = re.findall(r"^\| `(sciatica_\w+)` \|([^|]*)\|[^|]+\|[^|]+\|$", FOR_OPERATORS, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def test_every_metric_is_documented_with_its_labels_and_no_other_is() -> None:
    assert len(metrics()) > 8
    assert documented() == metrics()
    assert set(re.findall(r"sciatica_\w+", FOR_HOSTS)) == set(metrics())


def test_every_metric_of_the_process_is_one_of_those() -> None:
    names = {each.name for each in REGISTRY.collect() if each.name.startswith("sciatica_")}
    assert names == {re.sub("_(total|info)$", "", name) for name in metrics()}


@pytest.mark.parametrize("values", [TurnOutcome, StreamChange, ("begun",), ("safety", "other")])
def test_every_value_of_a_label_is_told(values: tuple[str, ...]) -> None:
    assert {f"`{value}`" for value in values} <= set(re.findall("`[^`]+`", FOR_OPERATORS))


@pytest.fixture
def believing(store: SqliteStore) -> FlaskClient:
    """A webhook that believes every request."""
    return create_app(Config(), store=store, verify=False).test_client()


def value(client: FlaskClient, name: str) -> float:
    """The value of a metric without labels."""
    (found,) = re.findall(rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found)


def test_how_long_turns_take_and_how_many_there_are_at_a_time(believing: FlaskClient) -> None:
    before, took_s = (value(believing, f"sciatica_turn_seconds_{each}") for each in ("count", "sum"))
    begun = utc_now()
    assert believing.post("/alexa", json=device("A").body({"type": "LaunchRequest"})).status_code == 200
    most_s = (utc_now() - begun).total_seconds()
    assert believing.post("/alexa", json={"said": "it hurts"}).status_code == 400
    assert value(believing, "sciatica_turn_seconds_count") == before + 1
    assert 0 < value(believing, "sciatica_turn_seconds_sum") - took_s < most_s
    assert value(believing, "sciatica_turns_in_flight") == 0


def test_which_version_runs_and_what_the_store_takes(believing: FlaskClient) -> None:
    believing.post("/alexa", json=device("A").body({"type": "LaunchRequest"}))
    text = believing.get("/metrics").text
    assert f'sciatica_build_info{{version="{__version__}"}} 1.0' in text
    for call in ("load", "save"):
        assert re.search(rf'^sciatica_store_seconds_count{{call="{call}"}} [1-9]', text, re.MULTILINE)


def test_a_turn_is_counted_without_a_word(believing: FlaskClient) -> None:
    request = intent("ItHurtsIntent", {"where": {"value": "it hurts"}})
    assert believing.post("/alexa", json=device("amzn1.ask.account.A").body(request)).status_code == 200
    text = believing.get("/metrics").text
    assert re.search(r'^sciatica_turns_total{intent="other",outcome="kept"} [1-9]', text, re.MULTILINE)
    assert "urts" not in text
    assert "amzn1" not in text
