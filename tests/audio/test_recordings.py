"""Names of recordings: what they open, how long they are good for, and who can make them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skill.audio.library import Library
from skill.audio.recorded_voices import RecordedVoices
from skill.audio.recordings import OldEditionError, Recordings, UnknownTokenError
from skill.coach.reply import Recording, Reply
from skill.content import load_content
from skill.render.audio import FRAME_BYTES, FRAME_MS, SILENT_FRAME
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.marks import Marks
from skill.routine.place import place_of
from skill.routine.plan import make_plan
from skill.routine.settings import Flow, Guide, Leg, Pace, Settings, Talk
from skill.routine.timeline import Position, TimedCue, Timeline
from skill.routine.units import DurationMs
from tests.intents.recorded import recordings_in

CONTENT = load_content()
ROUTINE = CONTENT.routine("sciatica")


def timeline_of(recordings: Recordings, chosen: Settings | None = None) -> Timeline:
    """The routine in the recorded voice."""
    plan = make_plan(ROUTINE, chosen or Settings(), CONTENT.words)
    voice = recordings.voices.of(plan)
    assert voice
    return Timeline(plan, voice)


def answer_from(timeline: Timeline, start: int, end: int) -> Reply:
    """A reply that says something, plays a part of the routine, and asks."""
    lead = Cue(CueKind.SPEECH, Step.ANSWER, "Okay.")
    return Reply(
        lead=(TimedCue(lead, timeline.voice.speech_ms("Okay.", timeline.plan.settings.pace)),),
        passage=timeline.cut(Position(start), end),
        prompt=(TimedCue(Cue(CueKind.WAIT, Step.PROMPT), DurationMs(1_000)),),
        recording=Recording(timeline, Position(start), end),
    )


def test_the_name_of_a_stream_opens_the_whole_routine(recordings: Recordings) -> None:
    timeline = timeline_of(recordings)
    track = recordings.open(recordings.stream_token(timeline))
    assert abs(track.duration_ms - timeline.length) <= FRAME_MS
    assert track.size == sum(len(part) for part in track.read())


def test_the_name_of_an_answer_opens_what_is_in_it(recordings: Recordings) -> None:
    reply = answer_from(timeline_of(recordings), 8, 20)
    track = recordings.open(recordings.answer_token(reply))
    assert abs(track.duration_ms - sum(cue.duration for cue in reply.cues)) <= FRAME_MS


def test_a_name_is_good_after_a_restart_and_on_another_host_with_the_same_secret(recorded: Path) -> None:
    token = recordings_in(recorded).stream_token(timeline_of(recordings_in(recorded)))
    assert recordings_in(recorded).open(token).size > FRAME_BYTES
    library = Library(recorded, "espeak", "en")
    one, other = (Recordings(RecordedVoices(library, Marks.BELL), CONTENT, "shared") for _ in range(2))
    assert other.open(one.stream_token(timeline_of(one))).size > FRAME_BYTES


def test_what_is_not_heard_is_not_named(recordings: Recordings) -> None:
    chosen = Settings(flow=Flow.KEEP_GOING, guide=Guide.RECORDED)
    assert recordings.stream_token(timeline_of(recordings, chosen)) == recordings.stream_token(
        timeline_of(recordings)
    )


@pytest.mark.parametrize("token", ["", "x", "a.b", "eyJhIjoxfQ.AAAA", "." * 99, "\N{SNOWMAN}", "x" * 9_999])
def test_a_name_that_was_not_signed_here_opens_nothing(recordings: Recordings, token: str) -> None:
    with pytest.raises(UnknownTokenError):
        recordings.open(token)
    with pytest.raises(UnknownTokenError):
        recordings.place(token, 0)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_name_with_any_byte_changed_opens_nothing(recordings: Recordings, data: st.DataObject) -> None:
    token = recordings.stream_token(timeline_of(recordings))
    index = data.draw(st.integers(0, len(token) - 2))  # the last has bits that do not count
    other = data.draw(st.sampled_from("ABCDEFghijkl0123_-.").filter(lambda char: char != token[index]))
    with pytest.raises(UnknownTokenError):
        recordings.open(token[:index] + other + token[index + 1 :])


def test_a_name_signed_with_another_secret_opens_nothing(recorded: Path) -> None:
    library = Library(recorded, "espeak", "en")
    forger = Recordings(RecordedVoices(library, Marks.BELL), CONTENT, "guessed")
    with pytest.raises(UnknownTokenError):
        recordings_in(recorded).open(forger.stream_token(timeline_of(forger)))


def test_an_old_edition_is_told_apart(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "copy")
    recordings = recordings_in(tmp_path / "copy")
    timeline = timeline_of(recordings)
    token = recordings.stream_token(timeline)
    library = Library(tmp_path / "copy", "espeak", "en")
    library.add_speech("Lie on your back.", Pace.NORMAL, SILENT_FRAME * 99)
    with pytest.raises(OldEditionError):
        recordings.open(token)
    with pytest.raises(OldEditionError):
        recordings.place(token, timeline.start(20) + 2_000)


def test_a_voice_that_lacks_one_text_or_the_bell_does_not_lead(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "copy")
    recordings = recordings_in(tmp_path / "copy")
    token = recordings.stream_token(timeline_of(recordings))
    manifest = next((tmp_path / "copy").rglob("manifest*"))
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    for lacking in ("Lie on your back.", '"bell"'):
        manifest.write_text("".join(line for line in lines if lacking not in line), "utf-8")
        changed = recordings_in(tmp_path / "copy")
        assert changed.voices.of(make_plan(ROUTINE, Settings(), CONTENT.words)) is None
        with pytest.raises(OldEditionError):
            changed.open(token)
        with pytest.raises(OldEditionError):
            changed.place(token, 0)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Settings, leg=st.sampled_from([None, *Leg]), pace=st.sampled_from(Pace), talk=st.sampled_from(Talk)
    ),
    st.integers(0, 1_200_000),
)
def test_an_offset_is_a_place_and_back(recordings: Recordings, chosen: Settings, offset: int) -> None:
    timeline = timeline_of(recordings, replace(chosen))
    offset %= timeline.length + 9_000
    expected = place_of(timeline, timeline.at(offset))
    assert recordings.place(recordings.stream_token(timeline), offset) == expected


@pytest.mark.parametrize("offset", [-1, 10**12])
def test_an_offset_that_is_in_no_routine_is_no_place(recordings: Recordings, offset: int) -> None:
    with pytest.raises(OldEditionError):
        recordings.place(recordings.stream_token(timeline_of(recordings)), offset)


def test_words_that_are_recorded_later_are_heard_for_as_long_as_the_reply_says(
    recorded: Path, tmp_path: Path
) -> None:
    shutil.copytree(recorded, tmp_path / "copy")
    recordings = recordings_in(tmp_path / "copy")

    def reply() -> Reply:
        timeline = timeline_of(recordings)
        cue = Cue(CueKind.SPEECH, Step.ANSWER, "Brand new words.")
        lead = TimedCue(cue, timeline.voice.speech_ms(cue.text, Pace.NORMAL))
        return Reply(lead=(lead,), recording=Recording(timeline, Position(0), 3))

    before = reply()
    estimated = recordings.open(recordings.answer_token(before))
    assert abs(estimated.duration_ms - before.lead[0].duration - before.recording.timeline.start(3)) <= 24  # type: ignore[union-attr]
    Library(tmp_path / "copy", "espeak", "en").add_speech("Brand new words.", Pace.NORMAL, SILENT_FRAME * 300)
    after = reply()
    assert after.lead[0].duration == 300 * FRAME_MS
    exact = recordings.open(recordings.answer_token(after))
    assert exact.duration_ms - estimated.duration_ms == pytest.approx(7_200 - before.lead[0].duration, abs=24)
