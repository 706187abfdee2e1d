"""A plan as plain data, and as a table to read."""

import io
import json
import re

import pytest
from hypothesis import given
from rich.console import Console

from skill.render.text import clock, plan_data, plan_table
from skill.routine.settings import Leg, Settings
from skill.routine.timeline import Timeline
from skill.routine.units import DurationMs
from tests.routine.choices import CONTENT, NAMES, ROUTINE, every_timeline, steady, timeline_of, timelines

DOCUMENTED = re.findall(r"\w+", (plan_data.__doc__ or "").partition(":")[2])


def check(timeline: Timeline) -> None:
    at = 0
    for row in plan_data(timeline):
        assert list(row) == DOCUMENTED
        assert row["start_ms"] == at
        assert row["duration_ms"] > 0
        assert bool(row["text"]) == (row["kind"] == "speech")
        assert (row["hold_ms"] is not None) == (row["step"] == "holding")
        at += row["duration_ms"]
    assert at == timeline.length


@pytest.mark.parametrize("name", NAMES)
def test_the_cues_of_a_stretch_follow_each_other_without_a_gap(name: str) -> None:
    for timeline in every_timeline(ROUTINE.stretch(name)):
        check(timeline)


@steady
@given(timelines())
def test_the_cues_of_a_routine_follow_each_other_without_a_gap(timeline: Timeline) -> None:
    check(timeline)


def test_the_data_is_plain_json() -> None:
    rows = plan_data(timeline_of(Settings(leg=Leg.LEFT)))
    assert json.loads(json.dumps(rows)) == rows
    assert {type(row["side"]) for row in rows} == {str, type(None)}
    assert rows[0]["stretch"] is rows[0]["side"] is rows[0]["repetition"] is None


def test_the_table_shows_every_word_that_is_said() -> None:
    timeline = timeline_of(Settings(leg=Leg.LEFT))
    console = Console(file=io.StringIO(), width=400)
    console.print(plan_table(timeline, ROUTINE, CONTENT.words))
    shown = console.file.getvalue()
    assert all(cue.text in shown for cue in timeline.plan.cues)
    assert all(stretch.name in shown for stretch in ROUTINE.stretches)


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0, "0:00.0"), (99, "0:00.0"), (5_250, "0:05.2"), (65_000, "1:05.0"), (3_599_999, "59:59.9")],
)
def test_a_time_is_shown_in_minutes_and_seconds(ms: int, shown: str) -> None:
    assert clock(DurationMs(ms)) == shown
