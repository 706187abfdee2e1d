"""The deployed endpoint, asked as Alexa asks it, and as strangers do."""

import ssl
from functools import partial

from skill.commands.checks.certificate import Clock
from skill.commands.checks.finding import Finding
from skill.commands.checks.line import (
    PATIENCE_S,
    PORTS,
    Answer,
    NoAnswerError,
    Ports,
    Question,
    ask,
    trusting,
)
from skill.commands.checks.requests import forged
from skill.commands.checks.together import together
from skill.package.endpoint import PRIVACY_PATH, Endpoint

PRIVATE = ("/metrics", "/healthz", "/readyz")
"""What is for whoever watches the host, not for the internet."""

Reply = Answer | NoAnswerError


def webhook(
    endpoint: Endpoint, skill_id: str, clock: Clock, patience_s: float = PATIENCE_S, ports: Ports = PORTS
) -> list[Finding]:
    """What the endpoint answers. Its certificate must be trusted. Where it answers nothing, that is all."""
    tls, requests = trusting(), forged(endpoint.path, skill_id, clock())
    asking = partial(_ask, endpoint.host, ports.tls, tls=tls, patience_s=patience_s)
    unsigned, *others = requests.values()
    first = asking(unsigned)
    if (outage := _outage(endpoint.path, first)) is not None:
        return [outage]
    seen = [Question("GET", path) for path in (endpoint.path, PRIVACY_PATH, *PRIVATE)]
    plain = partial(_ask, endpoint.host, ports.plain, seen[1], None, patience_s)
    asked = together([*(partial(asking, each) for each in (*others, *seen)), plain], patience_s * 4)
    replies = [NoAnswerError("no answer in time") if each is None else each for each in asked]
    shown, policy, *private, http = replies[len(others) :]
    return [
        _refusal(dict(zip(requests, [first, *replies], strict=False))),
        _shown(shown),
        _policy(policy),
        _private(dict(zip(PRIVATE, private, strict=True))),
        _strict(first),
        _plain(http),
    ]


def _ask(host: str, port: int, question: Question, tls: ssl.SSLContext | None, patience_s: float) -> Reply:
    try:
        return ask(host, port, question, tls, patience_s)
    except NoAnswerError as error:
        return error


def _outage(path: str, reply: Reply) -> Finding | None:
    """What stands between Amazon and the webhook, if anything does."""
    if isinstance(reply, NoAnswerError):
        return Finding.wrong("endpoint", f"POST {path}: {reply}; Alexa waits 8 s", _START)
    told = f"POST {path}: {reply.status}"
    if 300 <= reply.status < 400:
        led = f"{told}, leading to {reply.headers.get('Location', 'nowhere')}; Alexa does not follow"
        return Finding.wrong(
            "endpoint", led, "give Alexa the address it leads to, or let the proxy answer here"
        )
    if reply.status >= 500:
        return Finding.wrong("endpoint", f"{told}: the proxy reaches no webhook", _START)
    if reply.status not in (200, 400):
        mend = f"let the proxy pass {path} on to sciatica-coach serve: docs/hosting.md"
        return Finding.wrong("endpoint", f"{told}; a webhook refuses with 400", mend)
    return None


_START = "start it: sciatica-coach serve; and let the proxy pass requests on to its port: docs/hosting.md"


def _refusal(replies: dict[str, Reply]) -> Finding:
    """The loudest cross there is: whoever is believed unsigned may speak for anybody."""
    believed = [what for what, each in replies.items() if isinstance(each, Answer) and each.status < 300]
    if believed:
        what = f"ANYBODY CAN SPEAK FOR ALEXA: a request that is {believed[0]} was answered"
        return Finding.wrong(
            "endpoint", what, "stop it now; start it again without --no-verify: sciatica-coach serve"
        )
    odd = {
        what: each for what, each in replies.items() if not (isinstance(each, Answer) and each.status == 400)
    }
    for what, each in odd.items():
        told = str(each.status) if isinstance(each, Answer) else str(each)
        return Finding.wrong("endpoint", f"a request that is {what}: {told} instead of 400", _START)
    slowest = max(each.took_ms for each in replies.values() if isinstance(each, Answer))
    return Finding(
        "endpoint", f"refuses what Alexa did not sign, in {slowest} ms at most (Alexa waits 8,000)"
    )


def _shown(reply: Reply) -> Finding:
    if isinstance(reply, Answer) and reply.status == 400:
        what = "the webhook answers nobody under this name, as with --no-verify, or as run"
        return Finding.wrong("browsers", what, "start it as: sciatica-coach serve")
    if isinstance(reply, Answer) and 400 <= reply.status < 500:
        return Finding("browsers", f"get {reply.status} from the endpoint")
    told = f"get {reply.status}" if isinstance(reply, Answer) else str(reply)
    mend = "let the proxy pass this path on to sciatica-coach serve, and nothing else answer it"
    return Finding.wrong("browsers", f"{told} from the endpoint instead of 405", mend)


def _policy(reply: Reply) -> Finding:
    if isinstance(reply, Answer) and reply.status == 200 and reply.body.strip():
        return Finding("privacy", f"the policy is at {PRIVACY_PATH}")
    told = f"{reply.status}" if isinstance(reply, Answer) else str(reply)
    what = f"{PRIVACY_PATH}: {told}; the skill's page in the store links to it"
    return Finding.wrong("privacy", what, f"let the proxy pass {PRIVACY_PATH} on to sciatica-coach serve")


def _private(replies: dict[str, Reply]) -> Finding:
    seen = [path for path, each in replies.items() if isinstance(each, Answer) and each.status < 400]
    if seen:
        mend = f"let the proxy answer 404 to {', '.join(seen)}: docs/hosting.md"
        return Finding.wrong("private", f"anybody can see {', '.join(seen)}", mend)
    dark = [path for path, each in replies.items() if isinstance(each, NoAnswerError)]
    if dark:
        return Finding.unsure("private", f"{dark[0]}: {replies[dark[0]]}")
    return Finding("private", f"{', '.join(replies)} are not seen from outside")


def _strict(reply: Reply) -> Finding:
    if isinstance(reply, Answer) and "Strict-Transport-Security" in reply.headers:
        return Finding("hsts", "browsers are told to use https alone")
    mend = "let the proxy add Strict-Transport-Security: max-age=31536000 to every answer"
    return Finding.wrong("hsts", "browsers are not told to use https alone", mend)


def _plain(reply: Reply) -> Finding:
    """Amazon never asks without TLS; browsers may, and should be led to https."""
    if isinstance(reply, NoAnswerError):
        return Finding("http", f"nothing is served without TLS: {reply}")
    if reply.status < 300:
        mend = "let the proxy lead http:// to https://, and answer nothing else there"
        return Finding.wrong("http", f"it is served without TLS, too: {reply.status}", mend)
    where = reply.headers.get("Location", "")
    led = " to https" if where.lower().startswith("https:") else ""
    return Finding("http", f"nothing is served without TLS: {reply.status}{led}")
