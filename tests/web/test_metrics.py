"""What is counted, for who asks directly, and nothing of anybody."""

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from skill.config import Config
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.refusal import Refusal


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
