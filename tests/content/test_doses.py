"""The doses are those of the article."""

import pytest

from skill.routine.settings import Leg, Settings
from skill.routine.stretch import Range, Sides
from skill.routine.units import Side
from tests.routine.choices import ROUTINE, holds, timeline_of

LEFT, RIGHT = Side.LEFT, Side.RIGHT

DOSES = {
    # stretch: sides, seconds and repetitions by default, the seconds and repetitions the article rises to
    "lower_back": (Sides.LEFT_THEN_RIGHT, 20, 1, 20, 1),
    "hamstring": (Sides.CHOSEN_LEG, 10, 1, 30, 1),
    "back_flexion": (Sides.NONE, 8, 8, 10, 12),
    "piriformis": (Sides.RIGHT_THEN_LEFT, 30, 3, 30, 3),
}


def test_the_four_stretches_come_in_the_articles_order() -> None:
    assert [stretch.id for stretch in ROUTINE.stretches] == list(DOSES)


@pytest.mark.parametrize("name", DOSES)
def test_a_person_who_chooses_nothing_gets_the_articles_dose(name: str) -> None:
    sides, hold_s, count, most_s, most_count = DOSES[name]
    dose = ROUTINE.stretch(name).dose
    assert dose.sides is sides
    assert (dose.hold_s.usual, dose.repetitions.usual) == (hold_s, count)
    assert most_s in dose.hold_s
    assert most_count in dose.repetitions


@pytest.mark.parametrize(
    ("name", "range_name", "allowed"),
    [
        ("hamstring", "hold_s", Range(10, 10, 30)),
        ("back_flexion", "hold_s", Range(8, 5, 10)),
        ("back_flexion", "repetitions", Range(8, 1, 12)),
        ("piriformis", "hold_s", Range(30, 5, 30)),
    ],
)
def test_nobody_can_go_beyond_the_article(name: str, range_name: str, allowed: Range) -> None:
    assert getattr(ROUTINE.stretch(name).dose, range_name) == allowed


def test_the_holds_of_a_whole_routine_in_order() -> None:
    heard = [
        (cues[0][0].stretch, cues[0][0].side, cues[0][0].repetition, sum(ms for _, ms in cues))
        for cues in holds(timeline_of(Settings(leg=Leg.LEFT)))
    ]
    assert heard == [
        ("lower_back", LEFT, 1, 20_000),
        ("lower_back", RIGHT, 1, 20_000),
        ("hamstring", LEFT, 1, 10_000),
        *(("back_flexion", None, repetition, 8_000) for repetition in range(1, 9)),
        *(("piriformis", RIGHT, repetition, 30_000) for repetition in (1, 2, 3)),
        *(("piriformis", LEFT, repetition, 30_000) for repetition in (1, 2, 3)),
    ]
