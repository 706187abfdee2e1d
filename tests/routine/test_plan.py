"""A plan holds exactly the sides, repetitions and holds that were chosen, in the right order."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given

from skill.routine.cue import Cue, CueKind, Step
from skill.routine.plan import make_plan
from skill.routine.settings import Leg, Pace, Settings, Talk
from skill.routine.stretch import Stretch
from skill.routine.units import Side
from tests.routine.choices import CONTENT, LEGS, NAMES, ROUTINE, alone, choices, every_choice, plan_of, steady

LEFT, RIGHT = Side.LEFT, Side.RIGHT
SIDES: dict[str, dict[Leg | None, tuple[Side | None, ...]]] = {
    "lower_back": dict.fromkeys(LEGS, (LEFT, RIGHT)),
    "hamstring": {None: (RIGHT,), Leg.LEFT: (LEFT,), Leg.RIGHT: (RIGHT,), Leg.BOTH: (RIGHT, LEFT)},
    "back_flexion": dict.fromkeys(LEGS, (None,)),
    "piriformis": dict.fromkeys(LEGS, (RIGHT, LEFT)),
}
IN_ORDER = [Step.TITLE, Step.SETUP, Step.INTO, Step.HOLD_LINE, Step.HOLDING, Step.RELEASE, Step.REST]


def sets(cues: tuple[Cue, ...]) -> list[tuple[str, Side | None, int]]:
    """The holds of a plan in their order."""
    return [key for key, _ in groupby(c.set_key for c in cues if c.step is Step.HOLDING)]


def expected_sets(stretch: Stretch, chosen: Settings) -> list[tuple[str, Side | None, int]]:
    count = chosen.repetitions_of(stretch)
    return [(stretch.id, side, n) for side in SIDES[stretch.id][chosen.leg] for n in range(1, count + 1)]


@steady
@given(choices())
def test_the_same_choices_make_the_same_plan_and_id(chosen: Settings) -> None:
    one, other = (make_plan.__wrapped__(ROUTINE, chosen, CONTENT.words) for _ in range(2))
    assert one.cues == other.cues
    assert one.id == other.id


@steady
@given(choices(), choices())
def test_the_id_tells_plans_that_differ_apart(one: Settings, other: Settings) -> None:
    a, b = plan_of(one), plan_of(other)
    assert (a.id == b.id) == (a.cues == b.cues and one.pace is other.pace)


@pytest.mark.parametrize("name", NAMES)
def test_the_id_tells_every_choice_for_a_stretch_apart(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    plans = [plan_of(chosen, alone(stretch)) for chosen in every_choice(stretch)]
    assert len({plan.id for plan in plans}) == len({(plan.cues, plan.settings.pace) for plan in plans})


def test_a_changed_word_changes_the_id() -> None:
    stretch = ROUTINE.stretches[0]
    reworded = replace(stretch, lines=replace(stretch.lines, hold="Stay there. {hold} seconds."))
    other = replace(ROUTINE, stretches=(reworded, *ROUTINE.stretches[1:]))
    assert plan_of(Settings()).id != plan_of(Settings(), other).id


@steady
@given(choices())
def test_sides_and_repetitions_are_as_chosen(chosen: Settings) -> None:
    wanted = [key for stretch in ROUTINE.stretches for key in expected_sets(stretch, chosen)]
    assert sets(plan_of(chosen).cues) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_every_hold_has_the_chosen_dose(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    for chosen in every_choice(stretch):
        for cue in plan_of(chosen, alone(stretch)).cues:
            wanted = chosen.holds[name] * 1000 if cue.step is Step.HOLDING else None
            assert cue.hold == wanted


@pytest.mark.parametrize("name", NAMES)
def test_the_steps_of_a_repetition_come_in_order(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    for chosen in every_choice(stretch):
        plan = plan_of(chosen, alone(stretch))
        cues = [cue for cue in plan.cues if cue.stretch == name and cue.step is not Step.SWITCH]
        for _, group in groupby(cues, key=lambda cue: cue.set_key):
            steps = [step for step, _ in groupby(group, key=lambda cue: cue.step)]
            assert steps == [step for step in IN_ORDER if step in steps]
            assert {Step.INTO, Step.HOLD_LINE, Step.HOLDING, Step.RELEASE} <= set(steps)


@steady
@given(choices())
def test_getting_down_comes_first_and_getting_up_last(chosen: Settings) -> None:
    cues = plan_of(chosen).cues
    order = [stretch for stretch, _ in groupby(cue.stretch for cue in cues)]
    assert order == ["", *NAMES, ""]
    assert cues[0].step is Step.ARRIVE
    assert cues[-1].step is Step.LEAVE
    assert {cue.step for cue in cues if not cue.stretch} == {Step.ARRIVE, Step.LEAVE}


@steady
@given(choices())
def test_the_set_up_is_spoken_in_full_and_left_out_when_brief(chosen: Settings) -> None:
    full, brief = (plan_of(replace(chosen, talk=talk)).cues for talk in (Talk.FULL, Talk.BRIEF))
    assert {cue.stretch for cue in full if cue.step is Step.SETUP} == set(NAMES)
    assert not any(cue.step is Step.SETUP for cue in brief)
    assert sum(len(cue.text) for cue in brief) < sum(len(cue.text) for cue in full)


@pytest.mark.parametrize(
    ("name", "both_sides"), [("lower_back", False), ("piriformis", True), ("hamstring", True)]
)
def test_the_second_side_is_set_up_only_where_it_must_be(name: str, both_sides: bool) -> None:
    cues = plan_of(Settings(leg=Leg.BOTH)).cues
    sides = {cue.side for cue in cues if cue.stretch == name and cue.step is Step.SETUP}
    assert len(sides) == (2 if both_sides else 1)


@pytest.mark.parametrize("count", range(1, 13))
def test_back_flexions_are_counted_aloud(count: int) -> None:
    stretch, number = ROUTINE.stretch("back_flexion"), CONTENT.words.number
    cues = plan_of(Settings().with_repetitions(stretch, count), alone(stretch)).cues
    said = [cue.text.lower() for cue in cues if cue.step is Step.INTO and cue.text.startswith("Rep ")]
    assert len(said) == count
    for n, text in enumerate(said[:-1], 1):
        assert text.startswith(f"rep {number(n)} of {number(count)}.")
    assert said[-1].startswith(f"rep {number(count)}")


@pytest.mark.parametrize("name", ["lower_back", "hamstring", "piriformis"])
def test_the_seconds_are_said_as_they_are_held(name: str) -> None:
    stretch = ROUTINE.stretch(name)
    for chosen in every_choice(stretch):
        seconds = f"{CONTENT.words.number(chosen.holds[name])} seconds".lower()
        lines = [
            cue.text.lower() for cue in plan_of(chosen, alone(stretch)).cues if cue.step is Step.HOLD_LINE
        ]
        assert lines
        assert all(seconds in line for line in lines)


@steady
@given(choices())
def test_the_slow_pace_lengthens_the_silences_and_no_hold(chosen: Settings) -> None:
    normal, slow = (plan_of(replace(chosen, pace=pace)).cues for pace in (Pace.NORMAL, Pace.SLOW))
    assert [(c.text, c.step, c.hold) for c in normal] == [(c.text, c.step, c.hold) for c in slow]
    for one, other in zip(normal, slow, strict=True):
        if one.kind is CueKind.WAIT:
            assert other.duration == round((one.duration or 0) * 1.25)
        else:
            assert other.duration == one.duration
