"""Whatever is sent to `POST /alexa`: an answer or a 4xx, nothing in the log, and no state damaged."""

import json
import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from skill.coach.record import from_person_record
from skill.config import Config
from skill.intents.families import intents
from skill.intents.streams import Streams
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from tests.faults.webhook import Post, post_to
from tests.intents.alexa import (
    SECRET,
    SKILL_ID,
    Clock,
    Json,
    intent,
    matched,
    number,
    parsed,
    skill_on,
    unmatched,
)
from tests.intents.audio_device import AudioEcho, begin
from tests.intents.recorded import recordings_in
from tests.intents.rules import check_response
from tests.intents.situations import SITUATIONS, reach
from tests.nodes import nodes

PRIVATE = "a word that nobody may read in a log"
USER = "amzn1.ask.account.nobody-may-read-this-either"
WITNESS = "amzn1.ask.account.witness"
LAUNCH = {"type": "LaunchRequest"}
REFUSED = {400, 413, 415}
EACH_CHECKED = 200
"""After so many bodies, all that is stored is looked at."""

REQUESTS: tuple[Json, ...] = (
    LAUNCH,
    *(intent(name) for name in sorted(intents())),
    intent("StretchIntent", {"stretch": matched("hamstring", PRIVATE), "side": matched("left", PRIVATE)}),
    intent("StretchIntent", {"stretch": unmatched(PRIVATE), "side": unmatched(PRIVATE)}),
    intent("SetHoldIntent", {"seconds": number("30")}),
    intent("PainIntent", {"pain": matched("sharp", PRIVATE), "side": matched("left", "left")}),
    {"type": "SessionEndedRequest", "reason": "USER_INITIATED"},
    {
        "type": "SessionEndedRequest",
        "reason": "ERROR",
        "error": {"type": "INVALID_RESPONSE", "message": PRIVATE},
    },
    {"type": "Alexa.Presentation.APL.UserEvent", "arguments": [PRIVATE]},
    {"type": "Display.ElementSelected", "token": PRIVATE},
    {"type": "CanFulfillIntentRequest", "intent": {"name": "AMAZON.NextIntent"}},
    {"type": "AlexaSkillEvent.SkillDisabled"},
    {"type": "AlexaSkillEvent.SkillEnabled"},
    {"type": "Connections.Response", "name": "Buy", "status": {"code": "200"}, "token": PRIVATE},
    {"type": "System.ExceptionEncountered", "error": {"type": "INTERNAL_SERVICE_ERROR", "message": PRIVATE}},
    *(
        {"type": f"PlaybackController.{button}CommandIssued"}
        for button in ("Play", "Pause", "Next", "Previous")
    ),
    *(
        {"type": f"AudioPlayer.Playback{event}", "token": PRIVATE, "offsetInMilliseconds": 7}
        for event in ("Started", "Stopped", "Finished", "NearlyFinished", "Failed")
    ),
)
TYPES = [*sorted({request["type"] for request in REQUESTS}), "NoSuchRequest", "", PRIVATE]
LOCALES = ["en-US", "en-GB", "de-DE", "ja-JP", "EN_us", "", PRIVATE, "x" * 5_000, "\x00"]


@dataclass
class Endpoint:
    """The webhook on a real file, and what came of all that was sent to it.

    bank: real bodies, as Alexa sends them. failed: log lines of turns that ended in an apology.
    """

    path: Path
    post: Post
    log: pytest.LogCaptureFixture
    bank: Sequence[Json]
    witness: Json
    statuses: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def takes(self, body: bytes) -> Json:
        """Send `body`; returns the answer, {} where it was refused."""
        failures = store_failures()
        status, answer = self.post(body)
        self.statuses[status] += 1
        assert status == 200 or status in REFUSED, f"{status}: {answer}"
        assert store_failures() == failures, "a body made the store fail"
        self._check_log()
        if self.statuses.total() % EACH_CHECKED == 0:
            self.check_store()
        if status != 200:
            return {}
        check_answer(answer, json.loads(body))
        return answer

    def check_store(self) -> None:
        """Nothing in the file is damaged, and nobody else's place has moved."""
        with closing(sqlite3.connect(self.path)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            records = dict(connection.execute("select key, record from person"))
        assert json.loads(records[WITNESS]) == self.witness
        for record in map(json.loads, records.values()):
            for device in record["devices"]:
                assert from_person_record(record, device).without_place.turn >= 0

    def _check_log(self) -> None:
        for record in self.log.records:
            told = record.getMessage()
            assert not record.exc_info
            assert "Traceback" not in told
            assert PRIVATE not in told
            assert USER not in told
            if "a turn failed" in told:
                self.failed[told] += 1
        self.log.clear()


def check_answer(answer: Json, body: Json) -> None:
    """Alexa's rules, but that session attributes which are not ours may come back as they were."""
    sent = (body.get("session") or {}).get("attributes")
    if answer.get("sessionAttributes") == sent:
        answer = {**answer, "sessionAttributes": {}}
    if str(body["request"].get("requestId")) not in _ASKED:
        return  # the answer to another request of that name, perhaps
    if body["request"]["type"] in ("LaunchRequest", "IntentRequest"):
        check_response(answer)
    else:
        assert set(answer["response"]) <= {"directives"}, "nobody listens to this"


def store_failures() -> float:
    """How often the store failed, as it is counted."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name == "sciatica_store_failures_total")


@pytest.fixture
def endpoint(tmp_path: Path, recorded: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Endpoint]:
    """The webhook, with recordings, and a witness in a hold; all is held to account at the end."""
    path, clock = tmp_path / "coach.sqlite3", Clock()
    config = Config(secret=SECRET, skill_id=SKILL_ID, audio=str(recorded), url="https://coach.example.com")
    store = SqliteStore(str(path))
    store._connection().execute("pragma synchronous = off")
    bank = list(bodies(store, recorded))
    kept = parsed(reach("in_hold", store).again(store, WITNESS).body(LAUNCH))
    witness = {key: value for key, value in store.get_attributes(kept).items() if key != "revision"}
    app = create_app(config, clock=clock, store=store, verify=False)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    endpoint = Endpoint(path, post_to(app), caplog, bank, witness)
    yield endpoint
    endpoint.check_store()
    store._connection().close()
    print(f"\n{endpoint.statuses.total()} bodies: {dict(sorted(endpoint.statuses.items()))}")
    for told, times in endpoint.failed.most_common():
        print(f"{times:5} {told}")


def bodies(store: SqliteStore, recorded: Path) -> Iterator[Json]:
    """Every request in every situation, with what the session carries then; and with a stream that plays."""
    for moment in SITUATIONS:
        echo = reach(moment, store).again(store, f"{USER} {moment}")
        yield from (replace(echo).body(request) for request in REQUESTS)
    clock = Clock()
    skill = skill_on(store, clock, streams=Streams(recordings_in(recorded), "https://coach.example.com"))
    player = AudioEcho(skill, clock, user=f"{USER} stream", person=f"{USER} voice")
    begin(player)
    assert player.stream
    about = {"token": player.stream.token, "offsetInMilliseconds": 5_000}
    for request in REQUESTS:
        yield replace(player).body({**request, **about} if "token" in request else request)


junk_text = st.one_of(
    st.sampled_from(
        [PRIVATE, "", "\x00\x1b[2J\r\n", "\ud800", "\u202e", "<speak>&", "x" * 20_000, "9" * 5_000]
    ),
    st.text(max_size=20),
)
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2**31, 2**63, 10**30, 1e308, float("inf"), float("nan"), 1.5]),
    junk_text,
    st.sampled_from([20, 100, 500, 600, 700, 5_000]).map("@deep:{}@".format),
    st.sampled_from([[], {}, [[]], [None], {"a": []}, {"": PRIVATE}, [PRIVATE] * 50, {"value": PRIVATE}]),
    st.sampled_from(TYPES),
    st.sampled_from(LOCALES),
    st.sampled_from(sorted(intents())),
)
"""Any JSON; what is too deep for Python to write is put in later, by `text_of`."""


@st.composite
def mutated(draw: st.DrawFn, bank: Sequence[Json]) -> Json:
    """A real body with up to three things in it replaced, deleted, repeated or taken from another."""
    body = deepcopy(draw(st.sampled_from(bank)))
    for _ in range(draw(st.integers(0, 3))):
        *path, last = draw(st.sampled_from(list(nodes(body))))
        owner = at(body, path)
        match draw(st.sampled_from(["replace", "replace", "delete", "repeat", "graft"])):
            case "replace":
                owner[last] = deepcopy(draw(junk))
            case "delete":
                del owner[last]
            case "repeat" if isinstance(owner, list):
                owner.append(deepcopy(owner[last]))
            case "repeat":
                owner[draw(junk_text)] = deepcopy(owner[last])
            case "graft":
                with suppress(LookupError, TypeError):
                    owner[last] = deepcopy(at(draw(st.sampled_from(bank)), [*path, last]))
    return body


def at(value: Any, path: Sequence[Any]) -> Any:
    """What is in a body at a path. Raises LookupError or TypeError."""
    for key in path:
        value = value[key]
    return value


def text_of(body: Json) -> bytes:
    """As it is sent."""
    text = json.dumps(body)
    for depth in map(int, set(re.findall("@deep:([0-9]+)@", text))):
        text = text.replace(f'"@deep:{depth}@"', "[" * depth + "]" * depth)
    return text.encode()


_ASKED: set[str] = set()


def sendable(body: Json) -> bytes:
    """As it is sent: under a name of its own, unless that is what was changed about it."""
    request = body.get("request")
    if isinstance(request, dict) and str(request.get("requestId")).startswith("amzn1.echo-api.request."):
        request["requestId"] = f"amzn1.echo-api.request.fuzz.{len(_ASKED)}"
        _ASKED.add(request["requestId"])
    return text_of(body)


def raw(bank: Sequence[Json]) -> st.SearchStrategy[bytes]:
    """Bytes: any, pieces of JSON, and real bodies cut off, repeated, or with a name twice."""
    texts = st.sampled_from(bank).map(text_of)
    names = st.sampled_from([b'"request": ', b'"applicationId": ', b'"userId": ', b'"attributes": '])
    encodings = st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "cp037"])
    pieces = st.sampled_from([*'{}[]:,"', '"request"', "1e999", "NaN", "\\u0000", " "])
    return st.one_of(
        st.binary(max_size=200),
        st.lists(pieces, max_size=30).map(lambda parts: "".join(parts).encode()),
        st.builds(lambda text, end: text[:end], texts, st.integers(0, 3_000)),
        st.builds(lambda text, name: text.replace(name, name + b"5," + name, 1), texts, names),
        st.builds(lambda text, times: text * times, texts, st.sampled_from([2, 40])),
        st.builds(lambda text, name: text.decode().encode(name), texts, encodings),
    )


def sent(most: int, strategy: st.SearchStrategy[Any], send: Callable[[Any], None]) -> None:
    """`send` so many of `strategy`."""

    @given(strategy)
    @settings(max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def once(example: Any) -> None:
        send(example)

    once()


def fuzz(endpoint: Endpoint, most: int) -> None:
    """At least so many bodies: bytes, bodies by themselves, and sessions of them."""

    def session(sequence: Sequence[Json]) -> None:
        attributes: Json = {}
        for body in sequence:
            if isinstance(body.get("session"), dict) and attributes:
                body["session"]["attributes"] = attributes
            attributes = endpoint.takes(sendable(body)).get("sessionAttributes") or attributes

    body = mutated(endpoint.bank)
    sent(most * 15 // 100, raw(endpoint.bank), endpoint.takes)
    sent(most * 65 // 100, body, lambda each: endpoint.takes(sendable(each)))
    while endpoint.statuses.total() < most:
        sent(100, st.lists(body, min_size=2, max_size=5), session)
    assert endpoint.statuses[200] > most // 10
    assert endpoint.statuses[400] > most // 10


def test_whatever_is_sent_is_answered_or_refused(endpoint: Endpoint) -> None:
    fuzz(endpoint, 400)


def test_nothing_is_nested_too_deep(endpoint: Endpoint) -> None:
    """Asked in a thread of its own, with as much of the stack to spend as in a server."""
    with ThreadPoolExecutor(1) as pool:
        for depth in range(50, 1_050, 50):
            for kind in ("LaunchRequest", "Display.ElementSelected", "AudioPlayer.PlaybackStarted"):
                body = deepcopy(next(each for each in endpoint.bank if each["request"]["type"] == kind))
                body.setdefault("session", {})["attributes"] = {"a": f"@deep:{depth}@"}
                pool.submit(endpoint.takes, sendable(body)).result()


@pytest.mark.long
def test_ten_thousand_bodies(endpoint: Endpoint) -> None:
    fuzz(endpoint, 10_000)
