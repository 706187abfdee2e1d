"""The clock of this host, and the host of Amazon's certificates that tells the time."""

import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, Request, build_opener

import certifi

from skill.commands.checks.certificate import Clock
from skill.commands.checks.finding import Finding
from skill.commands.checks.line import PATIENCE_S, told
from skill.commands.checks.together import together

AMAZON = "https://s3.amazonaws.com/echo.api/"
"""Where the webhook gets the certificates that Alexa signs with."""

MOST_S = 60
"""How far the clock may be off. A request is good for 150 seconds."""

Dated = Callable[[], str | None]


def clock(now: Clock, dated: Dated | None = None, patience_s: float = PATIENCE_S) -> list[Finding]:
    """Whether Amazon's certificates can be fetched, and whether the clock is right.

    dated: gives the Date of an answer from there, None where it has none. Raises OSError or HTTPException.
    """
    begun = now()
    (reply,) = together([lambda: _answer(dated or amazons_date)], patience_s)
    if reply is None or isinstance(reply, Exception):
        reason = _reason(reply) if reply else f"no answer within {patience_s:g} s"
        mend = "let this host open connections to s3.amazonaws.com, port 443"
        what = f"its certificates cannot be fetched, so no request can be verified: {reason}"
        return [Finding.wrong("amazon", what, mend), Finding.unsure("clock", "nobody told the time")]
    reachable = Finding("amazon", "its certificates can be fetched")
    off_s = _off_s(reply, begun, now())
    if off_s is None:
        return [reachable, Finding.unsure("clock", "nobody told the time")]
    seen = f"{off_s:.0f} s off" if off_s else "right to the second"
    mend = "sudo timedatectl set-ntp true"
    if off_s > MOST_S:
        return [reachable, Finding.wrong("clock", f"{seen}; a request is good for 150 s", mend)]
    return [reachable, Finding("clock", seen)]


def amazons_date() -> str | None:
    """The Date of an answer, asked for as the webhook asks: through the environment's proxy, if any."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    asked = Request(AMAZON, method="HEAD")
    try:
        with build_opener(HTTPSHandler(context=context)).open(asked, timeout=PATIENCE_S) as response:
            return str(response.headers["Date"])
    except HTTPError as refused:  # an answer, too: there is no list of what is there
        with refused:
            return refused.headers["Date"]


def _answer(dated: Dated) -> str | Exception:
    try:
        return dated() or ""
    except (OSError, HTTPException, ValueError) as error:
        return error


def _reason(error: Exception) -> str:
    """urllib wraps what went wrong."""
    inner = getattr(error, "reason", error)
    return told(inner) if isinstance(inner, Exception) else str(inner)


def _off_s(dated: str, begun: datetime, ended: datetime) -> float | None:
    """How far the clock is off, in whole seconds: those of the answer itself do not count."""
    try:
        date = parsedate_to_datetime(dated)
        early, late = (begun - date).total_seconds(), (ended - date).total_seconds()
    except (ValueError, TypeError):
        return None
    return float(max(0, int(early) - 1, int(-late)))
