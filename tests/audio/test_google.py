"""Google's voice: gTTS itself, in front of a stand-in on loopback."""

import socket
import subprocess
import sys

import pytest

from skill.audio.google import LONGEST_WAIT_S, MOST_CHARACTERS, PAUSE_S, RETRIES_S
from skill.audio.parts import in_parts
from skill.audio.pcm import samples
from skill.audio.synthesizer import VoiceError
from skill.audio.texts import all_texts
from skill.audio.trim import trimmed
from skill.audio.voices import open_voice
from skill.content import load_content
from skill.render.audio import RATE_HZ
from tests.audio.conftest import Voices
from tests.audio.google_server import (
    BUSY,
    DOWN,
    EMPTY_AUDIO,
    FORBIDDEN,
    GARBAGE,
    HANGS,
    NO_AUDIO,
    NO_AUDIO_ROW,
    NOT_BASE64,
    SILENT,
    SPEECH,
    Answer,
)
from tests.audio.measure import onset_ms

SHORT = "Relax your arms. Then rest."
LONG = (
    "The sole of your foot turns to the ceiling. Settle where you feel a stretch behind your thigh. "
    "Your knee can stay a little bent."
)
PAUSES = [PAUSE_S] * len(RETRIES_S)


def backed_off(voices: Voices) -> list[float]:
    """What was waited beside the pause before each further request."""
    assert voices.slept[1::2] == PAUSES[: len(voices.slept) // 2]
    return voices.slept[::2]


def test_a_short_text_is_asked_for_as_it_is_and_heard(voices: Voices) -> None:
    spoken = trimmed(voices.google().pcm(SHORT))
    assert voices.server.asked == [SHORT]
    assert voices.slept == []
    assert len(spoken) == pytest.approx(len(trimmed(open_voice("espeak", "en").pcm(SHORT))), rel=0.03)


def test_a_long_text_is_asked_for_in_parts_with_its_punctuation_and_a_breath_between(voices: Voices) -> None:
    whole = trimmed(voices.google().pcm(LONG))
    assert voices.server.asked == [LONG[:94], LONG[95:]]
    assert voices.slept == [PAUSE_S]
    parts = [trimmed(voices.google().pcm(part)) for part in voices.server.asked[:2]]
    gap_ms = (len(whole) - sum(map(len, parts))) * 1000 / RATE_HZ + 150 + 5
    assert 250 < gap_ms < 500
    assert onset_ms(whole) < 10


def test_parts_are_cut_where_one_breathes() -> None:
    assert in_parts("One. Two. Three.", 10) == ["One. Two.", "Three."]
    assert in_parts("One, two and three, four.", 15) == ["One,", "two and three,", "four."]
    assert in_parts("one two three four", 9) == ["one two", "three", "four"]
    assert in_parts("incomprehensibilities", 9) == ["incomprehensibilities"]


def test_every_text_of_the_coach_fits_in_its_parts() -> None:
    content = load_content()
    for text in all_texts(content, content.routine("sciatica")):
        parts = in_parts(text, MOST_CHARACTERS)
        assert " ".join(parts) == text
        assert all(len(part) <= MOST_CHARACTERS for part in parts)
        assert all(part[-1] in ".?!," for part in parts)


@pytest.mark.parametrize("answer", [BUSY, DOWN, Answer(BUSY.body, 500), HANGS], ids=lambda a: str(a.status))
def test_trouble_that_passes_is_waited_for(voices: Voices, answer: Answer) -> None:
    voices.server.answers = [answer, answer]
    assert voices.google().pcm(SHORT)
    assert voices.server.asked == [SHORT] * 3
    assert backed_off(voices) == [1, 2]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(BUSY, "429 Too Many Requests"), (DOWN, "503"), (HANGS, "cannot be reached (ReadTimeout)")],
)
def test_trouble_that_lasts_is_told_after_a_few_tries(voices: Voices, answer: Answer, reason: str) -> None:
    voices.server.always = answer
    with pytest.raises(VoiceError) as told:
        voices.google().pcm(SHORT)
    assert reason in str(told.value)
    assert voices.server.asked == [SHORT] * 5
    assert backed_off(voices) == list(RETRIES_S)


def test_nobody_there_is_told_after_a_few_tries(voices: Voices) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"com@127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(VoiceError, match=r"cannot be reached \(Connect"):
        voices.google(nobody).pcm(SHORT)
    assert backed_off(voices) == list(RETRIES_S)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (FORBIDDEN, "403 Forbidden"),
        (Answer(BUSY.body, 404), "404 Not Found"),
        (NO_AUDIO, "without audio"),
        (NO_AUDIO_ROW, "without audio"),
        (EMPTY_AUDIO, "without audio"),
        (GARBAGE, "damaged"),
        (SILENT, "nothing is heard"),
        (NOT_BASE64, "no audio"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_another_try_would_not_help_is_told_at_once(voices: Voices, answer: Answer, reason: str) -> None:
    voices.server.answers = [answer]
    with pytest.raises(VoiceError) as told:
        voices.google().pcm(SHORT)
    assert reason in str(told.value)
    assert voices.server.asked == [SHORT]


def test_a_part_that_fails_fails_the_text(voices: Voices) -> None:
    voices.server.answers = [SPEECH, NO_AUDIO]
    with pytest.raises(VoiceError):
        voices.google().pcm(LONG)


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "Wed, 01 Jan 2025 00:00:20 GMT", "Date": "Wed, 01 Jan 2025 00:00:00 GMT"}, 20),
        ({"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT", "Date": "Wed, 01 Jan 2025 00:00:00 GMT"}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "-5"}, 1),
    ],
)
def test_it_waits_as_long_as_it_is_asked_to(voices: Voices, headers: dict[str, str], waited: float) -> None:
    voices.server.answers = [Answer(BUSY.body, 429, headers)]
    assert voices.google().pcm(SHORT)
    assert backed_off(voices) == [waited]


def test_it_does_not_wait_for_hours(voices: Voices) -> None:
    voices.server.answers = [Answer(BUSY.body, 429, {"Retry-After": str(int(LONGEST_WAIT_S) + 1)})]
    with pytest.raises(VoiceError, match="429 Too Many Requests, and wants to be asked again in 121 seconds"):
        voices.google().pcm(SHORT)
    assert voices.slept == []


def test_a_language_it_has_not_is_told(voices: Voices) -> None:
    with pytest.raises(VoiceError, match="Language not supported: tlh"):
        open_voice("gtts", "tlh").pcm(SHORT)


def test_nothing_is_printed_while_it_is_asked(voices: Voices) -> None:
    told = (
        "import sys; from skill.audio.google import Google;"
        "print(len(Google('en', tld=sys.argv[1]).pcm('Hold.')))"
    )
    result = subprocess.run(
        [sys.executable, "-W", "default", "-c", told, voices.server.tld],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(result.stdout) > samples(300)
    assert result.stderr == ""
