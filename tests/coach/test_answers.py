"""What an answer means depends on the question: legs, pain, offers, and what may not be jumped over."""

from skill.coach import events
from skill.coach.state import Question
from skill.routine.cue import Step
from skill.routine.place import Place, find
from skill.routine.playback import PlaybackState
from skill.routine.settings import Leg, Settings
from skill.routine.units import Side, seconds
from tests.coach.people import Person, cleared


def asked_for_a_leg() -> Person:
    person = cleared(Settings())
    person.says(events.GoTo("hamstring"))
    assert person.state.question is Question.LEG
    return person.after(3)


def test_the_sore_leg_may_be_told_as_pain() -> None:
    person = asked_for_a_leg()
    person.says(events.Pain("sore", Leg.LEFT))
    assert person.place.side == "left"
    assert person.state.settings.leg is Leg.LEFT


def test_a_leg_is_asked_for_again_once_and_then_taken_and_said() -> None:
    person = asked_for_a_leg()
    person.says(events.NotUnderstood())
    assert person.state.question is Question.LEG
    person.after(3).says(events.NotUnderstood())
    assert person.state.playback.state is PlaybackState.PLAYING
    assert "I take the right leg" in person.text
    assert person.state.settings.leg is None, "a leg that was not told is not remembered"


def test_pain_leaves_one_stretch_however_often_it_is_told() -> None:
    person = cleared()
    person.says(events.GoTo("hamstring"))
    person.after(40).says(events.Pain("shooting"))
    for _ in range(3):
        assert person.place.stretch == "back_flexion"
        person.after(4).says(events.Pain())


def test_after_pain_nothing_goes_on_before_it_has_eased() -> None:
    person = cleared()
    person.says(events.GoTo("hamstring"))
    person.after(40).says(events.Pain())
    for event in (events.Resume(), events.Next(), events.Ready(), events.Pause(), events.GoTo("lower_back")):
        person.after(3).says(event)
        assert person.state.question is Question.AFTER_PAIN
        assert not person.reply.passage
    person.after(3).says(events.Yes())
    assert person.place.stretch == "back_flexion"


def test_the_next_stretch_is_the_one_that_was_offered() -> None:
    person = cleared()
    person.says(events.StartRoutine())
    person.after(300).says(events.Pause())
    assert (person.place.stretch, person.state.playback.state) == ("hamstring", PlaybackState.PAUSED)
    person.after(5).says(events.Next())
    assert person.place.stretch == "hamstring"


def test_repeat_on_the_way_up_says_how_to_get_up_again() -> None:
    person = cleared()
    person.says(events.GoTo("piriformis", Leg.LEFT))
    person.after(60).says(events.Next())
    person.after(3).says(events.Repeat())
    assert "Bend both knees" in person.text
    assert person.place.stretch == ""


def test_fewer_repetitions_than_done_lead_out_of_the_stretch() -> None:
    person = cleared()
    person.says(events.GoTo("piriformis"))
    timeline = person.moment().timeline
    third = Place("piriformis", Side.RIGHT, 3, Step.HOLDING, ms=seconds(5))
    start, hold = person.state.playback, timeline.offset(find(timeline, third))
    person.after((hold - timeline.offset(start.position) + start.since - person.now) / 1000)
    person.says(events.SetRepetitions(2))
    assert person.text.split("from here. ")[1].startswith("Breathe out, let go")


def test_a_red_flag_question_left_open_is_no_all_clear() -> None:
    for leaving in (events.Stop(), events.Home(), events.SessionEnded(events.Ending.UNANSWERED)):
        person = cleared()
        person.says(events.GoTo("hamstring"))
        person.after(9).says(events.RedFlag("numb_leg"))
        person.after(3).says(leaving)
        assert not person.state.cleared


def test_a_wish_told_before_the_all_clear_is_kept() -> None:
    person = Person()
    person.says(events.Launch())
    person.after(20).says(events.GoTo("piriformis", Leg.LEFT))
    assert person.state.question is Question.SAFETY
    person.after(5).says(events.No())
    assert (person.place.stretch, person.place.side) == ("piriformis", "left")


def test_nobody_is_told_to_let_go_a_day_later() -> None:
    person = cleared()
    person.says(events.GoTo("piriformis"))
    person.after(60).says(events.Stop())
    assert "Let go of the ankle" in person.text
    person.after(86_400).says(events.Launch())
    person.after(4).says(events.Stop())
    assert "Let go" not in person.text
