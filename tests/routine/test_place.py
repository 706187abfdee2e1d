"""A place outlives a changed plan: the stretch, the side, the repetition and the seconds held stay."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.routine.cue import Step
from skill.routine.place import END, carry_over, find, place_of
from skill.routine.settings import Leg, Pace, Settings, Talk
from skill.routine.timeline import Position, Timeline
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

FLEXION = ROUTINE.stretch("back_flexion")


def sets(timeline: Timeline) -> set[object]:
    return {cue.set_key for cue in timeline.plan.cues}


@pytest.mark.parametrize("name", NAMES)
def test_every_cue_is_found_again_on_its_own_timeline(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        for index, ms in enumerate(timeline.durations):
            if timeline.plan.cues[index].repetition in (0, 1, timeline.plan.settings.repetitions[name]):
                position = Position(index, ms // 3)
                assert find(timeline, place_of(timeline, position)) == position


@steady
@given(timelines(), st.data())
def test_any_millisecond_is_found_again_on_its_own_timeline(timeline: Timeline, data: st.DataObject) -> None:
    position = data.draw(positions(timeline))
    assert find(timeline, place_of(timeline, position)) == position


@steady
@given(timelines(), timelines())
def test_the_end_stays_the_end(one: Timeline, other: Timeline) -> None:
    assert place_of(one, one.end) == END
    assert find(other, END) == other.end


@steady
@given(timelines(), timelines(), st.data())
def test_the_place_is_kept_when_the_settings_change(
    old: Timeline, new: Timeline, data: st.DataObject
) -> None:
    position = data.draw(positions(old))
    before, after = old.cue(position), new.cue(find(new, place_of(old, position)))
    if before is None:
        assert after is None
        return
    assert after is not None
    if before.set_key in sets(new):
        assert after.stretch == before.stretch
        if after.step is not Step.TITLE or before.step is Step.TITLE:
            assert after.side == before.side
    if before.set_key in sets(new) and before.step in (Step.INTO, Step.HOLD_LINE, Step.HOLDING, Step.RELEASE):
        assert after.set_key == before.set_key


@steady
@given(timelines(), choices(), st.data())
def test_the_seconds_held_are_kept(old: Timeline, chosen: Settings, data: st.DataObject) -> None:
    inside = [i for i, cue in enumerate(old.plan.cues) if cue.step is Step.HOLDING]
    index = data.draw(st.sampled_from(inside))
    position = Position(index, data.draw(st.integers(0, old.durations[index] - 1)))
    cue, held = old.plan.cues[index], old.held(position)
    new = timeline_of(chosen)
    if cue.set_key not in sets(new):
        return
    found = find(new, place_of(old, position))
    dose = chosen.hold_s(ROUTINE.stretch(cue.stretch)) * 1000
    if held < dose:
        assert new.plan.cues[found.index].set_key == cue.set_key
        assert new.held(found) == held
    else:
        assert new.plan.cues[found.index].step is Step.RELEASE
        assert found.ms == 0


@pytest.mark.parametrize("change", [{"talk": Talk.BRIEF}, {"pace": Pace.SLOW}])
@pytest.mark.parametrize("name", NAMES)
def test_a_change_of_manner_moves_nobody_to_another_step(name: str, change: dict[str, object]) -> None:
    for old in every_timeline(ROUTINE.stretch(name)):
        new = timeline_of(replace(old.plan.settings, **change), old.plan.routine)
        for index, cue in enumerate(old.plan.cues):
            found = new.plan.cues[find(new, place_of(old, Position(index))).index]
            assert found.set_key == cue.set_key
            assert found.step is cue.step or (cue.step, found.step) == (Step.SETUP, Step.INTO)


def test_a_repetition_that_is_no_more_leads_to_what_comes_after() -> None:
    old, new = (timeline_of(Settings().with_repetitions(FLEXION, count)) for count in (8, 4))
    sixth = next(
        Position(i) for i, c in enumerate(old.plan.cues) if c.stretch == FLEXION.id and c.repetition == 6
    )
    found = new.plan.cues[find(new, place_of(old, sixth)).index]
    assert (found.stretch, found.step) == ("piriformis", Step.TITLE)


def test_a_leg_that_is_no_more_leads_to_the_start_of_the_stretch() -> None:
    old, new = (timeline_of(Settings(leg=leg)) for leg in (Leg.LEFT, Leg.RIGHT))
    holding = next(
        Position(i)
        for i, c in enumerate(old.plan.cues)
        if c.stretch == "hamstring" and c.step is Step.HOLDING
    )
    found = new.plan.cues[find(new, place_of(old, holding)).index]
    assert (found.stretch, found.step) == ("hamstring", Step.TITLE)


@steady
@given(timelines(), timelines(), st.data())
def test_a_step_whose_words_have_changed_begins_again(
    old: Timeline, new: Timeline, data: st.DataObject
) -> None:
    position = data.draw(positions(old))
    found = carry_over(old, position, new)
    before, after, plain = old.cue(position), new.cue(found), new.cue(find(new, place_of(old, position)))
    assert (before is None) == (after is None)
    if before and after and plain:
        assert (after.set_key, after.step) == (plain.set_key, plain.step)
        first = found.index == 0 or new.plan.cues[found.index - 1].step is not after.step
        assert after.step is Step.HOLDING or before.text == after.text or (first and not found.ms)


@steady
@given(timelines(), st.data())
def test_nothing_moves_where_nothing_has_changed(timeline: Timeline, data: st.DataObject) -> None:
    position = data.draw(positions(timeline))
    assert carry_over(timeline, position, timeline) == position
