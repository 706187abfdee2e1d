"""Building a library: only what is missing, and nothing lost however it ends."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from skill.audio.build import MOST_FAILURES, BuildError, Report, build
from skill.audio.library import Library
from skill.audio.pcm import Pcm, silence
from skill.audio.synthesizer import VoiceError
from skill.audio.voices import VOICES, open_voice
from skill.routine.settings import Pace
from tests.audio.built import built
from tests.audio.conftest import Voices
from tests.audio.google_server import BUSY, FORBIDDEN, GARBAGE, NO_AUDIO, SPEECH
from tests.audio.measure import frames_of, stands_alone

TEXTS = ("Hold.", "Rest.", "Paused.", "Five more seconds.")


@dataclass
class Told:
    """What a build told of its progress; `interrupted_at` presses Ctrl-C there."""

    lines: list[tuple[int, int, str]] = field(default_factory=list)
    interrupted_at: int = -1

    def __call__(self, done: int, of: int, text: str) -> None:
        self.lines.append((done, of, text))
        if done == self.interrupted_at:
            raise KeyboardInterrupt


def clips(library: Library) -> dict[tuple[str, Pace], bytes | None]:
    return {said: library.speech(*said) for said in library.lengths}


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    library = built(tmp_path, TEXTS[:2])
    before = clips(library)
    bell = library.sound("bell")
    told = Told()
    assert build(library, (*TEXTS, *TEXTS), progress=told) == Report(there=2, made=2)
    assert told.lines == [(0, 2, "Paused."), (1, 2, "Five more seconds."), (2, 2, "")]
    assert library.missing(TEXTS) == []
    assert clips(library) | before == clips(library)
    assert library.sound("bell") == bell


def test_where_nothing_is_missing_no_voice_is_opened(tmp_path: Path, voices: Voices) -> None:
    library = built(tmp_path, TEXTS[:1])
    assert build(library, TEXTS[:1], open_voice=voices.open) == Report(there=1)
    assert voices.opened == []


def test_the_sounds_are_made_too(espeak: Library) -> None:
    build(espeak, ())
    assert len(espeak.sound("bell") or b"") == 30 * 144
    assert espeak.sound("tick")


def test_one_request_serves_every_pace(gtts: Library, voices: Voices) -> None:
    assert build(gtts, TEXTS, open_voice=voices.open) == Report(there=0, made=4)
    assert voices.server.asked == list(TEXTS)
    assert all(stands_alone(frame) for clip in clips(gtts).values() for frame in frames_of(clip or b""))
    for text in TEXTS:
        normal, slow = (gtts.lengths[text, pace] for pace in Pace)
        assert 1.05 < slow / normal < 1.25


@pytest.mark.parametrize("done", range(4))
def test_ctrl_c_keeps_what_is_done(gtts: Library, voices: Voices, done: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(gtts, TEXTS, open_voice=voices.open, progress=Told(interrupted_at=done))
    assert gtts.missing(TEXTS) == list(TEXTS[done:])
    build(gtts, TEXTS, open_voice=voices.open)
    assert voices.server.asked == list(TEXTS)
    assert not list(gtts.folder.glob(".*"))


@pytest.mark.parametrize(
    ("answer", "reason"), [(BUSY, "429"), (GARBAGE, "damaged"), (NO_AUDIO, "without audio")]
)
def test_a_voice_that_gives_up_ends_the_build_with_what_was_done(
    gtts: Library, voices: Voices, answer: object, reason: str
) -> None:
    voices.server.answers = [SPEECH]
    voices.server.always = answer
    with pytest.raises(BuildError) as ended:
        build(gtts, TEXTS, open_voice=voices.open)
    assert "'Rest.' could not be recorded" in str(ended.value)
    assert reason in str(ended.value)
    assert ended.value.report == Report(there=0, made=1)
    assert gtts.missing(TEXTS) == list(TEXTS[1:])
    assert voices.opened == ["gtts"]


def test_a_stand_in_speaks_where_it_is_told_to_and_gives_way_later(gtts: Library, voices: Voices) -> None:
    voices.server.answers = [SPEECH, FORBIDDEN, SPEECH, FORBIDDEN]
    report = build(gtts, TEXTS, fallback="espeak", open_voice=voices.open)
    assert report == Report(there=0, made=2, lent=2, failure="Google Translate answered 403 Forbidden")
    assert gtts.missing(TEXTS) == []
    assert gtts.lent(TEXTS) == ["Rest.", "Five more seconds."]
    before = clips(gtts)
    voices.server.answers = [FORBIDDEN, SPEECH]
    report = build(gtts, TEXTS, fallback="espeak", open_voice=voices.open)
    assert (report.there, report.made, report.lent) == (2, 1, 0)
    assert gtts.lent(TEXTS) == ["Rest."]
    after = clips(gtts)
    changed = {text for text, pace in before if before[text, pace] != after[text, pace]}
    assert changed == {"Five more seconds."}


def test_what_a_stand_in_said_is_kept_while_the_voice_fails(gtts: Library, voices: Voices) -> None:
    voices.server.always = FORBIDDEN
    build(gtts, TEXTS[:1], fallback="espeak", open_voice=voices.open)
    before = clips(gtts)
    with pytest.raises(BuildError):
        build(gtts, TEXTS[:1], open_voice=voices.open)
    assert clips(gtts) == before != {}


def test_a_voice_that_keeps_failing_is_left_alone(gtts: Library, voices: Voices) -> None:
    voices.server.always = FORBIDDEN
    many = [*TEXTS, "One.", "Two."]
    assert build(gtts, many, fallback="espeak", open_voice=voices.open).lent == len(many)
    assert voices.server.asked == many[:MOST_FAILURES]


def test_a_stand_in_that_fails_too_ends_the_build(gtts: Library) -> None:
    def nobody(name: str, _: str) -> object:
        raise VoiceError(f"no {name}")

    with pytest.raises(BuildError, match="no espeak"):
        build(gtts, TEXTS, fallback="espeak", open_voice=nobody)


def test_a_voice_that_says_nothing_ends_the_build(espeak: Library) -> None:
    class Mute:
        def pcm(self, _: str) -> Pcm:
            return silence(2400)

    with pytest.raises(BuildError, match=r"'Hold\.' could not be recorded: nothing is heard"):
        build(espeak, TEXTS, open_voice=lambda *_: Mute())
    assert espeak.lengths == {}


@pytest.mark.parametrize(
    ("package", "voice", "extra"),
    [("av", "espeak", "clips"), ("av", "gtts", "clips"), ("espeakng_loader", "espeak", "espeak")],
)
def test_a_package_that_is_missing_is_named_with_its_extra(
    tmp_path: Path, package: str, voice: str, extra: str
) -> None:
    told = (
        "import sys; package, voice, folder = sys.argv[1:]; sys.modules[package] = None;"
        "from pathlib import Path; from skill.audio.library import Library;"
        "from skill.audio.build import build, BuildError\n"
        "try: build(Library(Path(folder), voice, 'en'), ['Hold.'])\n"
        "except BuildError as wrong: print(wrong)"
    )
    command = [sys.executable, "-c", told, package, voice, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"the package {package} cannot be imported" in said
    assert f"pip install 'sciatica-coach[{extra}]'" in said


def test_reading_a_library_needs_no_package_that_makes_one() -> None:
    heavy = {"av", "espeakng_loader", "gtts", "requests"}
    told = "import skill.audio.build, skill.audio.texts, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert not heavy & set(loaded.stdout.split())


def test_every_voice_that_settings_allow_is_there() -> None:
    from skill.config import VOICES as ALLOWED

    assert set(VOICES) == set(ALLOWED)
    assert len({kind.recipe for kind in VOICES.values()}) == len(VOICES)


def test_a_voice_of_espeak_speaks_english_alone() -> None:
    with pytest.raises(VoiceError, match="allowed: en"):
        open_voice("espeak", "de")


def test_a_path_too_deep_for_espeak_is_told() -> None:
    from skill.audio import espeak

    with pytest.raises(VoiceError, match="more than 159 bytes"):
        espeak._initialized(espeak.c.CDLL(None), "/" + "x" * 159)
