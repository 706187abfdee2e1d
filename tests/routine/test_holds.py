"""Finished holds: each one once, with its last cue."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from skill.routine.cue import Step
from skill.routine.holds import finished_holds
from skill.routine.plan import sides_of
from skill.routine.settings import Leg, Settings
from tests.routine.choices import STRETCHES, choices, steady, timeline_of


@given(choices())
@steady
def test_the_whole_routine_has_the_holds_of_its_doses(chosen: Settings) -> None:
    timeline = timeline_of(chosen)
    expected = {
        f"{stretch.id} {chosen.hold_s(stretch)}": chosen.repetitions_of(stretch)
        * len(sides_of(stretch, chosen))
        for stretch in STRETCHES
    }
    assert finished_holds(timeline, 0, len(timeline)) == expected


@given(choices(), st.data())
@steady
def test_what_is_heard_in_parts_is_counted_once(chosen: Settings, data: st.DataObject) -> None:
    timeline = timeline_of(chosen)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(timeline)), max_size=6)))
    stops = [0, *cuts, len(timeline)]
    parts = Counter[str]()
    for start, stop in pairwise(stops):
        parts += finished_holds(timeline, start, stop)
    assert parts == finished_holds(timeline, 0, len(timeline))


def test_a_hold_counts_with_its_last_cue_wherever_listening_began_in_it() -> None:
    timeline = timeline_of(Settings(leg=Leg.LEFT))
    cues = timeline.plan.cues
    inside = [i for i, cue in enumerate(cues) if (cue.stretch, cue.step) == ("hamstring", Step.HOLDING)]
    end = inside[-1] + 1
    assert len(inside) > 1
    for start in range(inside[0] - 3, end):
        assert finished_holds(timeline, start, end - 1) == {}
        assert finished_holds(timeline, start, end) == {"hamstring 10": 1}
    assert finished_holds(timeline, end, end + 1) == {}


def test_nothing_is_finished_where_nothing_was_heard() -> None:
    timeline = timeline_of(Settings())
    for index in range(len(timeline) + 1):
        assert finished_holds(timeline, index, index) == {}
        assert finished_holds(timeline, index, 0) == {}
