""" "Forget me": asked once, done only at a yes, and nothing else is lost by it."""

from collections.abc import Callable
from dataclasses import MISSING, fields, replace

import pytest

from skill.coach import events
from skill.coach.coach import TURNS
from skill.coach.moment import Player
from skill.coach.state import Question, State
from skill.routine.playback import PlaybackState
from skill.routine.settings import Guide, Leg, Settings
from tests.coach.people import Person, cleared, hurting, in_hold, paused

Reach = Callable[[], Person]
ASKS_AGAIN = (events.ForgetMe, events.NotUnderstood, events.Help, events.Repeat)
ASKED = (
    "I can forget you, on all your devices. "
    "Shall I delete your settings, your place and your history for good? Yes or no."
)
GIVEN: dict[type[events.Event], tuple[object, ...]] = {
    events.ChooseGuide: (Guide.SPOKEN,),
    events.SessionEnded: (events.Ending.LEFT,),
}
"""What an event is made of where nothing heard is nothing meant."""


def some(kind: type[events.Event]) -> events.Event:
    """An event of this kind, of which nothing more was heard."""
    missing = [None for field in fields(kind) if field.default is MISSING]  # type: ignore[arg-type]
    return kind(*GIVEN.get(kind, missing))


EVENTS = [some(kind) for kind in TURNS]


def never_here() -> Person:
    return Person()


def launched() -> Person:
    person = Person()
    person.says(events.Launch())
    return person.after(20)


def streaming() -> Person:
    person = cleared(Settings(leg=Leg.RIGHT, guide=Guide.RECORDED), player=Player.STREAM)
    person.says(events.StartRoutine())
    return person.after(100).hears_stream(100_000)


def waiting() -> Person:
    return in_hold().after(900)


def offered() -> Person:
    person = paused()
    person.says(events.Stop())
    person.after(86_400).says(events.Launch())
    return person.after(9)


def asked_for_a_leg() -> Person:
    person = cleared(Settings())
    person.says(events.GoTo("hamstring"))
    return person.after(3)


def finished() -> Person:
    person = cleared()
    person.says(events.GoTo("piriformis"))
    for _ in range(2):
        person.after(900).says(events.Next())
    return person.after(5)


def numb() -> Person:
    person = in_hold()
    person.says(events.RedFlag("numb_leg"))
    return person.after(5)


ON_AS_BEFORE: dict[Reach, tuple[PlaybackState, Question | None, str]] = {
    # What a no leads to: the state, what is asked then, and words that are said.
    never_here: (PlaybackState.IDLE, Question.START, "Shall we start"),
    launched: (PlaybackState.IDLE, Question.START, "Shall we start"),
    in_hold: (PlaybackState.PLAYING, Question.GO_ON, "Back to the hamstring stretch"),
    streaming: (PlaybackState.PLAYING, None, "Back to the"),
    waiting: (PlaybackState.WAITING, Question.GO_ON, "the back flexion stretch?"),
    paused: (PlaybackState.PAUSED, Question.PICK_UP, "You were in the hamstring stretch"),
    offered: (PlaybackState.PAUSED, Question.PICK_UP, "You were in the hamstring stretch"),
    asked_for_a_leg: (PlaybackState.PAUSED, Question.LEG, "Which leg is sore"),
    finished: (PlaybackState.FINISHED, Question.ANYTHING_ELSE, "anything else"),
    hurting: (PlaybackState.PAUSED, Question.SAFETY, "numbness between your legs"),
    numb: (PlaybackState.PAUSED, Question.SAFETY, "numbness between your legs"),
}
WAITING: dict[Reach, tuple[PlaybackState, Question | None, str]] = {
    # And what two answers that nobody understands lead to.
    **ON_AS_BEFORE,
    in_hold: (PlaybackState.PAUSED, Question.GO_ON, "Your place is kept. Shall we go on?"),
    streaming: (PlaybackState.PAUSED, Question.PICK_UP, "Shall we pick up there?"),
    waiting: (PlaybackState.PAUSED, Question.GO_ON, "Your place is kept. Shall we go on?"),
    paused: (PlaybackState.PAUSED, Question.GO_ON, "Your place is kept. Shall we go on?"),
    offered: (PlaybackState.PAUSED, Question.GO_ON, "Your place is kept. Shall we go on?"),
    asked_for_a_leg: (PlaybackState.PAUSED, Question.GO_ON, "Your place is kept. Shall we go on?"),
}
anywhere = pytest.mark.parametrize("reach", ON_AS_BEFORE)


def asked(reach: Reach) -> Person:
    """Somebody who has just been asked whether to delete everything."""
    person = reach()
    person.says(events.ForgetMe())
    return person.after(8)


@anywhere
def test_it_is_asked_first_and_nothing_plays_meanwhile(reach: Reach) -> None:
    person = asked(reach)
    assert person.state.question is Question.FORGET
    assert person.state.playback.state is not PlaybackState.PLAYING
    assert not person.reply.forgets
    assert not person.reply.passage
    assert person.reply.stream is None
    assert person.text.endswith(ASKED)
    assert person.reply.then == "asked", "a screen shows yes, no and stop"


def test_a_stretch_is_let_go_of_before_the_question() -> None:
    assert asked(in_hold).text.startswith("Bend your right knee, let go, and put the foot down. I can forget")
    assert asked(paused).text == ASKED


@anywhere
def test_yes_leaves_nobody_behind_and_ends(reach: Reach) -> None:
    person = asked(reach)
    person.says(events.Yes())
    assert person.reply.forgets
    assert person.reply.ends
    assert not person.reply.passage
    assert person.state == State()
    assert person.text == "It is all deleted. Take care."


@anywhere
def test_no_deletes_nothing_and_goes_on_as_before(reach: Reach) -> None:
    person, (state, question, words) = asked(reach), ON_AS_BEFORE[reach]
    before = person.place, person.state.settings
    person.says(events.No())
    assert not person.reply.forgets
    assert (person.place, person.state.settings) == before
    assert (person.state.playback.state, person.state.question) == (state, question)
    assert person.text.startswith("Okay, nothing is deleted.")
    assert words in person.text
    assert bool(person.reply.stream) is (reach is streaming)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("reach", [never_here, in_hold, streaming, hurting])
def test_only_a_yes_deletes(reach: Reach, event: events.Event) -> None:
    person = asked(reach)
    person.says(event)
    assert person.reply.forgets is isinstance(event, events.Yes)
    if person.state != State():
        assert (person.state.question is Question.FORGET) is isinstance(event, ASKS_AGAIN)
    person.after(3).says(events.NotUnderstood())
    assert not person.reply.forgets


@anywhere
def test_not_understood_once_is_asked_again_and_twice_deletes_nothing_and_waits(reach: Reach) -> None:
    person, (state, question, words) = asked(reach), WAITING[reach]
    before = person.place, person.state.settings
    person.says(events.NotUnderstood())
    assert person.state.question is Question.FORGET
    person.after(8).says(events.NotUnderstood())
    assert (person.state.playback.state, person.state.question) == (state, question)
    assert (person.place, person.state.settings) == before
    assert person.text.startswith("I still did not catch that, so nothing is deleted.")
    assert words in person.text
    assert not person.reply.ends
    assert not person.reply.forgets
    assert not person.reply.passage
    assert not person.state.wish


@pytest.mark.parametrize("reach", [in_hold, streaming])
def test_after_the_wait_a_yes_goes_on_from_the_same_hold(reach: Reach) -> None:
    person = asked(reach)
    place = person.place
    for event in (events.NotUnderstood(), events.NotUnderstood(), events.Yes()):
        person.after(8).says(event)
    assert person.place == place
    assert person.state.playback.state is PlaybackState.PLAYING
    assert bool(person.reply.stream) is (reach is streaming)


@anywhere
def test_to_keep_it_is_a_no_however_it_is_heard(reach: Reach) -> None:
    heard_as_no, heard_as_resume = asked(reach), asked(reach)
    heard_as_no.says(events.No())
    heard_as_resume.says(events.Resume())
    assert heard_as_resume.reply == heard_as_no.reply
    assert heard_as_resume.state == heard_as_no.state


@pytest.mark.parametrize("reach", [in_hold, streaming])
@pytest.mark.parametrize(
    "event",
    [
        events.TimeLeft(),
        events.WhereAmI(),
        events.LoopOrShuffle(),
        events.ChangePace(events.Change.DOWN),
        events.Pain("sore"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_said_instead_is_answered_and_what_played_plays_on(reach: Reach, event: events.Event) -> None:
    person, usual = asked(reach), reach()
    place = person.place
    usual.says(event)
    person.says(event)
    answer = usual.reply.lead[0].cue.text
    assert person.text.startswith(answer)
    assert "Back to the" in person.text
    assert person.state.playback.state is PlaybackState.PLAYING
    assert (person.place.stretch, person.place.side) == (place.stretch, place.side)
    assert bool(person.reply.stream) is (reach is streaming)


def test_what_is_said_instead_of_an_answer_is_asked_what_was_asked_before() -> None:
    for reach in (never_here, launched, paused, offered, asked_for_a_leg, finished, hurting, numb):
        person, (state, question, words) = asked(reach), ON_AS_BEFORE[reach]
        person.says(events.TimeLeft())
        assert (person.state.playback.state, person.state.question) == (state, question)
        assert words in person.text


@pytest.mark.parametrize("leaving", [events.Stop(), events.Home(), some(events.SessionEnded)])
@pytest.mark.parametrize("reach", [in_hold, streaming])
def test_leaving_instead_of_an_answer_keeps_the_very_place(reach: Reach, leaving: events.Event) -> None:
    person = asked(reach)
    place = person.place
    person.says(leaving)
    assert person.place == place
    assert person.state.playback.state is PlaybackState.PAUSED
    assert person.text == ("Okay. I have kept your place." if leaving == events.Stop() else "")
    assert person.state.question is None
    assert not person.state.wish


def test_saying_it_again_asks_again() -> None:
    person = asked(in_hold)
    place = person.place
    for _ in range(3):
        person.after(4).says(events.ForgetMe())
        assert person.state.question is Question.FORGET
    person.says(events.No())
    assert person.place == place
    assert person.state.playback.state is PlaybackState.PLAYING


@pytest.mark.parametrize("question", [question for question in Question if question.comes_first])
@pytest.mark.parametrize(
    "answer", [events.No(), events.Resume(), events.Next(), events.Ready(), events.Launch()]
)
def test_a_question_about_safety_is_not_stepped_over(question: Question, answer: events.Event) -> None:
    person = paused()
    person.state = replace(person.state, question=question)
    person.says(events.ForgetMe())
    for event in (answer, events.Resume(), events.GoTo("piriformis")):
        person.after(5).says(event)
        assert person.state.question is Question.SAFETY
        assert not person.reply.passage
    person.after(5).says(events.No())
    assert person.reply.passage, "the all-clear"


@pytest.mark.parametrize("leaving", [events.Stop(), events.Home(), some(events.SessionEnded)])
def test_nor_is_it_answered_by_leaving(leaving: events.Event) -> None:
    person = asked(numb)
    person.says(leaving)
    assert not person.state.cleared
    assert not person.reply.forgets


def test_a_wish_before_the_all_clear_is_kept() -> None:
    person = launched()
    person.says(events.GoTo("piriformis", Leg.LEFT))
    person.after(9).says(events.ForgetMe())
    person.after(9).says(events.No())
    assert person.state.question is Question.SAFETY
    person.after(9).says(events.No())
    assert person.place.stretch == "piriformis"
    assert person.state.playback.state is PlaybackState.PLAYING


@anywhere
def test_where_nobody_knows_whether_it_is_deleted_it_is_owned_up_to(reach: Reach) -> None:
    person = asked(reach)
    before = person.state
    person.says(events.NotForgotten())
    assert person.reply.ends
    assert not person.reply.forgets
    assert person.text == "Sorry, I could not make sure that it is deleted. Please ask me again later."
    assert person.state.question is None
    assert (person.state.settings, person.place) == (before.settings, replace(person, state=before).place)
    assert person.state.cleared == before.cleared


@anywhere
def test_keep_my_data_deletes_nothing(reach: Reach) -> None:
    person = asked(reach)
    person.says(events.KeepMyData())
    assert not person.reply.forgets
    assert person.state.question is not Question.FORGET
    assert "nothing is deleted" in person.text


def test_keep_my_data_is_no_answer_to_the_safety_question() -> None:
    person = launched()
    assert person.state.question is Question.SAFETY
    person.says(events.KeepMyData())
    assert person.state.question is Question.SAFETY
    assert not person.state.cleared


@pytest.mark.parametrize(("gone_s", "forgets"), [(60, True), (180, False), (86_400, False)])
def test_a_yes_to_a_question_of_long_ago_deletes_nothing(gone_s: int, forgets: bool) -> None:
    person = asked(paused)
    person.after(gone_s).says(events.Yes())
    assert person.reply.forgets is forgets
