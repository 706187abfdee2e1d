"""The clock against what another host tells, over a real socket."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, RemoteDisconnected
from threading import Event

import pytest

from skill.commands.checks.clock import AMAZON, Dated, amazons_date, clock
from skill.commands.checks.finding import Verdict
from skill.web.certificates import amazons
from tests.checks.host import Says, serving

NOW = datetime(2027, 3, 1, 12, 0, 0, tzinfo=UTC)


def dated(off_s: float) -> Dated:
    return lambda: format_datetime(NOW + timedelta(seconds=off_s), usegmt=True)


@pytest.mark.parametrize(
    ("off_s", "verdict", "told"),
    [
        (0, Verdict.WELL, "right to the second"),
        (-1, Verdict.WELL, "right to the second"),
        (60, Verdict.WELL, "60 s off"),
        (-61, Verdict.WELL, "60 s off"),
        (61, Verdict.WRONG, "61 s off; a request is good for 150 s"),
        (-3600, Verdict.WRONG, "3599 s off; a request is good for 150 s"),
    ],
)
def test_a_clock_that_is_more_than_a_minute_off_is_a_cross(off_s: float, verdict: Verdict, told: str) -> None:
    reachable, found = clock(lambda: NOW, dated(off_s))
    assert reachable.verdict is Verdict.WELL
    assert (found.verdict, found.found) == (verdict, told)
    assert found.mend == ("sudo timedatectl set-ntp true" if verdict is Verdict.WRONG else "")


def test_the_date_is_read_from_an_answer() -> None:
    def ask() -> str | None:
        line = HTTPConnection("127.0.0.1", port, timeout=5)
        line.request("GET", "/")
        try:
            return line.getresponse().headers["Date"]
        finally:
            line.close()

    with serving(None, lambda *_: Says(403)) as port:
        _, found = clock(lambda: datetime.now(UTC), ask)
    assert found.verdict is Verdict.WELL


@pytest.mark.parametrize(
    "error", [OSError(101, "Network is unreachable"), RemoteDisconnected(), ValueError()]
)
def test_amazon_out_of_reach_is_a_cross_and_the_clock_is_unknown(error: Exception) -> None:
    def fail() -> str | None:
        raise error

    reachable, found = clock(lambda: NOW, fail)
    assert reachable.verdict is Verdict.WRONG
    assert "no request can be verified" in reachable.found
    assert "s3.amazonaws.com" in reachable.mend
    assert found.verdict is Verdict.UNSURE


def test_a_host_that_hangs_is_not_waited_for() -> None:
    over = Event()
    reachable, _ = clock(lambda: NOW, lambda: str(over.wait(20)), patience_s=0.05)
    over.set()
    assert reachable.found.endswith("no answer within 0.05 s")


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2027 00:00:00 GMT"])
def test_an_answer_without_a_date_tells_nothing(date: str | None) -> None:
    reachable, found = clock(lambda: NOW, lambda: date)
    assert (reachable.verdict, found.verdict) == (Verdict.WELL, Verdict.UNSURE)


def test_it_asks_the_very_host_that_the_webhook_must_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    assert amazons(f"{AMAZON}echo-api-cert.pem") == f"{AMAZON}echo-api-cert.pem"
    with serving(None, lambda *_: Says(403)) as port:
        monkeypatch.setattr("skill.commands.checks.clock.AMAZON", f"http://127.0.0.1:{port}/echo.api/")
        assert amazons_date()
