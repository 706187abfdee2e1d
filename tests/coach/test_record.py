"""Records: a state survives the way to JSON and back, and a damaged one hurts nobody."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skill.coach import events
from skill.coach.moment import Player
from skill.coach.record import MOST_WAITING, from_mirror, from_person_record, mirror, person_record
from skill.coach.state import Question, State, Stream
from skill.routine.pace import LearnedPace, Sounding
from skill.routine.place import place_of
from skill.routine.playback import play
from skill.routine.settings import Flow, Guide, Leg, Pace, Settings, Talk
from skill.routine.timeline import Position
from skill.routine.units import DurationMs, EpochMs, seconds
from tests.coach.people import ROUTINE, START, Person

Json = dict[str, Any]
IDS = [stretch.id for stretch in ROUTINE.stretches]
LEGS = [None, *Leg]
EVENTS: list[events.Event] = [
    events.Launch(),
    events.StartRoutine(),
    events.Next(),
    events.Previous(),
    events.Repeat(),
    events.Pause(),
    events.Resume(),
    events.Ready(),
    events.Yes(),
    events.No(),
    events.Help(),
    events.Stop(),
    events.TimeLeft(),
    events.NotUnderstood(),
    events.ForgetMe(),
    events.NotForgotten(),
    events.StartOver(),
    *(events.SessionEnded(ending) for ending in events.Ending),
    *(events.GoTo(stretch, leg) for stretch in [*IDS, "", None] for leg in LEGS),
    *(events.SetHold(count) for count in (10, 15, 30, 60)),
    *(events.SetRepetitions(count) for count in (1, 3, 10)),
    *(events.ChangePace(change) for change in events.Change),
    *(events.ChangeTalk(change) for change in events.Change),
    *(events.ChooseLeg(leg) for leg in LEGS),
    *(events.ChooseFlow(flow) for flow in Flow),
    *(events.ChooseGuide(guide) for guide in Guide),
    *(events.StreamChanged(to) for to in events.StreamChange),
    *(events.Pain(kind) for kind in ("sore", "sharp", "", None)),
]
TURNS = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 240)), min_size=1, max_size=12)


def talked(turns: list[tuple[events.Event, int]]) -> Person:
    """A person at a device that plays streams, who has said all that, with time passing in between."""
    person = Person(player=Player.STREAM).hears_stream(63_250)
    for event, gone_s in turns:
        person.after(gone_s).says(event)
    return person


def through_json(record: Json) -> Json:
    """The record as another process reads it."""
    read: Json = json.loads(json.dumps(record))
    return read


@given(TURNS)
@settings(max_examples=150, deadline=None)
def test_a_state_survives_the_store_and_the_session(turns: list[tuple[events.Event, int]]) -> None:
    person = talked(turns)
    timeline = person.moment().timeline
    stored = from_person_record(through_json(person_record({}, person.state, timeline, "here")), "here")
    carried = from_mirror(through_json(mirror(person.state, timeline)))
    for read, did in ((stored, {}), (carried, person.state.did)):
        state = read.state(timeline)
        assert read.without_place.settings == person.state.settings
        assert place_of(timeline, state.playback.position) == place_of(
            timeline, person.state.playback.position
        )
        assert state == replace(person.state, did=did)


def longest_state() -> State:
    """A state that takes as much room as any."""
    chosen = Settings(leg=Leg.RIGHT, pace=Pace.NORMAL, talk=Talk.BRIEF, flow=Flow.KEEP_GOING)
    chosen = replace(chosen, guide=Guide.RECORDED)
    for stretch in ROUTINE.stretches:
        chosen = chosen.with_hold(stretch, stretch.dose.hold_s.most)
        chosen = chosen.with_repetitions(stretch, stretch.dose.repetitions.most)
    long = DurationMs(999_999)
    return State(
        settings=chosen,
        visit_leg=Leg.RIGHT,
        question=max(Question, key=lambda question: len(question)),
        wish=True,
        cleared=True,
        misses=99,
        turn=999_999,
        pace=LearnedPace(((999_999, 999_999),) * 5),
        sounding=Sounding(START, long, long, long),
        stream=Stream(START, START),
        did={f"2027-01-{day}": {f"back_flexion {day}": 999} for day in range(10, 10 + MOST_WAITING)},
    )


def test_the_fullest_state_survives_at_every_place_in_under_a_kilobyte() -> None:
    timeline = Person(state=longest_state()).moment().timeline
    largest = 0
    for index, duration in enumerate(timeline.durations):
        state = _playing(
            longest_state(), Position(index, DurationMs(max(duration - 1, 0))), len(timeline) - 1
        )
        carried = mirror(state, timeline)
        assert from_mirror(through_json(carried)).state(timeline) == state
        largest = max(largest, len(json.dumps(carried, separators=(",", ":")).encode()))
    print(f"the largest mirror: {largest} bytes")
    assert largest < 1024


def test_what_was_done_last_waits_in_the_session() -> None:
    kinds = [f"hamstring {hold_s}" for hold_s in range(10, 10 + MOST_WAITING)]
    did = {"2027-01-14": {"lower_back 20": 2, kinds[0]: 3}, "2027-01-15": dict.fromkeys(kinds[1:], 1)}
    carried = mirror(State(did=did), Person().moment().timeline)
    assert carried["did"] == {**did, "2027-01-14": {kinds[0]: 3}}


def test_a_session_of_an_older_version_keeps_its_place() -> None:
    timeline = Person().moment().timeline
    state = State(settings=Settings(leg=Leg.LEFT), question=Question.GO_ON, turn=9)
    carried = {**mirror(state, timeline), "did": [[20_833, "hamstring 10", 1]]}
    assert from_mirror(through_json(carried)).state(timeline) == state


def _playing(state: State, position: Position, end: int) -> State:
    return replace(state, playback=play(position, end, EpochMs(START + seconds(9999))))


@given(TURNS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_other_devices_keep_what_they_had(
    turns: list[tuple[events.Event, int]], chance: random.Random
) -> None:
    person = talked(turns)
    timeline = person.moment().timeline
    before = person_record({}, person.state, timeline, "there")
    person.after(chance.randint(0, 300)).says(chance.choice(EVENTS))
    after = person_record(before, person.state, person.moment().timeline, "here")
    assert after["devices"]["there"] == before["devices"]["there"]
    assert list(after["devices"]) == ["there", "here"]


@pytest.mark.parametrize(
    "record",
    [{}, {"version": 1}, {"devices": {}}, {"devices": {"here": {}}}, {"did": {"2027-01-15": {"x 10": 1}}}],
)
def test_a_record_of_nothing_is_a_new_person(record: Json) -> None:
    timeline = Person().moment().timeline
    assert from_person_record(record, "here").state(timeline) == State()
