"""A recording over HTTP: the whole of it, any part, and what a player may ask besides."""

import tracemalloc
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from skill.audio.recordings import OldEditionError, UnknownTokenError
from skill.render.audio import Track
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.marks import Marks
from skill.routine.settings import Leg, Pace, Settings
from skill.routine.timeline import TimedCue
from skill.routine.units import seconds
from skill.web.audio import LISTENS, audio
from tests.conversations.client import serving
from tests.render.clips import NamedClips, recorded, track_of
from tests.routine.choices import steady
from tests.speaker.conftest import browser as browser

TRACK = track_of(recorded(Settings(leg=Leg.LEFT)))
EVERYTHING = b"".join(TRACK.read())
SIZE = len(EVERYTHING)
DAY = Track([TimedCue(Cue(CueKind.WAIT, Step.REST), seconds(86_400))], NamedClips(), Pace.NORMAL, Marks.BELL)
URL = "/audio/good.mp3"


class Shelf:
    """Recordings, by tokens that a test can read."""

    def open(self, token: str) -> Track:
        match token:
            case "good":
                return TRACK
            case "day":
                return DAY
            case "old":
                raise OldEditionError("recorded anew since")
        raise UnknownTokenError("not signed here")


def app() -> Flask:
    made = Flask("audio")
    made.register_blueprint(audio(Shelf()))  # type: ignore[arg-type]
    return made


@pytest.fixture
def client() -> FlaskClient:
    return app().test_client()


def test_the_whole(client: FlaskClient) -> None:
    answer = client.get(URL)
    assert answer.status_code == 200
    assert answer.data == EVERYTHING
    assert answer.content_type == "audio/mpeg"
    assert answer.content_length == SIZE
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    etag, weak = answer.get_etag()
    assert etag
    assert not weak


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/audio/good.mp3", {}, 200),
        ("/audio/good.mp3", {"Range": "bytes=5-9"}, 206),
        ("/audio/good.mp3", {"Range": "bytes=99999999-"}, 416),
        ("/audio/good.mp3", {"If-None-Match": "*"}, 304),
        ("/audio/old.mp3", {}, 410),
        ("/audio/unknown.mp3", {}, 404),
    ],
)
def test_only_for_a_recording_the_server_is_asked_for_patience(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    asked: list[int] = []
    answer = client.get(path, headers=headers, environ_overrides={LISTENS: lambda: asked.append(1)})
    assert answer.status_code == status
    assert len(asked) == (status < 300)


def test_another_recording_has_another_etag(client: FlaskClient) -> None:
    assert client.head("/audio/day.mp3").get_etag() != client.head(URL).get_etag()


@pytest.mark.parametrize("range_", [None, "bytes=5-9", "bytes=99999999-"])
def test_head_tells_what_get_would_send_and_knows_no_parts(client: FlaskClient, range_: str | None) -> None:
    head = client.head(URL, headers={"Range": range_} if range_ else {})
    whole = client.get(URL)
    assert head.data == b""
    assert head.status_code == whole.status_code == 200
    ignored = {"Date"}
    assert {k: v for k, v in head.headers if k not in ignored} == {
        k: v for k, v in whole.headers if k not in ignored
    }


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=100-299", 100, 300),
        ("Bytes = 100-299", 100, 300),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=10-{SIZE + 1000}", 10, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=-500", SIZE - 500, SIZE),
        (f"bytes=-{SIZE + 1000}", 0, SIZE),
        (f"bytes=4-{'9' * 30}", 4, SIZE),
    ],
)
def test_a_part(client: FlaskClient, asked: str, start: int, stop: int) -> None:
    answer = client.get(URL, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.content_length == stop - start
    assert answer.content_type == "audio/mpeg"
    assert answer.data == EVERYTHING[start:stop]
    assert answer.get_etag() == client.head(URL).get_etag()


@steady
@given(st.integers(0, SIZE - 1), st.integers(0, 2 * SIZE))
def test_any_part(start: int, length: int) -> None:
    answer = app().test_client().get(URL, headers={"Range": f"bytes={start}-{start + length}"})
    assert answer.data == EVERYTHING[start : start + length + 1]


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=", "bytes=-", "bytes=-0", "bytes=5-2", "bytes=x-9", "bytes=1-x", "bytes=--5"),
        *(f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", f"bytes={'9' * 30}-"),
    ],
)
def test_a_part_that_is_not_there(client: FlaskClient, asked: str) -> None:
    answer = client.get(URL, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.mimetype == "text/plain"
    assert "no such part" in answer.text


@pytest.mark.parametrize("asked", ["bytes=0-9,20-29", "bytes=20-29, 0-9", "frames=0-9", "", "nonsense"])
def test_what_is_not_one_range_of_bytes_gets_the_whole(client: FlaskClient, asked: str) -> None:
    answer = client.get(URL, headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.data == EVERYTHING


def test_a_part_of_what_somebody_has_already(client: FlaskClient) -> None:
    etag = client.head(URL).headers["ETag"]
    same = client.get(URL, headers={"Range": "bytes=5-9", "If-Range": etag})
    assert (same.status_code, same.data) == (206, EVERYTHING[5:10])
    for other in ('"another"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        changed = client.get(URL, headers={"Range": "bytes=5-9", "If-Range": other})
        assert (changed.status_code, changed.content_length) == (200, SIZE)
        gone = client.get(URL, headers={"Range": f"bytes={SIZE}-", "If-Range": other})
        assert gone.status_code == 200


def test_what_somebody_has_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.head(URL).headers["ETag"]
    for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        for more in ({}, {"Range": "bytes=5-9"}, {"Range": f"bytes={SIZE}-"}):
            for ask in (client.get, client.head):
                answer = ask(URL, headers={"If-None-Match": known, **more})
                assert (answer.status_code, answer.data) == (304, b"")
                assert answer.headers["ETag"] == etag
                assert "Cache-Control" in answer.headers
    assert client.get(URL, headers={"If-None-Match": '"another"'}).status_code == 200
    assert client.get(URL, headers={"If-Match": '"another"', "Range": "bytes=5-9"}).status_code == 412


@pytest.mark.parametrize(("token", "status"), [("unknown", 404), ("old", 410)])
def test_a_refusal_is_short_and_plain(client: FlaskClient, token: str, status: int) -> None:
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
        answer = client.get(f"/audio/{token}.mp3", headers=headers)
        assert answer.status_code == status
        assert answer.mimetype == "text/plain"
        assert len(answer.text.splitlines()) == 1
        assert answer.headers["Cache-Control"] == "no-store"


def test_other_addresses_and_methods(client: FlaskClient) -> None:
    assert client.get("/audio/good").status_code == 404
    assert client.get("/audio/.mp3").status_code == 404
    assert client.get("/audio/a/good.mp3").status_code == 404
    assert client.post(URL).status_code == 405


def test_a_day_takes_no_more_memory_than_a_moment(client: FlaskClient) -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        with client.get("/audio/day.mp3", headers={"Range": f"bytes=0-{size - 1}"}, buffered=False) as answer:
            assert sum(len(piece) for piece in answer.response) == size
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(DAY.size) - peak(100_000) < 100_000


def test_a_browser_knows_its_length_from_the_first_bytes(browser: Browser) -> None:
    """Without a header of the whole: from its size and its constant bit rate."""
    with serving(app()) as url:
        page = browser.new_page()
        page.goto(f"{url}/audio/good")
        known = page.evaluate(
            """() => new Promise((resolve, reject) => {
                const audio = new Audio("/audio/good.mp3");
                audio.onloadedmetadata = () => resolve([audio.duration, audio.seekable.end(0)]);
                audio.onerror = () => reject(audio.error.message);
            })"""
        )
        page.close()
    assert known == [pytest.approx(TRACK.duration_ms / 1000, abs=0.001)] * 2


@pytest.fixture
def served() -> Iterator[HTTPConnection]:
    with serving(app()) as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        yield connection
        connection.close()


def test_over_a_socket(served: HTTPConnection) -> None:
    for headers, status, wanted in (
        ({}, 200, EVERYTHING),
        ({"Range": "bytes=1000-200000"}, 206, EVERYTHING[1000:200_001]),
        ({"Range": f"bytes={SIZE}-"}, 416, None),
    ):
        served.request("GET", URL, headers=headers)
        answer = served.getresponse()
        body = answer.read()
        assert answer.status == status
        assert wanted is None or body == wanted
        served.close()
    served.request("HEAD", URL)
    answer = served.getresponse()
    assert (answer.getheader("Content-Length"), answer.read()) == (str(SIZE), b"")


def test_a_player_that_leaves_in_the_middle_does_no_harm(served: HTTPConnection) -> None:
    served.request("GET", "/audio/day.mp3")
    served.getresponse().read(50_000)
    served.close()
    served.request("GET", URL, headers={"Range": "bytes=0-9"})
    assert served.getresponse().read() == EVERYTHING[:10]


def test_more_listeners_than_there_is_room_for_are_told_and_room_is_made_again() -> None:
    made = Flask("audio")
    made.register_blueprint(audio(Shelf(), most=2))  # type: ignore[arg-type]
    client = made.test_client()
    listening = [client.get("/audio/day.mp3", buffered=False) for _ in range(2)]
    turned_away = client.get(URL)
    assert turned_away.status_code == 503
    assert turned_away.headers["Cache-Control"] == "no-store"
    for each in listening:
        each.close()
    for _ in range(3):
        assert client.get(URL, headers={"Range": f"bytes={SIZE}-"}).status_code == 416
        with client.head(URL) as told, client.get(URL) as heard:
            assert told.status_code == 200
            assert heard.data == EVERYTHING
