"""Holds last exactly their dose, in every voice, and places on the timeline can be looked up both ways."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.routine.cue import CueKind, Step
from skill.routine.settings import Settings
from skill.routine.timeline import Position, Timeline
from skill.routine.voice import ModelledVoice
from tests.routine.choices import (
    NAMES,
    PACES_OF_VOICE,
    ROUTINE,
    every_timeline,
    holds,
    positions,
    steady,
    timeline_of,
    timelines,
)

SHORTEST_SILENCE = 300
"""Between two things said in a hold, in milliseconds: less sounds like one sentence."""


def everywhere(timeline: Timeline) -> Iterator[Position]:
    """The start, the middle and the last millisecond of every cue."""
    for index, ms in enumerate(timeline.durations):
        yield from (Position(index, at) for at in (0, ms // 2, ms - 1))


@pytest.mark.parametrize("r", PACES_OF_VOICE)
@pytest.mark.parametrize("name", NAMES)
def test_every_hold_lasts_its_dose_to_the_millisecond(name: str, r: float) -> None:
    stretch, voice = ROUTINE.stretch(name), ModelledVoice(r)
    for timeline in every_timeline(stretch, r=r):
        chosen = timeline.plan.settings
        found = holds(timeline)
        assert found
        for cues in found:
            speech = sum(voice.speech_ms(cue.text, chosen.pace) for cue, _ in cues)
            silence = sum(ms for cue, ms in cues if cue.kind is CueKind.HOLD)
            assert speech + silence == chosen.hold_s(stretch) * 1000
            least = min(ms for cue, ms in cues if cue.kind is CueKind.HOLD)
            assert least >= (SHORTEST_SILENCE if r <= 1.15 else 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_near_end_cue_tells_the_truth(name: str) -> None:
    near_end = ROUTINE.stretch(name).lines.near_end
    for timeline in every_timeline(ROUTINE.stretch(name)):
        for cues in holds(timeline):
            said = [cue.text for cue, _ in cues if cue.text]
            if near_end and cues[0][0].hold >= near_end.from_s * 1000:
                assert said[-1] == near_end.text
                assert cues[-1][1] == near_end.left_s * 1000


@pytest.mark.parametrize("name", NAMES)
def test_speech_outside_a_hold_lasts_what_the_voice_takes(name: str) -> None:
    voice = ModelledVoice(0.9)
    for timeline in every_timeline(ROUTINE.stretch(name), r=0.9):
        pace = timeline.plan.settings.pace
        for cue, ms in zip(timeline.plan.cues, timeline.durations, strict=True):
            if cue.kind is CueKind.SPEECH:
                assert ms == voice.speech_ms(cue.text, pace) > 0
            elif cue.kind is CueKind.WAIT:
                assert ms == cue.duration > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_clock_starts_after_the_get_ready_time(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        for before, cue in pairwise(timeline.plan.cues):
            if cue.step is Step.HOLDING and before.step is not Step.HOLDING:
                assert before.step is Step.HOLD_LINE


@pytest.mark.parametrize("name", NAMES)
def test_cues_follow_each_other_without_a_gap(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        starts = [timeline.start(index) for index in range(len(timeline) + 1)]
        assert starts[0] == 0
        assert starts[-1] == timeline.length
        assert all(a < b for a, b in pairwise(starts))
        assert [b - a for a, b in pairwise(starts)] == list(timeline.durations)


@pytest.mark.parametrize("name", NAMES)
def test_an_offset_leads_back_to_its_position(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        for position in everywhere(timeline):
            assert timeline.at(timeline.offset(position)) == position


@steady
@given(timelines(), st.data())
def test_any_offset_leads_to_a_position_and_back(timeline: Timeline, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, timeline.length))
    position = timeline.at(offset)
    assert timeline.offset(position) == offset
    assert 0 <= position.index <= len(timeline)
    assert position == timeline.end or position.ms < timeline.durations[position.index]


def test_before_the_start_is_the_start_and_after_the_end_the_end() -> None:
    timeline = timeline_of(Settings())
    assert timeline.at(-5) == Position(0)
    assert timeline.at(timeline.length + 5) == timeline.end
    assert timeline.cue(timeline.end) is None
    assert timeline.held(timeline.end) == 0


@steady
@given(timelines(), st.data())
def test_the_pieces_of_a_cut_last_as_long_as_the_whole(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    end = data.draw(st.integers(0, len(timeline)))
    pieces = timeline.cut(start, end)
    assert sum(piece.duration for piece in pieces) == timeline.left(start, end)
    assert timeline.left(start, end) == max(timeline.start(end) - timeline.offset(start), 0)
    offset = timeline.offset(start)
    for piece in pieces:
        assert piece.offset == offset
        offset += piece.duration


@steady
@given(timelines(), st.data())
def test_a_cue_cut_short_is_not_spoken_in_part(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    cue = timeline.cue(start)
    for piece in timeline.cut(start, len(timeline))[:1]:
        assert cue is not None
        assert piece.cue.text in ("", cue.text)
        assert piece.cue.text == "" or start.ms == 0
        assert (piece.cue.kind is CueKind.SPEECH) == bool(piece.cue.text)
        assert piece.cue.set_key == cue.set_key


@steady
@given(timelines(), st.data())
def test_held_counts_the_seconds_of_the_hold_alone(timeline: Timeline, data: st.DataObject) -> None:
    position = data.draw(positions(timeline))
    cue = timeline.cue(position)
    if cue is None or cue.step is not Step.HOLDING:
        assert timeline.held(position) == 0
    else:
        first = next(i for i, c in enumerate(timeline.plan.cues) if c.hold and c.set_key == cue.set_key)
        assert timeline.held(position) == timeline.offset(position) - timeline.start(first)
        assert 0 <= timeline.held(position) < cue.hold
