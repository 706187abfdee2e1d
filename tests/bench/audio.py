"""What a recording costs: putting it together, its first byte, and many streams at once."""

import os
import shutil
import subprocess
import tempfile
import tracemalloc
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient

from skill.audio.build import build
from skill.audio.library import Library
from skill.audio.recordings import Recordings
from skill.config import Config
from skill.content import load_content
from skill.render.audio import Track
from skill.routine.marks import Marks
from skill.routine.plan import make_plan
from skill.routine.settings import Leg, Settings
from skill.routine.timeline import Position, Timeline
from skill.store import open_store
from skill.web import RECORDINGS, create_app
from tests.bench.timing import Pair, time_pair

STREAMS = 200
SETTINGS = Settings(leg=Leg.BOTH)


@dataclass(frozen=True)
class Scene:
    """A recorded routine in `folder`, and an application that serves it."""

    folder: Path
    library: Library
    timeline: Timeline
    app: Flask
    url: str

    @property
    def track(self) -> Track:
        """The routine, made anew."""
        cues = self.timeline.cut(Position(0), len(self.timeline))
        return Track(cues, self.library, SETTINGS.pace, Marks.BELL)


def recordings() -> Iterator[tuple[str, str, Pair]]:
    """The pairs that are timed."""
    with tempfile.TemporaryDirectory() as folder:
        scene = made(Path(folder))
        what = "the MP3 of a whole routine"
        if shutil.which("ffmpeg"):
            pieces = in_files(scene)
            yield (
                what,
                "ffmpeg concat, stream copy",
                time_pair(lambda: assemble(scene), concat(scene, pieces), 10),
            )
            yield what, "pydub: decode, join, encode (once)", against_pydub(scene, pieces)
        yield "the first byte of a recording, over WSGI", "a bare Flask answer", first_byte(scene)


def memory() -> str:
    """What many streams at once take, told in a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        scene = made(Path(folder))
        few, many = streamed(scene, 2), streamed(scene, STREAMS)
        size = scene.track.size * STREAMS / 1e6
    each = (many - few) / (STREAMS - 2) / 1000
    return (
        f"{STREAMS} streams at once, {size:.0f} MB in all: {many / 1e6:.1f} MB of memory at most, "
        f"2 streams: {few / 1e6:.1f} MB, so {each:.0f} kB each"
    )


def made(folder: Path) -> Scene:
    """The usual routine in espeak's voice, on both legs."""
    content = load_content()
    plan = make_plan(content.routine("sciatica"), SETTINGS, content.words)
    audio = folder / "audio"
    build(Library(audio, "espeak", content.language), [cue.text for cue in plan.cues if cue.text])
    store = open_store(f"sqlite:///{folder}/bench.sqlite3")
    app = create_app(Config(audio=str(audio)), store=store, verify=False)
    shelf: Recordings = app.extensions[RECORDINGS]
    voice = shelf.voices.of(plan)
    assert voice
    timeline = Timeline(plan, voice)
    library = Library(audio, "espeak", content.language)
    return Scene(folder, library, timeline, app, f"/audio/{shelf.stream_token(timeline)}.mp3")


def in_files(scene: Scene) -> list[Path]:
    """The pieces of the routine, each in a file of its own."""
    paths = []
    for number, piece in enumerate(scene.track.read()):
        paths.append(scene.folder / f"{number}.mp3")
        paths[-1].write_bytes(piece)
    return paths


def assemble(scene: Scene) -> None:
    """Our way: from a timeline to the last of its bytes, each let go of as a server does."""
    deque(scene.track.read(), maxlen=0)


def concat(scene: Scene, pieces: list[Path]) -> Callable[[], object]:
    """ffmpeg's way to join what needs no encoding; it keeps nothing either."""
    listed = scene.folder / "list.txt"
    listed.write_text("".join(f"file '{path}'\n" for path in pieces))
    source = ("-f", "concat", "-safe", "0", "-i", str(listed))
    target = ("-c", "copy", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3", os.devnull)
    return lambda: subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *target], check=True)


def against_pydub(scene: Scene, pieces: list[Path]) -> Pair:
    """The way of scripts: every piece decoded, all of them joined, and the whole encoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    ours_s = tuple(timed(lambda: assemble(scene)) for _ in range(20))

    def run() -> None:
        joined = AudioSegment.empty()
        for path in pieces:
            joined += AudioSegment.from_mp3(path)
        joined.export(scene.folder / "pydub.mp3", format="mp3", bitrate="48k").close()

    return Pair(ours_s, (timed(run),) * len(ours_s))


def timed(action: Callable[[], object]) -> float:
    """Seconds."""
    start = perf_counter()
    action()
    return perf_counter() - start


def first_byte(scene: Scene) -> Pair:
    """From a request to the first piece of its answer."""
    bare = Flask("bare")
    bare.get("/")(lambda: b"x")
    ours, theirs = scene.app.test_client(), bare.test_client()

    def begin(client: FlaskClient, url: str) -> None:
        with client.get(url, buffered=False) as answer:
            assert answer.status_code == 200
            next(iter(answer.response))

    return time_pair(lambda: begin(ours, scene.url), lambda: begin(theirs, "/"), 300)


def streamed(scene: Scene, count: int) -> int:
    """The most memory that `count` streams take, which are read by turns, each from another place."""
    client, size = scene.app.test_client(), scene.track.size
    client.get(scene.url, headers={"Range": "bytes=0-99"})
    with ExitStack() as opened:
        tracemalloc.start()
        streams = []
        for number in range(count):
            start = size * number // count
            answer = client.get(scene.url, headers={"Range": f"bytes={start}-"}, buffered=False)
            streams.append(iter(opened.enter_context(answer).response))
        while streams:
            streams = [stream for stream in streams if next(stream, None) is not None]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most
