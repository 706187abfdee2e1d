"""`make bench`: what a turn costs, and what its parts do."""

import json
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_request_type
from flask import Flask, jsonify, request
from rich.console import Console
from rich.table import Table

from skill.config import Config
from skill.content import load_content
from skill.routine.plan import make_plan
from skill.routine.settings import Settings
from skill.routine.timeline import Timeline
from skill.routine.voice import ModelledVoice
from skill.speaker.envelopes import envelope, intent_request, launch_request
from skill.store import open_store
from skill.understanding.understand import understand
from skill.web import create_app
from tests.bench.audio import memory, recordings
from tests.bench.stores import MANY, flatness, stores
from tests.bench.timing import Pair, time_pair
from tests.bench.verification import verification
from tests.conversations.client import MovableClock

SAID = ("no", "start my routine", "how long left", "pause", "resume", "next stretch", "repeat", "where am I")


def main() -> None:
    """Print every benchmark."""
    table = Table("what", "against", "ratio", "median", "p99")
    Console().print(
        f"Filling stores with {MANY:,} people: this takes some minutes, and 6 GB of disk for a while."
    )
    crowded = list(stores())
    for what, against, pair in (*turns(), *verification(), *parts(), *recordings(), *crowded):
        middle = sorted(pair.ours)[len(pair.ours) // 2] * 1000
        table.add_row(what, against, f"{pair.ratio:.3g}", f"{middle:.3f} ms", f"{pair.p99_ms:.3f} ms")
    Console().print(table)
    Console().print(memory())
    Console().print(flatness(crowded))


def turns() -> Iterator[tuple[str, str, Pair]]:
    """A whole turn, saved durably, against the least that Flask and ask-sdk can do."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/bench.sqlite3")
        clock = MovableClock()
        ours = create_app(Config(), clock=clock, store=store, verify=False).test_client()
        bare = bare_app().test_client()
        said = cycle(SAID)
        opening = body(launch_request(), clock, new=True)
        attributes = ours.post("/alexa", data=opening).json["sessionAttributes"]

        def turn() -> None:
            nonlocal attributes
            clock.move(7)
            asked = body(intent_request(understand(next(said))), clock, attributes=attributes)
            answer = ours.post("/alexa", data=asked)
            attributes = answer.json["sessionAttributes"]

        yield (
            "a turn, saved",
            "a bare ask-sdk turn",
            time_pair(turn, lambda: bare.post("/alexa", data=opening), 1_000),
        )


def parts() -> Iterator[tuple[str, str, Pair]]:
    """The parts that are ours, against reading the text of a response."""
    content = load_content()
    routine, words = content.routine("sciatica"), content.words
    text = json.dumps([cue.text for cue in make_plan(routine, Settings(), words).cues] * 4)

    def read() -> object:
        return json.loads(text)

    def plan() -> object:
        return Timeline(make_plan.__wrapped__(routine, Settings(), words), ModelledVoice())

    yield "a plan and its timeline, made anew", "reading 40 KB of JSON", time_pair(plan, read, 300)
    said = cycle(("next one please", "could you hold it for a bit longer", "what's the weather"))
    yield "understanding", "reading 40 KB of JSON", time_pair(lambda: understand(next(said)), read, 1_000)


def bare_app() -> Flask:
    """One handler, no state."""
    builder = SkillBuilder()

    @builder.request_handler(can_handle_func=is_request_type("LaunchRequest"))
    def launch(handler_input):  # type: ignore[no-untyped-def]
        return handler_input.response_builder.speak('Hold. <break time="10s"/>').response

    handler = builder.lambda_handler()
    app = Flask("bare")

    @app.post("/alexa")
    def alexa() -> object:
        return jsonify(handler(json.loads(request.get_data()), None))

    return app


def body(
    asked: dict[str, object], clock: MovableClock, *, new: bool = False, attributes: object = None
) -> bytes:
    """An envelope as it comes over the wire."""
    session = {"sessionId": "s", "new": new, "attributes": attributes or {}}
    return json.dumps(envelope(asked, session, "amzn1.ask.device.bench", "en-US", clock())).encode()


if __name__ == "__main__":
    main()
