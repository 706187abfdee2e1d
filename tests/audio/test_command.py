"""`sciatica-coach audio`, as it is told to do things."""

import argparse
import re
from pathlib import Path

import pytest

from skill.audio.library import Library
from skill.commands import audio
from skill.commands.command import UsageError
from skill.config import Config
from skill.routine.settings import Pace
from tests.audio.conftest import Voices
from tests.audio.google_server import BUSY, FORBIDDEN, NO_AUDIO, SPEECH

TEXTS = ("Hold.", "Rest.", "Paused.")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(audio=str(tmp_path / "audio"))


@pytest.fixture(autouse=True)
def _few_texts(monkeypatch: pytest.MonkeyPatch, voices: Voices) -> None:
    """The coach needs but three texts, and Google's voice asks the stand-in."""
    monkeypatch.setattr(audio, "texts_to_record", lambda _: TEXTS)
    make = audio.build
    monkeypatch.setattr(audio, "build", lambda *given, **named: make(*given, **named, open_voice=voices.open))


def do(config: Config, *arguments: str) -> None:
    """Carry out `sciatica-coach audio` with these arguments."""
    parser = argparse.ArgumentParser()
    audio.add(parser.add_subparsers())
    options = parser.parse_args(["audio", *arguments])
    options.do(options, config)


def gtts(config: Config) -> Library:
    return Library(config.audio_folder, "gtts", "en")


def test_build_says_what_is_new_what_was_there_and_where(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    do(config, "build")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "recording: 0 of 3"
    assert re.fullmatch(r"3 texts recorded, 0 there already: 0\.1 minutes at both paces, 0\.0 MB", said[1])
    assert said[2] == f"In {config.audio_folder / 'espeak' / 'en'}"
    do(config, "build")
    assert capsys.readouterr().out.startswith("0 texts recorded, 3 there already: ")


def test_the_voice_is_the_one_asked_for_or_the_one_of_the_settings(config: Config, voices: Voices) -> None:
    do(config, "build", "--voice", "gtts")
    assert voices.opened == ["gtts"]
    do(Config(audio=config.audio, voice="gtts"), "build")
    assert voices.opened == ["gtts"]
    do(config, "build")
    assert voices.opened == ["gtts", "espeak"]


def test_a_build_that_fails_names_what_failed_and_how_to_go_on(config: Config, voices: Voices) -> None:
    voices.server.answers, voices.server.always = [SPEECH], BUSY
    with pytest.raises(UsageError) as refused:
        do(config, "build", "--voice", "gtts")
    for named in (
        "'Rest.' could not be recorded: Google Translate answered 429 Too Many Requests",
        "1 new recordings are kept",
        "to go on: sciatica-coach audio build --voice gtts",
        "--fallback espeak",
    ):
        assert named in str(refused.value)
    assert voices.opened == ["gtts"]


def test_a_stand_in_is_told_of(config: Config, voices: Voices, capsys: pytest.CaptureFixture[str]) -> None:
    voices.server.answers = [SPEECH, NO_AUDIO]
    do(config, "build", "--voice", "gtts", "--fallback", "espeak")
    said = capsys.readouterr().out
    assert "3 texts recorded" in said
    assert "espeak stood in for 1 of them, because Google Translate answered without audio" in said
    do(config, "list")
    assert "1 of them by espeak" in capsys.readouterr().out
    assert gtts(config).lent(TEXTS) == ["Rest."]


def test_a_voice_cannot_stand_in_for_itself(config: Config) -> None:
    with pytest.raises(UsageError, match="--fallback espeak"):
        do(config, "build", "--fallback", "espeak")


def test_a_folder_that_cannot_be_written_is_named(config: Config) -> None:
    config.audio_folder.write_text("a file")
    with pytest.raises(UsageError, match=f"cannot be kept in {config.audio_folder}"):
        do(config, "build")


def test_ctrl_c_says_how_to_go_on(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audio, "build", pressed)
    with pytest.raises(KeyboardInterrupt):
        do(config, "build")
    assert "To go on: sciatica-coach audio build --voice espeak" in capsys.readouterr().out


def test_list_says_what_each_voice_is_and_has(
    config: Config, voices: Voices, capsys: pytest.CaptureFixture[str]
) -> None:
    voices.server.always = FORBIDDEN
    gtts(config).add_speech("Hold.", Pace.NORMAL, bytes(144))
    gtts(config).add_speech("Hold.", Pace.SLOW, bytes(144))
    do(config, "list")
    said = capsys.readouterr().out
    assert "espeak (in use): espeak-ng, " in said
    assert "recorded: 0 of 3 texts, 3 missing" in said
    assert "recorded: 1 of 3 texts, 2 missing" in said
    assert said.count("packages: installed") == 2
    for voice in ("espeak", "gtts"):
        assert f"folder: {config.audio_folder / voice / 'en'}" in said
    assert voices.server.asked == []


def test_list_names_packages_that_are_missing(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("skill.audio.voices.find_spec", lambda name: None if name == "av" else name)
    do(config, "list")
    assert capsys.readouterr().out.count("missing: av: pip install 'sciatica-coach[clips]'") == 2


def test_an_action_is_needed(config: Config) -> None:
    with pytest.raises(SystemExit):
        do(config)
