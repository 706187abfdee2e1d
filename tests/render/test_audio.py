"""The MP3 of a routine: every cue at its time, holds between their bells, any part of it on its own."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.audio.library import Library
from skill.render.audio import FRAME_BYTES, FRAME_MS, SILENT_FRAME, Track
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.marks import BELL_MS, Marks
from skill.routine.settings import Leg, Pace, Settings
from skill.routine.timeline import TimedCue, Timeline
from skill.routine.units import DurationMs, seconds
from skill.routine.voice import RecordedVoice
from tests.audio.built import whole_library as whole_library
from tests.render.clips import NamedClips, frames_of, heard, name_of, recorded, track_of, whole
from tests.routine.choices import NAMES, ROUTINE, alone, choices, every_choice, holds, plan_of, steady

FULL = Settings(leg=Leg.BOTH)
HALF_A_FRAME = FRAME_MS // 2
SHORTEST_SILENCE = 300
"""Between two things said in a hold, in milliseconds."""


def nearest(ms: int) -> int:
    """The number of the frame that starts nearest to `ms`."""
    return (ms + HALF_A_FRAME) // FRAME_MS


def expected(timeline: Timeline, marks: Marks) -> list[tuple[int, str]]:
    """What is heard and when, reckoned from the timeline alone."""
    pace, bell = timeline.plan.settings.pace, marks is not Marks.SILENCE
    sounds: list[tuple[int, str]] = []
    before = None
    for timed in whole(timeline):
        cue, at = timed.cue, timed.offset
        assert at is not None
        rings = bell and cue.step in (Step.HOLDING, Step.RELEASE) and before is not cue.step
        if rings:
            sounds.append((at, "bell"))
        if cue.text:
            sounds.append((at + (BELL_MS if rings else 0), name_of(cue.text, pace)))
        elif cue.step is Step.HOLDING and marks is Marks.TICK:
            ends = timed.held + timed.duration
            due = [at + ms - timed.held for ms in range(1000, ends, 1000) if ms >= timed.held]
            sounds += [(ms, "tick") for ms in due if nearest(ms) < nearest(at + timed.duration)]
        before = cue.step
    return sounds


@pytest.mark.parametrize("marks", Marks)
@pytest.mark.parametrize("name", NAMES)
def test_all_is_heard_within_half_a_frame_of_its_time(name: str, marks: Marks) -> None:
    stretch = ROUTINE.stretch(name)
    every = 1 if marks is Marks.TICK else 7
    for chosen in list(every_choice(stretch))[::every]:
        timeline = recorded(chosen, alone(stretch), marks)
        track = track_of(timeline)
        assert abs(track.duration_ms - timeline.length) <= HALF_A_FRAME
        for (at, what), (due, wanted) in zip(heard(track), expected(timeline, marks), strict=True):
            assert what == wanted
            assert abs(at - due) <= HALF_A_FRAME


@pytest.mark.parametrize("name", NAMES)
def test_a_hold_lasts_its_dose_from_bell_to_bell(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    for chosen in every_choice(stretch):
        timeline = recorded(chosen, alone(stretch))
        bells = [at for at, what in heard(track_of(timeline)) if what == "bell"]
        lasted = [end - begin for begin, end in zip(bells[::2], bells[1::2], strict=True)]
        assert len(lasted) == len(holds(timeline)) > 0
        assert all(abs(ms - chosen.hold_s(stretch) * 1000) <= FRAME_MS for ms in lasted)


@pytest.mark.parametrize("name", NAMES)
def test_what_espeak_says_in_a_hold_leaves_it_as_long_as_it_should_be(
    name: str, whole_library: Library
) -> None:
    stretch = ROUTINE.stretch(name)
    voice = RecordedVoice("espeak", "1", Marks.BELL, whole_library.lengths)
    for chosen in every_choice(stretch):
        plan = plan_of(chosen, alone(stretch))
        assert all(voice.has(cue.text, chosen.pace) for cue in plan.cues if cue.text)
        for cues in holds(Timeline(plan, voice)):
            assert sum(ms for _, ms in cues) == chosen.hold_s(stretch) * 1000
            assert min(ms for cue, ms in cues if not cue.text) >= SHORTEST_SILENCE


def test_the_whole_routine_does_not_drift() -> None:
    timeline = recorded(FULL)
    for (at, what), (due, wanted) in zip(
        heard(track_of(timeline)), expected(timeline, Marks.BELL), strict=True
    ):
        assert what == wanted
        assert abs(at - due) <= HALF_A_FRAME


def test_every_frame_is_whole() -> None:
    data = b"".join(track_of(recorded(FULL, marks=Marks.TICK)).read())
    frames = [data[at : at + FRAME_BYTES] for at in range(0, len(data), FRAME_BYTES)]
    assert {(len(frame), frame[:4]) for frame in frames} == {(FRAME_BYTES, SILENT_FRAME[:4])}


@steady
@given(choices(), st.data())
def test_any_part_is_the_same_bytes_as_in_the_whole(chosen: Settings, data: st.DataObject) -> None:
    marks = data.draw(st.sampled_from(Marks))
    track = track_of(recorded(chosen, marks=marks))
    assert track.size == track.duration_ms * FRAME_BYTES // FRAME_MS
    everything = b"".join(track.read())
    assert len(everything) == track.size
    start = data.draw(st.integers(0, track.size))
    stop = data.draw(st.integers(0, track.size + 1000))
    assert b"".join(track.read(start, stop)) == everything[start:stop]
    assert b"".join(track.read(start)) == everything[start:]


@steady
@given(choices(), st.data())
def test_from_the_middle_of_a_cue_only_its_time_is_left(chosen: Settings, data: st.DataObject) -> None:
    timeline = recorded(chosen)
    start = timeline.at(data.draw(st.integers(0, timeline.length - 1)))
    track = Track(timeline.cut(start, len(timeline)), NamedClips(), chosen.pace, Marks.BELL)
    offset = timeline.offset(start)
    first = timeline.start(start.index + 1) if start.ms else offset
    left = [(at - offset, what) for at, what in expected(timeline, Marks.BELL) if at >= first]
    for (at, what), (due, wanted) in zip(heard(track), left, strict=True):
        assert what == wanted
        assert abs(at - due) <= HALF_A_FRAME


@pytest.mark.parametrize("marks", Marks)
def test_an_offset_a_byte_and_a_position_lead_to_each_other(marks: Marks) -> None:
    timeline = recorded(FULL, marks=marks)
    track = track_of(timeline)
    for offset in range(0, timeline.length, 7):
        position = timeline.at(offset)
        assert timeline.at(timeline.offset(position)) == position
        place = offset * FRAME_BYTES // FRAME_MS
        assert place < track.size + FRAME_BYTES
        assert abs(place * FRAME_MS // FRAME_BYTES - offset) <= 1
        whole_frames = place // FRAME_BYTES * FRAME_MS
        assert 0 <= offset - whole_frames < FRAME_MS
        assert timeline.at(whole_frames + HALF_A_FRAME).index - position.index in (-1, 0, 1)


def silence(ms: float, held_ms: int = 0, step: Step = Step.HOLDING) -> TimedCue:
    kind = CueKind.HOLD if step is Step.HOLDING else CueKind.WAIT
    return TimedCue(Cue(kind, step, hold=seconds(30)), DurationMs(round(ms)), DurationMs(held_ms))


def speech(text: str, ms: int, step: Step = Step.ANSWER) -> TimedCue:
    return TimedCue(Cue(CueKind.SPEECH, step, text), DurationMs(ms))


def played(
    *cues: TimedCue, marks: Marks = Marks.BELL, clips: NamedClips | None = None
) -> list[tuple[int, str]]:
    return heard(Track(cues, clips or NamedClips(), Pace.NORMAL, marks))


class NoClips(NamedClips):
    """Nothing is recorded."""

    def speech(self, text: str, pace: Pace) -> bytes | None:
        return None

    def sound(self, name: str) -> bytes | None:
        return None


def test_a_hold_that_goes_on_is_not_rung_in_again() -> None:
    assert played(silence(4000)) == [(0, "bell")]
    assert played(silence(4000, held_ms=700)) == []
    ticks = played(silence(4000, held_ms=2700), marks=Marks.TICK)
    assert ticks == [(at, "tick") for at in (312, 1296, 2304, 3312)]
    assert played(silence(1500, held_ms=3000), marks=Marks.TICK) == [(0, "tick"), (1008, "tick")]


def test_a_bell_is_cut_where_the_silence_is_shorter() -> None:
    track = Track([silence(240), speech("Hold.", 2400)], NamedClips(), Pace.NORMAL, Marks.BELL)
    data = b"".join(track.read())
    assert data[: 10 * FRAME_BYTES] == frames_of("bell", 30)[: 10 * FRAME_BYTES]
    assert heard(track)[1:] == [(240, "normal:Hold.")]


def test_a_release_begins_with_a_bell_only_where_there_is_room_for_one() -> None:
    clip = len(NamedClips().speech("Let go.", Pace.NORMAL) or b"") // FRAME_BYTES * FRAME_MS
    words = "normal:Let go."
    assert played(speech("Let go.", clip + BELL_MS, Step.RELEASE)) == [(0, "bell"), (BELL_MS, words)]
    assert played(speech("Let go.", clip, Step.RELEASE)) == [(0, words)]
    assert played(speech("Let go.", clip + BELL_MS, Step.RELEASE), marks=Marks.SILENCE) == [(0, words)]
    assert played(speech("Let go.", clip + BELL_MS, Step.REST)) == [(0, words)]


def test_a_release_that_begins_with_a_pause_begins_with_a_bell_too() -> None:
    pause = Cue(CueKind.WAIT, Step.RELEASE, duration=seconds(3))
    assert played(TimedCue(pause, DurationMs(3000 + BELL_MS))) == [(0, "bell")]
    assert played(TimedCue(pause, seconds(3))) == []


def test_a_clip_never_takes_more_than_its_room_and_silence_fills_what_is_left() -> None:
    row = (speech("A long sentence that goes on.", 480), speech("Short.", 4800), speech("End.", 960))
    track = Track(row, NamedClips(), Pace.NORMAL, Marks.BELL)
    assert [at for at, _ in heard(track)] == [0, 480, 5280]
    assert track.duration_ms == 6240
    after = len(NamedClips().speech("Short.", Pace.NORMAL) or b"") // FRAME_BYTES + 20
    assert b"".join(track.read(after * FRAME_BYTES, 220 * FRAME_BYTES)) == SILENT_FRAME * (220 - after)


def test_what_is_not_recorded_is_silent_and_moves_nothing() -> None:
    row = whole(recorded(FULL))
    track = Track(row, NoClips(), Pace.NORMAL, Marks.TICK)
    assert b"".join(track.read()) == SILENT_FRAME * (track.size // FRAME_BYTES)
    assert track.size == Track(row, NamedClips(), Pace.NORMAL, Marks.TICK).size


def test_words_wait_for_a_bell_that_is_missing() -> None:
    class NoBell(NamedClips):
        def sound(self, name: str) -> bytes | None:
            return None

    row = whole(recorded(FULL))
    with_bells = heard(Track(row, NamedClips(), Pace.NORMAL, Marks.BELL))
    assert heard(Track(row, NoBell(), Pace.NORMAL, Marks.BELL)) == [
        each for each in with_bells if each[1] != "bell"
    ]


def test_a_row_of_nothing_is_nothing() -> None:
    track = Track((), NamedClips(), Pace.NORMAL, Marks.BELL)
    assert (track.size, track.duration_ms, list(track.read())) == (0, 0, [])


def test_a_clip_is_not_read_before_it_is_due() -> None:
    asked = []

    class Noted(NamedClips):
        def speech(self, text: str, pace: Pace) -> bytes | None:
            asked.append(text)
            return super().speech(text, pace)

    timeline = recorded(FULL)
    track = Track(whole(timeline), Noted(), Pace.NORMAL, Marks.BELL)
    assert track.size
    pieces = track.read(track.size // 2)
    assert asked == []
    next(pieces)
    assert len(asked) <= 1


def test_an_hour_takes_no_more_memory_than_a_minute() -> None:
    def peak(minutes: int) -> int:
        row = (silence(minutes * 60_000, held_ms=500), speech("Let go.", 2400))
        track = Track(row, NamedClips(), Pace.NORMAL, Marks.BELL)
        tracemalloc.start()
        size = sum(len(piece) for piece in track.read())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size == track.size
        return most

    peak(1)
    assert peak(60) < peak(1) + 50_000


def test_pieces_are_neither_tiny_nor_huge() -> None:
    track = track_of(recorded(FULL))
    pieces = [len(piece) for piece in track.read()]
    assert max(pieces) < 100_000
    assert track.size / len(pieces) > 4_000
