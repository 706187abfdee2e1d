"""A passage ends where the person's flow says, or earlier where a response would grow too long."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.render.ssml import MOST_CHARACTERS, ROOM, speak
from skill.routine.cue import CueKind, Step
from skill.routine.passage import LONG_TALK, Room, go_on_from, natural_stops, passage_end
from skill.routine.settings import Flow, Leg, Pace, Settings, Talk
from skill.routine.timeline import Position, TimedCue, Timeline
from tests.routine.choices import (
    NAMES,
    ROUTINE,
    choices,
    every_timeline,
    positions,
    steady,
    timeline_of,
    timelines,
)

ENDLESS = Room(size=lambda _: 0, most=1)


def stops(chosen: Settings) -> list[tuple[str, str]]:
    """Between which stretches or sides the coach stops."""
    timeline = timeline_of(chosen)
    cues = (*timeline.plan.cues, None)
    found = []
    for end in natural_stops(timeline):
        before, after = cues[end - 1], cues[go_on_from(timeline, end).index]
        named = [f"{c.stretch} {c.side or ''}".strip() if c and c.stretch else "" for c in (before, after)]
        found.append((named[0], named[1]))
    return found


def passages(timeline: Timeline, room: Room) -> list[tuple[Position, int]]:
    """Every passage from the start to the end."""
    found, position = [], Position(0)
    while position != timeline.end:
        end = passage_end(timeline, position, room)
        assert position.index < end <= len(timeline)
        found.append((position, end))
        position = go_on_from(timeline, end)
    return found


def ends_in_hold(timeline: Timeline, end: int) -> bool:
    cues = timeline.plan.cues
    return end < len(cues) and Step.HOLDING is cues[end].step


def characters(timeline: Timeline, start: Position, end: int) -> int:
    """Of the passage as SSML, without the element around it."""
    said = speak(timeline.cut(start, end), timeline.plan.settings.pace)
    return len(said.removeprefix("<speak>").removesuffix("</speak>"))


BRIEF = {"leg": Leg.LEFT, "talk": Talk.BRIEF}
LEFT_RIGHT = ("lower_back left", "lower_back right")
RIGHT_LEFT = ("piriformis right", "piriformis left")
FLOWS = [
    # what is chosen, and where the coach then stops; the last stop is the end
    (
        {**BRIEF, "repetitions": {"piriformis": 1}, "flow": Flow.STRETCH},
        [
            ("lower_back right", "hamstring left"),
            ("hamstring left", "back_flexion"),
            ("back_flexion", "piriformis right"),
        ],
    ),
    (
        {**BRIEF, "flow": Flow.SIDE},
        [
            LEFT_RIGHT,
            ("lower_back right", "hamstring left"),
            ("hamstring left", "back_flexion"),
            ("back_flexion", "piriformis right"),
            RIGHT_LEFT,
        ],
    ),
    ({**BRIEF, "flow": Flow.KEEP_GOING}, []),
    ({**BRIEF, "leg": None, "flow": Flow.KEEP_GOING}, [("lower_back right", "hamstring right")]),
    (
        {"leg": Leg.LEFT, "flow": Flow.STRETCH},
        [
            ("lower_back right", "hamstring left"),
            ("hamstring left", "back_flexion"),
            ("back_flexion", "piriformis right"),
            RIGHT_LEFT,
        ],
    ),
]


@pytest.mark.parametrize(("chosen", "expected"), FLOWS)
def test_the_coach_stops_where_the_flow_says(
    chosen: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert stops(Settings(**chosen)) == [*expected, ("", "")]


@steady
@given(timelines())
def test_no_natural_stop_is_inside_a_repetition(timeline: Timeline) -> None:
    cues = timeline.plan.cues
    found = list(natural_stops(timeline))
    assert all(a < b for a, b in pairwise(found))
    assert found[-1] == len(cues)
    for end in found[:-1]:
        assert cues[end].set_key != cues[end - 1].set_key or cues[end].step is Step.SWITCH


@steady
@given(timelines())
def test_a_stretch_that_talks_long_stops_between_its_sides(timeline: Timeline) -> None:
    cues, flow = timeline.plan.cues, timeline.plan.settings.flow
    found = set(natural_stops(timeline))
    between = [i for i, c in enumerate(cues) if c.step is Step.SWITCH and cues[i - 1].step is not Step.SWITCH]
    for i in between:
        talk = sum(
            ms
            for cue, ms in zip(cues, timeline.durations, strict=True)
            if cue.kind is CueKind.SPEECH and cue.stretch == cues[i].stretch
        )
        wanted = flow is Flow.SIDE or (flow is Flow.STRETCH and talk > LONG_TALK)
        assert (i in found) == wanted


@steady
@given(timelines(), st.data())
def test_with_all_the_room_there_is_a_passage_runs_to_the_next_stop(
    timeline: Timeline, data: st.DataObject
) -> None:
    start = data.draw(positions(timeline))
    if start != timeline.end:
        wanted = min(end for end in natural_stops(timeline) if end > start.index)
        assert passage_end(timeline, start, ENDLESS) == wanted


@pytest.mark.parametrize("most", [0, 1, 60, 200, 1_000])
def test_a_tiny_room_still_leads_to_the_end(most: int) -> None:
    timeline = timeline_of(Settings(leg=Leg.BOTH))
    found = passages(timeline, replace(ROOM, most=most))
    left_out = [
        timeline.plan.cues[i] for (_, end), (after, _) in pairwise(found) for i in range(end, after.index)
    ]
    assert found[-1][1] == len(timeline)
    assert all(cue.step is Step.SWITCH for cue in left_out)


@steady
@given(timelines(), st.integers(0, 3_000), st.data())
def test_a_passage_takes_no_more_room_than_there_is(
    timeline: Timeline, most: int, data: st.DataObject
) -> None:
    start = data.draw(positions(timeline))
    if start == timeline.end:
        return
    room = replace(ROOM, most=most)
    end = passage_end(timeline, start, room)
    assert start.index < end <= len(timeline)
    used = sum(room.size(cue) for cue in timeline.cut(start, end))
    assert used <= most or end == start.index + 1


@steady
@given(timelines(), st.integers(600, 3_000))
def test_a_passage_never_ends_inside_a_hold_while_there_is_room(timeline: Timeline, most: int) -> None:
    for _, end in passages(timeline, replace(ROOM, most=most)):
        assert not ends_in_hold(timeline, end)


@steady
@given(timelines(), st.integers(600, 3_000))
def test_a_passage_cut_short_ends_after_a_repetition_where_it_can(timeline: Timeline, most: int) -> None:
    cues, stops = timeline.plan.cues, set(natural_stops(timeline))
    for start, end in passages(timeline, replace(ROOM, most=most)):
        between = [i for i in range(start.index + 1, end) if cues[i].set_key != cues[i - 1].set_key]
        if end not in stops and between:
            assert cues[end].set_key != cues[end - 1].set_key or cues[end].step is Step.SWITCH


@pytest.mark.parametrize("flow", Flow)
@pytest.mark.parametrize("name", NAMES)
def test_every_choice_for_a_stretch_fits_one_answer_from_any_repetition(name: str, flow: Flow) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name), flow):
        cues = timeline.plan.cues
        starts = [0, *(i for i in range(1, len(cues)) if cues[i].set_key != cues[i - 1].set_key)]
        for index in starts[:: 1 if flow is Flow.KEEP_GOING else 3]:
            start = Position(index)
            end = passage_end(timeline, start, ROOM)
            assert characters(timeline, start, end) <= ROOM.most
            assert not ends_in_hold(timeline, end)


@steady
@given(timelines(), st.data())
def test_any_choice_fits_one_answer_from_anywhere(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    if start == timeline.end:
        return
    end = passage_end(timeline, start, ROOM)
    assert characters(timeline, start, end) <= ROOM.most
    assert not ends_in_hold(timeline, end)


@steady
@given(choices())
def test_all_passages_of_a_routine_fit_and_leave_out_no_hold(chosen: Settings) -> None:
    timeline = timeline_of(chosen)
    found = passages(timeline, ROOM)
    heard: list[TimedCue] = []
    for start, end in found:
        assert characters(timeline, start, end) <= ROOM.most < MOST_CHARACTERS
        heard += timeline.cut(start, end)
    held = sum(cue.duration for cue in heard if cue.cue.step is Step.HOLDING)
    whole = sum(
        ms for cue, ms in zip(timeline.plan.cues, timeline.durations, strict=True) if cue.step is Step.HOLDING
    )
    assert held == whole


def test_the_longest_routine_keeps_going_as_far_as_it_fits() -> None:
    chosen = Settings(leg=Leg.BOTH, pace=Pace.SLOW, flow=Flow.KEEP_GOING)
    for stretch in ROUTINE.stretches:
        chosen = chosen.with_repetitions(stretch, stretch.dose.repetitions.most)
        chosen = chosen.with_hold(stretch, stretch.dose.hold_s.most)
    timeline = timeline_of(chosen)
    found = passages(timeline, ROOM)
    cues = timeline.plan.cues
    assert 2 <= len(found) <= 8
    for _, end in found[:-1]:
        assert cues[end].set_key != cues[end - 1].set_key or cues[end].step is Step.SWITCH
