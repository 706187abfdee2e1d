"""`python -m tests.fuzz.targets TARGET FOLDER [libFuzzer options]`: fuzz it, with a corpus in FOLDER."""

import base64
import json
import sys
import zlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["skill"]):
    from skill.audio.library import Library
    from skill.audio.recorded_voices import RecordedVoices
    from skill.audio.recordings import OldEditionError, Recordings, UnknownTokenError
    from skill.coach.moment import Coach, Moment
    from skill.coach.record import from_mirror, from_person_record, person_record
    from skill.coach.state import State
    from skill.content import load_content
    from skill.intents.memory import _UNREADABLE, _with
    from skill.intents.replays import Answer, _digest, find_answer, with_answer
    from skill.intents.streams import _parts
    from skill.render.ssml import ROOM
    from skill.routine.marks import Marks
    from skill.routine.units import DurationMs, EpochMs
    from skill.web.certificates import amazons
    from skill.web.chains import signing_keys
    from skill.web.refusal import RefusedError
    from skill.web.verify import _signature

from ask_sdk_model import LaunchRequest, Response
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import Store

from tests.web.authority import URL, authority

NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
CONTENT = load_content()
BLANK = Moment(
    coach=Coach(CONTENT, CONTENT.routine("sciatica"), ROOM, DurationMs(0)),
    region=CONTENT.region("en-US"),
    delay=DurationMs(0),
    now=EpochMs(1_800_000_000_000),
    state=State(),
)
RECORDINGS = Recordings(RecordedVoices(Library(Path(), "espeak", "en"), Marks.BELL), CONTENT, "a secret")
LEAF = authority().leaf()
ISSUER = authority().intermediate.certificate.public_bytes(Encoding.PEM)
ROOTS = Store([authority().root.certificate])
RECORD = {
    **person_record({}, BLANK.state, BLANK.timeline, "d"),
    "settings": {"holds": {"hamstring": 15}, "leg": "left", "guide": "recorded", "pace": "slow"},
    "devices": {
        "d": {
            "state": "playing",
            "at": ["hamstring", "left", 1, "holding", 0, 240],
            "end": None,
            "since": 5,
            "question": "go_on",
            "visit_leg": "left",
            "turn": 7,
            "pace": [[20_000, 21_000]],
            "sounding": [1_800_000_000_000, 20_000, 3_000, 9_000],
            "stream": [1_800_000_000_000, 5, 1],
        }
    },
    "answers": [["0" * 32, 1_800_000_000_000, "AAAA"]],
}
REQUEST = LaunchRequest(request_id="amzn1.echo-api.request.1", timestamp=NOW)
ANSWERED = with_answer([], REQUEST, BLANK.now, Answer(Response(should_end_session=True), {"a": [1]}))
FULL = {**RECORD, "device": RECORD["devices"]["d"]}


def chains(data: bytes) -> None:
    """A certificate file is one that is trusted, or refused: any file, and any certificate in it."""
    if not data.startswith(b"-"):
        body = base64.encodebytes(data)
        data = b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n" + ISSUER
    try:
        assert signing_keys(data, ROOTS, NOW)
    except RefusedError:
        return


def urls(data: bytes) -> None:
    """A URL is Amazon's in its plain form, or none."""
    found = amazons(data.decode("latin-1"))
    if found is not None:
        assert found.startswith("https://s3.amazonaws.com/echo.api/")
        assert "/../" not in found
        assert amazons(found) == found


def signatures(data: bytes) -> None:
    """A header is a signature of some length, or refused."""
    try:
        assert 256 <= len(_signature(data.decode("latin-1"))) <= 1_024
    except RefusedError:
        return


def records(data: bytes) -> None:
    """A record is a state, or told to be none, by errors that Memory expects."""
    record = _json(data)
    if not isinstance(record, dict):
        record = _damaged(atheris.FuzzedDataProvider(data))
    for read in (lambda: from_person_record(record, "d"), lambda: from_mirror(record)):
        try:
            state = _with(BLANK, read()).state
            person_record(record, state, BLANK.timeline, "d")
        except _UNREADABLE:
            continue


def answers(data: bytes) -> None:
    """What is kept as the answer to a request is one, or none; and so is a list of anything."""
    ((name, until, _),) = ANSWERED
    find_answer([[name, until, data.decode("latin-1")]], REQUEST.request_id)
    find_answer([[name, until, sealed(data)]], REQUEST.request_id)
    if isinstance(kept := _json(data), list):
        find_answer(kept, REQUEST.request_id)


def sealed(plain: bytes) -> str:
    """Anything, sealed as an answer to REQUEST."""
    box = AESGCM(_digest(REQUEST.request_id, b"key")).encrypt(bytes(12), zlib.compress(plain), None)
    return base64.b64encode(box).decode()


def names(data: bytes) -> None:
    """The name of a stream is one of ours, or unknown."""
    text = data.decode("utf-8", "replace")
    number, sealed, token = _parts(text)
    assert number >= 0
    for read in (lambda: RECORDINGS.unseal(sealed), lambda: RECORDINGS.place(token or text, 5)):
        try:
            read()
        except (UnknownTokenError, OldEditionError):
            continue


def _damaged(data: atheris.FuzzedDataProvider) -> dict[str, Any]:
    """A record of ours with some things in it replaced, as `data` chooses."""
    record = deepcopy(FULL)
    for _ in range(data.ConsumeIntInRange(1, 3)):
        owner: Any = record
        while True:
            key = list(owner)[data.ConsumeIntInRange(0, len(owner) - 1)]
            key = key if isinstance(owner, dict) else owner.index(key)
            if not isinstance(owner[key], dict | list) or not owner[key] or data.ConsumeBool():
                break
            owner = owner[key]
        junk = (
            data.ConsumeInt(9),
            data.ConsumeUnicode(12),
            data.ConsumeFloat(),
            [data.ConsumeInt(4)] * data.ConsumeIntInRange(0, 7),
            {data.ConsumeUnicode(4): data.ConsumeInt(2)},
            None,
            data.ConsumeBool(),
        )
        owner[key] = junk[data.ConsumeIntInRange(0, len(junk) - 1)]
    return record


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


TARGETS: Mapping[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "chains": (chains, (authority().pem(LEAF), LEAF.certificate.public_bytes(Encoding.DER))),
    "urls": (urls, (URL.encode(), b"https://s3.amazonaws.com:443/x/../echo.api/a.pem")),
    "signatures": (signatures, (LEAF.signature(b"x").encode(),)),
    "records": (
        records,
        (json.dumps(RECORD).encode(), json.dumps(FULL).encode()),
    ),
    "answers": (answers, (ANSWERED[0][2].encode(), json.dumps(RECORD["answers"]).encode(), b'[{"x":5},{}]')),
    "names": (names, (f"1800000000000~{RECORDINGS.seal('x')}~{RECORDINGS.seal('y')}".encode(),)),
}
"""Each with what its corpus begins with."""


def main() -> None:
    """Fuzz until libFuzzer has had enough; the exit status tells of a crash."""
    name, folder, *options = sys.argv[1:]
    target, seeds = TARGETS[name]
    for nth, seed in enumerate(seeds):
        (Path(folder) / f"seed-{nth}").write_bytes(seed)
        target(seed)
    atheris.Setup([sys.argv[0], *options, folder], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
