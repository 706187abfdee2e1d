"""A screen shows the same times as the voice: frames are the cues, and a hold counts down to nothing."""

from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.coach.reply import Reply
from skill.render.screen import Frame, Screen
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.settings import Leg, Pace, Settings
from skill.routine.timeline import Position, TimedCue, Timeline
from skill.routine.units import DurationMs
from tests.routine.choices import (
    CONTENT,
    NAMES,
    ROUTINE,
    every_timeline,
    positions,
    steady,
    timeline_of,
    timelines,
)

SCREEN = Screen(ROUTINE, CONTENT.words)
ASKED = TimedCue(Cue(CueKind.SPEECH, Step.PROMPT, "Ready?"), DurationMs(900))


def reply_of(timeline: Timeline, start: Position) -> Reply:
    passage = timeline.cut(start, len(timeline))
    return Reply(passage=passage, prompt=(ASKED,), pace=timeline.plan.settings.pace, length=timeline.length)


def check(reply: Reply) -> None:
    frames = SCREEN.frames(reply)
    assert sum(frame.ms for frame in frames) == sum(cue.duration for cue in reply.cues)
    assert [frame.text for frame in frames] == [cue.cue.text for cue in reply.cues]
    assert {frame.kind for frame in frames} <= {"speech", "wait", "hold"}
    passage = frames[: len(reply.passage)]
    for frame, after in pairwise(passage):
        assert frame.offset_ms + frame.ms == after.offset_ms
    for frame, after in pairwise(frames):
        check_countdown(frame, after)
    if passage:
        assert passage[-1].offset_ms + passage[-1].ms == reply.length


def check_countdown(frame: Frame, after: Frame) -> None:
    """What is left of a hold is what was left before it, less the time in between."""
    left = frame.hold_left_ms - frame.ms
    if not frame.hold_ms:
        assert frame.hold_left_ms == 0
        assert after.hold_left_ms == after.hold_ms
    elif left:
        assert after.hold_left_ms == left
        assert after.hold_ms == frame.hold_ms
    else:
        assert after.hold_ms == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_hold_counts_down_without_a_jump(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        check(reply_of(timeline, Position(0)))


@steady
@given(timelines(), st.data())
def test_from_anywhere_a_hold_counts_down_without_a_jump(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    reply = reply_of(timeline, start)
    check(reply)
    if reply.passage:
        first = SCREEN.frames(reply)[0]
        assert first.offset_ms == timeline.offset(start)
        assert first.hold_left_ms == first.hold_ms - timeline.held(start)


@steady
@given(timelines())
def test_the_screen_names_the_stretch_and_counts_it(timeline: Timeline) -> None:
    reply = reply_of(timeline, Position(0))
    for frame, timed in zip(SCREEN.frames(reply), reply.cues, strict=True):
        assert frame.count == len(NAMES)
        assert frame.repetition == timed.cue.repetition
        assert frame.length_ms == timeline.length
        if timed.cue.stretch:
            assert frame.number == NAMES.index(timed.cue.stretch) + 1
            assert frame.stretch.lower() == ROUTINE.stretch(timed.cue.stretch).name
            assert frame.side in frame.side_name
        else:
            assert (frame.number, frame.stretch, frame.side) == (0, "", "")
            assert frame.side_name == ""


@steady
@given(timelines())
def test_the_screen_shows_the_side_and_in_a_switch_the_one_to_come(timeline: Timeline) -> None:
    reply = reply_of(timeline, Position(0))
    for frame, timed in zip(SCREEN.frames(reply), reply.cues, strict=True):
        side, switching = timed.cue.side, timed.cue.step is Step.SWITCH
        assert frame.side == ("" if side is None else side.other if switching else side)
        assert bool(frame.side_name) == bool(side)


def test_an_answer_has_no_place_in_the_routine() -> None:
    reply = Reply(lead=(ASKED,), prompt=(ASKED,), reprompt=(ASKED,))
    assert [frame.offset_ms for frame in SCREEN.frames(reply)] == [-1, -1]
    assert [frame.text for frame in SCREEN.reprompt(reply)] == ["Ready?"]


@pytest.mark.parametrize(("pace", "rate"), [(Pace.NORMAL, 100), (Pace.SLOW, 85)])
def test_the_rate_is_that_of_the_pace(pace: Pace, rate: int) -> None:
    reply = reply_of(timeline_of(Settings(leg=Leg.LEFT, pace=pace)), Position(0))
    assert {frame.rate for frame in SCREEN.frames(reply)} == {rate}


def test_every_field_of_a_frame_is_documented() -> None:
    assert all(field.name in (Frame.__doc__ or "") for field in fields(Frame))
