"""`sciatica-coach render`, as a person runs it and a person hears it."""

import json
import os
import re
import shutil
import signal
import subprocess
import wave
from array import array
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from skill.audio.library import Library
from skill.render.audio import FRAME_BYTES, FRAME_MS, SILENT_FRAME
from skill.routine.marks import BELL_MS, Marks
from skill.routine.settings import Pace
from tests.audio.built import whole_library as whole_library
from tests.command import COMMAND, Run, runner
from tests.render.listening import Heard, decoded, program

DEADLINE_S = 60
FULL = ("--side", "both")
HOLDS = 18

Row = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rendered")


@pytest.fixture(scope="module")
def environment(whole_library: Library) -> dict[str, str]:
    """Nothing of ours but the recordings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCIATICA_")}
    audio = whole_library.folder.parent.parent
    return kept | {"SCIATICA_AUDIO": str(audio), "COLUMNS": "120"}


@pytest.fixture(scope="module")
def run(environment: dict[str, str]) -> Run:
    return runner(environment, DEADLINE_S)


@pytest.fixture(scope="module", params=Marks)
def marks(request: pytest.FixtureRequest) -> Marks:
    return Marks(request.param)


@pytest.fixture(scope="module")
def mp3(run: Run, folder: Path, marks: Marks) -> Path:
    """The full routine."""
    path = folder / f"{marks}.mp3"
    made = run("render", path, *FULL, "--marks", marks)
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="module")
def heard(mp3: Path) -> Heard:
    return Heard(decoded(mp3))


@pytest.fixture(scope="module")
def rows(run: Run, marks: Marks) -> list[Row]:
    """What `plan --json` tells of it."""
    rows: list[Row] = json.loads(run("plan", "--json", "--voice", "espeak", *FULL, "--marks", marks).stdout)
    return rows


def holds(rows: list[Row]) -> list[list[Row]]:
    """The cues of each hold, with the one before and the one after."""
    inside = [list(group) for step, group in groupby(rows, lambda row: row["step"]) if step == "holding"]
    return [rows[rows.index(hold[0]) - 1 : rows.index(hold[-1]) + 2] for hold in inside]


def bell_of(library: Library, tmp_path: Path, name: str = "bell") -> "array[int]":
    """The samples of a sound."""
    path = tmp_path / f"{name}.mp3"
    path.write_bytes((library.sound(name) or b"") + SILENT_FRAME * 4)
    return decoded(path)


def sound_of(mp3: Path) -> bytes:
    """The MP3 behind the tag."""
    data = mp3.read_bytes()
    return data[10 + sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)) :]


def test_every_frame_is_24_kHz_mono_at_48_kbps(mp3: Path, rows: list[Row]) -> None:
    sound = sound_of(mp3)
    headers = {sound[at : at + 4] for at in range(0, len(sound), FRAME_BYTES)}
    assert headers == {SILENT_FRAME[:4]}
    length_ms = rows[-1]["start_ms"] + rows[-1]["duration_ms"]
    assert abs(len(sound) // FRAME_BYTES * FRAME_MS - length_ms) <= FRAME_MS // 2


def test_ffprobe_sees_what_alexa_wants(mp3: Path) -> None:
    shown = ["-show_streams", "-show_format", "-show_chapters", "-of", "json"]
    probed = subprocess.run(
        [program("ffprobe"), "-v", "error", *shown, mp3], capture_output=True, check=True, timeout=DEADLINE_S
    )
    found = json.loads(probed.stdout)
    (stream,) = found["streams"]
    wanted = {"codec_name": "mp3", "sample_rate": "24000", "channels": 1, "bit_rate": "48000"}
    assert wanted == {key: stream[key] for key in wanted}
    assert float(found["format"]["duration"]) == len(sound_of(mp3)) / FRAME_BYTES * FRAME_MS / 1000
    assert found["format"]["tags"]["title"] == "Sciatica routine"
    titles = [chapter["tags"]["title"] for chapter in found["chapters"]]
    assert titles[3:5] == ["Hamstring stretch, right leg", "Hamstring stretch, left leg"]


def test_mpg123_sees_a_constant_bit_rate(mp3: Path) -> None:
    tested = subprocess.run(
        [program("mpg123"), "-t", mp3], capture_output=True, text=True, check=True, timeout=DEADLINE_S
    )
    assert "MPEG 2.0 L III cbr48 24000 mono" in tested.stderr
    assert "rror" not in tested.stderr + tested.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("ffmpeg", "-v", "error", "-i", "MP3", "-f", "s16le", "-ac", "1", "-"),
        ("mpg123", "-q", "-s", "--no-gapless", "MP3"),
    ],
    ids=lambda command: command[0],
)
def test_other_decoders_hear_the_same(mp3: Path, heard: Heard, command: tuple[str, ...]) -> None:
    words = [str(mp3) if word == "MP3" else word for word in command[1:]]
    result = subprocess.run(
        [program(command[0]), *words], capture_output=True, check=True, timeout=DEADLINE_S
    )
    assert result.stderr == b""
    theirs = array("h", result.stdout)
    assert len(theirs) == len(heard.pcm) == len(sound_of(mp3)) // FRAME_BYTES * FRAME_MS * 24
    noise = sum((a - b) ** 2 for a, b in zip(theirs, heard.pcm, strict=True))
    assert noise * 10_000 < sum(a * a for a in heard.pcm), "not even 40 dB below the sound"


def test_every_cue_starts_within_48_ms_of_the_plan(heard: Heard, rows: list[Row], marks: Marks) -> None:
    for row in rows:
        if row["text"]:
            assert 0 <= heard.onset_in(row["start_ms"], row["start_ms"] + 48) - row["start_ms"] <= 48
        elif row["step"] != "holding":
            assert heard.is_silent(row["start_ms"] + 48, row["start_ms"] + row["duration_ms"])


def test_every_hold_lasts_its_dose(
    heard: Heard, rows: list[Row], marks: Marks, whole_library: Library, tmp_path: Path
) -> None:
    found = holds(rows)
    assert len(found) == HOLDS
    doses = [hold[1]["hold_ms"] for hold in found]
    if marks is Marks.SILENCE:
        lasted = [
            heard.onset_in(after["start_ms"], after["start_ms"] + 48)
            - heard.onset_in(line["start_ms"], line["start_ms"] + 48)
            - line["duration_ms"]
            for line, *_, after in found
        ]
    else:
        bells = heard.like(bell_of(whole_library, tmp_path))
        lasted = [end - begin for begin, end in zip(bells[::2], bells[1::2], strict=True)]
    assert [abs(ms - dose) <= FRAME_MS for ms, dose in zip(lasted, doses, strict=True)] == [True] * len(found)


def test_words_do_not_run_into_a_hold_nor_a_hold_into_words(heard: Heard, rows: list[Row]) -> None:
    """To the ear too a hold is never shorter than its dose, and no clip's tail makes it much longer."""
    for line, *_, last, after in holds(rows):
        speech_ends = heard.end_before(line["start_ms"] + line["duration_ms"])
        hold_ms = last["start_ms"] + last["duration_ms"] - (line["start_ms"] + line["duration_ms"])
        begins = heard.onset_in(after["start_ms"], after["start_ms"] + 48)
        assert 0 <= begins - speech_ends - hold_ms <= 250


@pytest.mark.parametrize("marks", [Marks.TICK], indirect=True)
def test_a_tick_is_heard_at_each_full_second_of_a_silence(
    heard: Heard, rows: list[Row], whole_library: Library, tmp_path: Path
) -> None:
    ticks = heard.like(bell_of(whole_library, tmp_path, "tick"))
    for _, *hold, _ in holds(rows):
        begin = hold[0]["start_ms"]
        for row in hold:
            start, end = row["start_ms"], row["start_ms"] + row["duration_ms"]
            if not row["text"]:
                due = [
                    begin + ms for ms in range(1000, row["hold_ms"], 1000) if start <= begin + ms < end - 72
                ]
                near = [tick for tick in ticks if start <= tick < end]
                assert len(due) <= len(near) <= len(due) + 1
                assert all(0 <= tick - ms <= 48 for tick, ms in zip(near, due, strict=False))


@pytest.mark.parametrize("marks", [Marks.BELL], indirect=True)
def test_a_bell_is_softer_than_speech(heard: Heard, whole_library: Library, tmp_path: Path) -> None:
    assert 0.05 < max(bell_of(whole_library, tmp_path)) / max(heard.pcm) < 0.5


def test_a_wav_is_the_same_sound(run: Run, folder: Path) -> None:
    mp3, wav = folder / "brief.mp3", folder / "brief.wav"
    for path in (mp3, wav):
        assert run("render", path, "--talk", "brief").returncode == 0
    with wave.open(str(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        samples = array("h", file.readframes(file.getnframes()))
    wanted = decoded(mp3)
    assert len(samples) == len(wanted)
    assert max(abs(a - b) for a, b in zip(samples, wanted, strict=True)) <= 2


def test_captions_come_with_the_sound(run: Run, folder: Path) -> None:
    made = run("render", folder / "full.vtt", *FULL)
    assert made.returncode == 0
    text = (folder / "full.vtt").read_text("utf-8")
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert "Hamstring stretch" in text


def test_it_says_where_how_long_and_how_big(run: Run, folder: Path) -> None:
    made = run("render", folder / "said.mp3", "--pace", Pace.SLOW, "--side", "left")
    assert re.fullmatch(rf"{folder}/said\.mp3: \d+:\d\d\.\d, \d\.\d MB\n", made.stdout)
    assert made.stderr == ""


def test_a_leg_that_was_not_told_is_named(run: Run, folder: Path) -> None:
    made = run("render", folder / "leg.vtt")
    assert "The right leg is taken to be the sore one; --side" in made.stdout


def test_only_what_is_missing_is_recorded(
    run: Run, whole_library: Library, folder: Path, tmp_path: Path
) -> None:
    audio = tmp_path / "audio"
    shutil.copytree(whole_library.folder.parent.parent, audio)
    for text in ("Lie on your back.", "Back flexion stretch."):
        clip = next(
            each
            for each in sorted(audio.rglob("*.mp3"))
            if each.read_bytes() == whole_library.speech(text, Pace.NORMAL)
        )
        clip.unlink()
    made = run("render", folder / "mended.mp3", *FULL, SCIATICA_AUDIO=str(audio))
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0] == "recording: 0 of 2"
    again = run("render", folder / "mended.mp3", *FULL, SCIATICA_AUDIO=str(audio))
    assert len(again.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("out", "named"),
    [
        ("x.ogg", [".mp3, .wav, .vtt"]),
        ("x", [".mp3, .wav, .vtt"]),
        ("nowhere/x.mp3", ["there is no folder", "nowhere"]),
        ("taken.mp3", ["taken.mp3 cannot be written", "directory"]),
    ],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(
    run: Run, tmp_path: Path, out: str, named: list[str]
) -> None:
    (tmp_path / "taken.mp3").mkdir()
    made = run("render", tmp_path / out)
    assert made.returncode == 2
    assert made.stdout == ""
    assert len(made.stderr.splitlines()) == 1
    assert all(each in made.stderr for each in named)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.mp3"]


def test_recordings_that_cannot_be_kept_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = run("render", tmp_path / "x.mp3", SCIATICA_AUDIO=str(tmp_path / "file"))
    assert made.returncode == 2
    assert "recordings cannot be kept in" in made.stderr
    assert not (tmp_path / "x.mp3").exists()


def test_ctrl_c_leaves_nothing_behind(environment: dict[str, str], tmp_path: Path) -> None:
    long = ["--repetitions", "piriformis=3", "--hold", "piriformis=30", "--pace", "slow"]
    command = [COMMAND, "render", str(tmp_path / "x.wav"), *FULL, *long]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as render:
        while not list(tmp_path.iterdir()) and render.poll() is None:
            pass
        render.send_signal(signal.SIGINT)
        said, wrong = render.communicate(timeout=DEADLINE_S)
    assert (render.returncode, said, wrong) == (130, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_plan_is_in_the_recorded_voice_where_there_is_one(run: Run, tmp_path: Path) -> None:
    nothing = {"SCIATICA_AUDIO": str(tmp_path)}
    assert "recorded by espeak" in run("plan").stdout
    assert "as Alexa may speak" in run("plan", "--voice", "alexa").stdout
    assert "as Alexa may speak" in run("plan", "--r", "1.1").stdout
    assert "as Alexa may speak" in run("plan", **nothing).stdout
    for options, voice in (
        (["--voice", "espeak"], "espeak"),
        (["--marks", "tick"], "espeak"),
        (["--voice", "gtts"], "gtts"),
    ):
        refused = run("plan", *options, **nothing)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"sciatica-coach audio build --voice {voice}" in refused.stderr
    refused = run("plan", "--voice", "espeak", "--r", "1")
    assert refused.returncode == 2
    assert "--r" in refused.stderr


def test_plan_counts_the_bells(run: Run) -> None:
    def length(*options: str) -> int:
        last = json.loads(run("plan", "--json", *FULL, *options).stdout)[-1]
        return int(last["start_ms"] + last["duration_ms"])

    assert (
        length("--marks", "bell")
        == length("--marks", "tick")
        == length("--marks", "silence") + HOLDS * BELL_MS
    )
