"""Playback: the place follows from the clock, and every command leads where it should."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.render.ssml import ROOM
from skill.routine.cue import Step
from skill.routine.passage import passage_end
from skill.routine.playback import (
    PlaybackState,
    last_done,
    next_stretch,
    pause,
    pause_at,
    play,
    previous_stretch,
    settle,
    stretch_start,
    time_left,
)
from skill.routine.settings import Flow, Leg, Settings
from skill.routine.timeline import Position, Timeline
from skill.routine.units import EpochMs, Side
from tests.routine.choices import positions, steady, timeline_of, timelines

START = EpochMs(1_800_000_000_000)
TIMELINE = timeline_of(Settings(leg=Leg.BOTH))


def at_step(step: Step, stretch: str = "", timeline: Timeline = TIMELINE) -> Position:
    """The first cue of a step."""
    cues = enumerate(timeline.plan.cues)
    return next(Position(i) for i, c in cues if c.step is step and stretch in ("", c.stretch))


@steady
@given(timelines(), st.lists(st.integers(1, 60_000), min_size=1, max_size=80))
def test_however_often_it_is_paused_every_hold_gets_its_dose(timeline: Timeline, spells: list[int]) -> None:
    held: Counter[object] = Counter()
    position, now, turn = Position(0), START, 0
    while position != timeline.end:
        playing = play(position, passage_end(timeline, position, ROOM), now)
        now = EpochMs(now + (spells[turn] if turn < len(spells) else 4_000_000))
        turn += 1
        settled = settle(playing, timeline, now)
        over = settled.state is not PlaybackState.PLAYING
        till = timeline.start(playing.end) if over else timeline.offset(settled.position)
        for piece in timeline.cut(position, len(timeline)):
            if piece.cue.step is Step.HOLDING:
                held[piece.cue.set_key] += max(min(piece.duration, till - piece.offset), 0)
        position = pause(settled, timeline).position
    chosen, routine = timeline.plan.settings, timeline.plan.routine
    keys = {cue.set_key for cue in timeline.plan.cues if cue.step is Step.HOLDING}
    assert held == {key: chosen.hold_s(routine.stretch(key[0])) * 1000 for key in keys}


@steady
@given(timelines(), st.data())
def test_looking_twice_is_the_same_as_looking_late(timeline: Timeline, data: st.DataObject) -> None:
    start = data.draw(positions(timeline))
    if start == timeline.end:
        return
    playing = play(start, passage_end(timeline, start, ROOM), START)
    one, other = sorted(data.draw(st.tuples(st.integers(-5_000, 900_000), st.integers(-5_000, 900_000))))
    early = settle(playing, timeline, EpochMs(START + one))
    late = settle(playing, timeline, EpochMs(START + other))
    assert settle(early, timeline, EpochMs(START + other)) == late
    assert timeline.offset(early.position) <= timeline.offset(late.position)


def test_the_clock_does_not_start_before_the_answer_has_been_said() -> None:
    playing = play(Position(0), 20, EpochMs(START + 4_000))
    assert settle(playing, TIMELINE, START) == playing


NEXT = [
    (at_step(Step.ARRIVE), "lower_back", Step.TITLE),
    (at_step(Step.HOLDING, "lower_back"), "hamstring", Step.TITLE),
    (at_step(Step.HOLDING, "piriformis"), "", Step.LEAVE),
]


@pytest.mark.parametrize(("here", "stretch", "step"), NEXT)
def test_next_leads_to_the_next_stretch_and_from_the_last_to_getting_up(
    here: Position, stretch: str, step: Step
) -> None:
    cue = TIMELINE.cue(next_stretch(TIMELINE, here))
    assert cue is not None
    assert (cue.stretch, cue.step) == (stretch, step)


def test_next_while_getting_up_is_the_end_and_stays_there() -> None:
    assert next_stretch(TIMELINE, at_step(Step.LEAVE)) == TIMELINE.end
    assert next_stretch(TIMELINE, TIMELINE.end) == TIMELINE.end


PREVIOUS = [
    (at_step(Step.HOLDING, "lower_back"), "lower_back"),
    (at_step(Step.HOLDING, "hamstring"), "lower_back"),
    (at_step(Step.HOLDING, "piriformis"), "back_flexion"),
    (at_step(Step.LEAVE), "piriformis"),
    (TIMELINE.end, "piriformis"),
]


@pytest.mark.parametrize(("here", "stretch"), PREVIOUS)
def test_previous_leads_to_the_stretch_before_and_stays_on_the_first(here: Position, stretch: str) -> None:
    assert previous_stretch(TIMELINE, here) == stretch_start(TIMELINE, stretch)


def test_previous_never_leads_forward() -> None:
    assert previous_stretch(TIMELINE, Position(3)) == Position(0)


@pytest.mark.parametrize(
    ("side", "expected"), [(None, Side.RIGHT), (Side.RIGHT, Side.RIGHT), (Side.LEFT, Side.LEFT)]
)
def test_a_side_of_a_stretch_can_be_gone_to(side: Side | None, expected: Side) -> None:
    cue = TIMELINE.cue(stretch_start(TIMELINE, "piriformis", side))
    assert cue is not None
    assert (cue.stretch, cue.side, cue.step) == ("piriformis", expected, Step.TITLE)


@pytest.mark.parametrize(("name", "side"), [("yoga", None), ("back_flexion", Side.LEFT)])
def test_what_is_not_in_the_plan_cannot_be_gone_to(name: str, side: Side | None) -> None:
    with pytest.raises(KeyError):
        stretch_start(TIMELINE, name, side)


@pytest.mark.parametrize("flow", Flow)
def test_repeating_after_a_stop_repeats_what_was_just_done(flow: Flow) -> None:
    timeline, position = timeline_of(Settings(leg=Leg.LEFT, flow=flow)), Position(0)
    while position != timeline.end:
        end = passage_end(timeline, position, ROOM)
        before, again = timeline.plan.cues[end - 1], timeline.cue(last_done(timeline, end))
        assert again is not None
        assert again.stretch == (before.stretch or "piriformis")
        position = settle(play(position, end, START), timeline, EpochMs(START + 4_000_000)).position


@steady
@given(timelines(), st.data())
def test_the_time_left_adds_up(timeline: Timeline, data: st.DataObject) -> None:
    position = data.draw(positions(timeline))
    hold, stretch, whole = time_left(timeline, position)
    cue = timeline.cue(position)
    assert 0 <= hold <= stretch <= whole == timeline.length - timeline.offset(position)
    assert (hold > 0) == (cue is not None and cue.step is Step.HOLDING)
    assert (stretch > 0) == bool(cue and cue.stretch)
    if hold:
        ahead = timeline.cue(timeline.at(timeline.offset(position) + hold))
        assert ahead is not None
        assert ahead.step is Step.RELEASE


@pytest.mark.parametrize("side", Side)
def test_repeating_after_one_side_repeats_that_side_alone(side: Side) -> None:
    timeline = timeline_of(Settings(leg=Leg.LEFT, flow=Flow.SIDE))
    cues = timeline.plan.cues
    done = [i for i, c in enumerate(cues) if c.stretch == "lower_back" and c.side is side]
    end = next((i for i in done if cues[i].step is Step.SWITCH), done[-1] + 1)
    whole = side is Side.RIGHT
    assert last_done(timeline, end) == stretch_start(timeline, "lower_back", None if whole else side)


def test_the_coach_waits_from_the_very_moment_a_passage_is_over() -> None:
    playing = play(Position(0), 20, START)
    over = TIMELINE.start(20)
    assert settle(playing, TIMELINE, EpochMs(START + over - 1)).state is PlaybackState.PLAYING
    assert settle(playing, TIMELINE, EpochMs(START + over)).state is PlaybackState.WAITING


def test_a_pause_keeps_its_place_however_long_it_lasts() -> None:
    paused = pause_at(at_step(Step.HOLDING, "hamstring"))
    assert settle(paused, TIMELINE, EpochMs(START + 10**12)) == paused
    assert paused.begun
