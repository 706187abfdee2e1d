"""What is said at a stop, on the way back and on the way out is recorded with the routine."""

from collections.abc import Iterator

import pytest

from skill.audio.texts import all_texts
from skill.coach.events import Pain, Pause, Resume, StartRoutine, Yes
from skill.coach.moment import Player
from skill.coach.reply import Reply
from skill.routine.settings import Flow, Leg, Settings
from tests.coach.people import CONTENT, ROUTINE, Person, cleared

RECORDED = set(all_texts(CONTENT, ROUTINE))


def unrecorded(reply: Reply) -> list[str]:
    """The words of `reply` that nobody recorded."""
    cues = (*reply.cues, *reply.reprompt)
    return [cue.cue.text for cue in cues if cue.cue.text and cue.cue.text not in RECORDED]


def passages(person: Person) -> Iterator[Reply]:
    """Every answer of a routine that is led from stop to stop."""
    yield person.says(StartRoutine())
    while person.reply.passage:
        person.after(sum(cue.duration for cue in person.reply.cues) / 1000)
        yield person.says(Yes())


@pytest.mark.parametrize("leg", [None, *Leg])
@pytest.mark.parametrize("flow", Flow)
def test_a_whole_routine_is_recorded_from_stop_to_stop(flow: Flow, leg: Leg | None) -> None:
    person = cleared(Settings(leg=leg, flow=flow), player=Player.ANSWERS)
    said = list(passages(person))
    assert len(said) > (1 if flow is Flow.KEEP_GOING else 4)
    unforeseen = {"I take the right leg. You can change that by saying which leg is sore."}
    assert {text for reply in said for text in unrecorded(reply)} <= unforeseen


@pytest.mark.parametrize("seconds", range(2, 900, 7))
def test_a_pause_anywhere_and_the_way_back_are_recorded(seconds: int) -> None:
    person = cleared(Settings(leg=Leg.LEFT, flow=Flow.KEEP_GOING), player=Player.ANSWERS)
    person.says(StartRoutine())
    person.after(seconds)
    assert unrecorded(person.says(Pause())) == []
    person.after(50)
    assert unrecorded(person.says(Resume())) == []


@pytest.mark.parametrize("seconds", range(30, 900, 31))
def test_the_way_out_is_recorded(seconds: int) -> None:
    person = cleared(Settings(leg=Leg.LEFT, flow=Flow.KEEP_GOING), player=Player.ANSWERS)
    person.says(StartRoutine())
    person.after(seconds)
    assert unrecorded(person.says(Pain())) == []
