"""What is said at the end of a session tells whether the place is kept."""

from collections.abc import Callable

import pytest

from skill.coach import events
from tests.coach.people import Person, cleared, hurting, in_hold, paused

NOT_KEPT = "Okay. I could not keep your place this time."


def hurting_before_the_start() -> Person:
    person = cleared()
    person.says(events.Pain("shooting"))
    return person.after(5)


@pytest.mark.parametrize(
    ("reach", "event", "kept", "not_kept"),
    [
        (in_hold, events.Stop(), "All right. Your place is kept.", NOT_KEPT),
        (paused, events.Stop(), "Okay. I have kept your place.", NOT_KEPT),
        (hurting, events.No(), "Your place is kept.", "I could not keep your place this time."),
        (hurting_before_the_start, events.No(), "or doctor.", "or doctor."),
        (cleared, events.Stop(), "Okay. Take care.", "Okay. Take care."),
    ],
)
def test_the_end_promises_only_what_is_kept(
    reach: Callable[[], Person], event: events.Event, kept: str, not_kept: str
) -> None:
    for is_kept, words in ((True, kept), (False, not_kept)):
        person = reach()
        person.kept = is_kept
        person.says(event)
        assert person.reply.ends
        assert person.text.endswith(words)
        assert is_kept or "place is kept" not in person.text


@pytest.mark.parametrize("leaving", [events.Stop(), events.Home(), events.SessionEnded(events.Ending.LEFT)])
def test_the_way_out_is_the_same_and_says_how_to_let_go(leaving: events.Event) -> None:
    kept, not_kept = in_hold(), in_hold()
    not_kept.kept = False
    for person in (kept, not_kept):
        person.says(leaving)
    assert kept.place == not_kept.place
    assert kept.state.playback == not_kept.state.playback
    assert ("let go" in not_kept.text) is ("let go" in kept.text) is (leaving == events.Stop())


def test_a_pause_keeps_the_session_open_and_promises_no_more_where_the_place_is_not_kept() -> None:
    person = in_hold()
    person.kept = False
    person.says(events.Pause())
    assert not person.reply.ends
    assert person.text.endswith("Ready to go on?")
