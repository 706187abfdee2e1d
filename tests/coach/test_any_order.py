"""Whatever is said, in whatever order: no error, a valid place, and exactly one closing prompt."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from skill.coach import events
from skill.coach.coach import TURNS
from skill.coach.moment import Player
from skill.coach.reply import Reply
from skill.coach.state import Question, State
from skill.render.ssml import MOST_CHARACTERS, speak
from skill.routine.place import find
from skill.routine.playback import PlaybackState
from skill.routine.settings import Flow, Guide, Leg, Settings
from tests.coach.people import CONTENT, ROUTINE, Person, cleared

STRETCHES = ["", None, *(stretch.id for stretch in ROUTINE.stretches)]
CHANGES = [None, *events.Change]

EVENTS: dict[type[events.Event], st.SearchStrategy[events.Event]] = {
    **{kind: st.builds(kind) for kind in TURNS},
    events.SessionEnded: st.builds(events.SessionEnded, st.sampled_from(events.Ending)),
    events.GoTo: st.builds(events.GoTo, st.sampled_from(STRETCHES), st.sampled_from([None, *Leg])),
    events.HowTo: st.builds(events.HowTo, st.sampled_from(STRETCHES)),
    events.Why: st.builds(events.Why, st.sampled_from(STRETCHES)),
    events.SetHold: st.builds(events.SetHold, st.none() | st.integers(0, 10**9)),
    events.ChangeHold: st.builds(events.ChangeHold, st.sampled_from(CHANGES)),
    events.SetRepetitions: st.builds(events.SetRepetitions, st.none() | st.integers(0, 10**9)),
    events.ChangeRepetitions: st.builds(events.ChangeRepetitions, st.sampled_from(CHANGES)),
    events.ChangePace: st.builds(events.ChangePace, st.sampled_from(CHANGES)),
    events.ChangeTalk: st.builds(events.ChangeTalk, st.sampled_from(CHANGES)),
    events.ChooseLeg: st.builds(events.ChooseLeg, st.sampled_from([None, *Leg])),
    events.ChooseGuide: st.builds(events.ChooseGuide, st.sampled_from(Guide)),
    events.StreamChanged: st.builds(events.StreamChanged, st.sampled_from(events.StreamChange)),
    events.ChooseFlow: st.builds(events.ChooseFlow, st.sampled_from([None, *Flow])),
    events.Pain: st.builds(events.Pain, st.sampled_from([None, "", "?", *CONTENT.safety.pains])),
    events.RedFlag: st.builds(events.RedFlag, st.sampled_from([None, "", "?", *CONTENT.safety.signs])),
}

TURN = st.tuples(st.floats(0, 400), st.sampled_from(list(EVENTS)).flatmap(EVENTS.__getitem__))


def check_place(person: Person) -> None:
    timeline, playback = person.moment().timeline, person.state.playback
    assert 0 <= playback.position.index <= len(timeline)
    assert 0 <= playback.end <= len(timeline)
    if playback.position != timeline.end:
        assert 0 <= playback.position.ms <= timeline.durations[playback.position.index]
    if playback.state is PlaybackState.PLAYING:
        assert playback.position.index < playback.end
    assert find(timeline, person.place) == playback.position


def check_reply(reply: Reply) -> None:
    assert len(speak(reply.spoken, reply.pace)) <= MOST_CHARACTERS
    assert reply.stream is None or (reply.recording and reply.passage and reply.ends)
    assert bool(reply.prompt) == bool(reply.reprompt)
    if reply.prompt:
        assert not any(cue.cue.text.rstrip().endswith("?") for cue in reply.lead), "two prompts in a row"
    elif reply.lead:
        assert not reply.lead[-1].cue.text.endswith("?"), "a closed session asks"


def check_safety(before: State, event: events.Event, after: State, reply: Reply) -> None:
    """Nothing plays before the all-clear, nor over an open question about safety but by its answer."""
    if not reply.passage:
        return
    assert after.cleared
    asked = before.question if before.playback.state is not PlaybackState.PLAYING else None
    if asked and asked.comes_first:
        assert isinstance(event, events.Yes | events.No | events.ChooseLeg | events.NotUnderstood), asked


def check_forgetting(before: State, event: events.Event, after: State, reply: Reply) -> None:
    """Nothing but a yes to that very question deletes, and then nothing is left."""
    if reply.forgets:
        assert before.question is Question.FORGET
        assert isinstance(event, events.Yes)
        assert after == State()
        assert reply.ends


def check_leg(person: Person) -> None:
    """No stretch on one leg is led before a leg is told, or taken and said aloud."""
    on_a_leg = any(cue.cue.stretch == "hamstring" for cue in person.reply.passage)
    assert not on_a_leg or person.moment().settings.leg


def check_words(reply: Reply) -> None:
    """No sentence with a hole where a name should be."""
    for cue in (*reply.cues, *reply.reprompt):
        assert not re.search(r"\b[Tt]he (is|are|for|was)\b|\bthe[.,?]|  |[{}]", cue.cue.text), cue.cue.text


@settings(max_examples=600, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(TURN, st.none() | st.integers(0, 1_000_000)), max_size=25),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Player),
    st.sampled_from([None, *Guide]),
)
def test_any_conversation(
    turns: list[tuple[tuple[float, events.Event], int | None]],
    is_cleared: bool,
    leg_told: bool,
    player: Player,
    guide: Guide | None,
) -> None:
    chosen = Settings(leg=Leg.RIGHT if leg_told else None, guide=guide)
    person = cleared(chosen) if is_cleared else Person(State(chosen))
    person.player = player
    for (wait, event), offset_ms in turns:
        before = person.state
        person.after(wait)
        if offset_ms is not None:
            person.hears_stream(offset_ms)
        person.says(event)
        check_place(person)
        check_reply(person.reply)
        check_safety(before, event, person.state, person.reply)
        check_forgetting(before, event, person.state, person.reply)
        check_leg(person)
        check_words(person.reply)


def begin(person: Person, stretch: str = "lower_back") -> Person:
    person.says(events.GoTo(stretch))
    assert person.state.playback.state is PlaybackState.PLAYING
    return person


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.floats(0, 500),
    st.lists(
        st.sampled_from(
            [
                events.TimeLeft(),
                events.WhereAmI(),
                events.HowTo(),
                events.Why(),
                events.ListStretches(),
                events.Help(),
                events.NotUnderstood(),
                events.LoopOrShuffle(),
                events.GoTo(None),
                events.SetHold(10_000),
                events.SetRepetitions(0),
                events.Pause(),
                events.Home(),
                events.Stop(),
            ]
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_nothing_said_while_paused_moves_the_place(wait: float, asked: list[events.Event]) -> None:
    person = begin(cleared(), "piriformis").after(wait)
    person.says(events.Pause())
    place = person.place
    for event in asked:
        person.after(3).says(event)
        assert person.place == place
    person.says(events.Resume())
    assert person.place == place
