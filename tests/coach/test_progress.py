"""What a person has done: counted as it was heard, never twice, and told."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skill.coach import events
from skill.coach.coach import respond
from skill.coach.events import Ending, Event, SessionEnded, StreamChange, StreamChanged
from skill.coach.moment import Player
from skill.coach.reply import Reply
from skill.routine.cue import Step
from skill.routine.history import History, added, day_of
from skill.routine.playback import PlaybackState
from skill.routine.settings import Guide, Leg, Settings
from skill.routine.timeline import TimedCue
from skill.routine.units import EpochMs
from tests.coach.people import START, Person, cleared
from tests.coach.test_any_order import TURN

TODAY = day_of(START)
DAY_MS = 86_400_000


def on(days_ago: int, count: int = 1, name: str = "hamstring 10") -> History:
    """What was done so many days ago."""
    return {str(TODAY - timedelta(days_ago)): {name: count}}


def names(person: Person) -> dict[str, int]:
    """What was finished, whenever."""
    counts = Counter[str]()
    for names in person.state.did.values():
        counts.update(names)
    return dict(counts)


def ends_of_holds(person: Person) -> list[int]:
    """When each hold of the passage that was begun last ends, in milliseconds after `now`."""
    sounded, ends = 0, []
    for timed in (*person.reply.lead, *person.reply.passage):
        sounded += timed.duration
        if _is_last_of_hold(timed):
            ends.append(sounded)
    return ends


def _is_last_of_hold(timed: TimedCue) -> bool:
    return timed.cue.hold is not None and timed.held + timed.duration >= timed.cue.hold


@dataclass
class Ear:
    """Listens to what is played, and counts the holds that it heard to their end."""

    since: int = 0
    passage: tuple[TimedCue, ...] = ()
    heard: Counter[str] = field(default_factory=Counter)

    def hears(self, reply: Reply, now: int) -> None:
        """Something new is said; what sounded before is over."""
        self.passage, self.since = reply.passage, now + sum(cue.duration for cue in reply.lead)

    def listens(self, event: Event, now: int) -> None:
        """Time has passed until `event`."""
        sounded = max(now - self.since, 0)
        if event == SessionEnded(Ending.UNANSWERED):
            sounded = sum(timed.duration for timed in self.passage)
        if event == SessionEnded(Ending.NOT_PLAYED):
            sounded = 0
        for timed in self.passage:
            sounded -= timed.duration
            if sounded < 0:
                break
            if _is_last_of_hold(timed):
                self.heard[f"{timed.cue.stretch} {timed.cue.hold // 1000}"] += 1
        self.passage = ()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(TURN, max_size=25))
def test_what_is_counted_is_what_was_heard(turns: list[tuple[float, Event]]) -> None:
    person, ear = cleared(Settings(leg=Leg.RIGHT, guide=Guide.RECORDED), player=Player.ANSWERS), Ear()
    for wait, event in turns:
        if isinstance(event, StreamChanged):
            continue
        person.after(wait)
        ear.listens(event, person.now)
        reply = person.says(event)
        if reply.recording is None and reply.passage:
            return  # the coach's own voice was asked for: how long it speaks is an estimate
        ear.hears(reply, person.now)
        if reply.forgets:
            ear = Ear()
        assert names(person) == ear.heard


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(TURN, max_size=25))
def test_no_more_is_counted_than_there_was_time_for(turns: list[tuple[float, Event]]) -> None:
    person = cleared()
    for wait, event in turns:
        before, could_still = Counter(names(person)), _still_to_sound(person)
        person.after(wait).says(event)
        if person.reply.forgets:
            continue
        after = Counter(names(person))
        assert after >= before
        added_s = sum(int(name.split()[1]) * count for name, count in (after - before).items())
        # "Yes" may come while the last words still sound by our reckoning, and the device may tell that
        # all was heard: never is more counted than was to sound.
        whole = event == SessionEnded(Ending.UNANSWERED) or isinstance(
            event, events.Yes | events.No | events.Ready
        )
        most_ms = could_still if whole else min(could_still, wait * 1000 + 1)
        assert added_s * 1000 <= most_ms + _held_before(person, before, after)


def _still_to_sound(person: Person) -> float:
    m = person.moment()
    playing = m.playback.state is PlaybackState.PLAYING
    return m.timeline.left(m.playback.position, m.playback.end) if playing else 0


def _held_before(person: Person, before: Counter[str], after: Counter[str]) -> int:
    """The first hold may have been begun in an earlier turn: at most one is carried over so."""
    added = after - before
    return max((int(name.split()[1]) for name in added), default=0) * 1000


def holding(stretch: str = "hamstring") -> tuple[Person, int]:
    """A person who has just begun a stretch, and when its first hold ends, in milliseconds."""
    person = cleared()
    person.says(events.GoTo(stretch))
    return person, ends_of_holds(person)[0]


@pytest.mark.parametrize(("early_ms", "finished"), [(1, {}), (0, {"hamstring 10": 1})])
def test_a_hold_counts_when_its_last_second_has_been_played(
    early_ms: int, finished: Mapping[str, int]
) -> None:
    person, end = holding()
    person.after((end - early_ms) / 1000).says(events.TimeLeft())
    assert names(person) == finished


@pytest.mark.parametrize(
    "cut",
    [events.Pause(), events.Stop(), SessionEnded(Ending.LEFT), events.Home(), events.ForgetMe()],
    ids=lambda event: type(event).__name__,
)
def test_a_hold_that_is_cut_short_counts_once_it_is_held_to_its_end(cut: Event) -> None:
    person, end = holding()
    person.after((end - 4000) / 1000).says(cut)
    assert names(person) == {}
    person.after(30).says(events.Resume())
    (end,) = ends_of_holds(person)
    person.after((end - 1) / 1000).says(events.WhereAmI())
    assert names(person) == {}
    (end,) = ends_of_holds(person)
    person.after(end / 1000).says(events.Pause())
    assert names(person) == {"hamstring 10": 1}
    person.after(500).says(events.Help())
    assert names(person) == {"hamstring 10": 1}


@pytest.mark.parametrize(
    "jump",
    [
        events.Next(),
        events.GoTo("piriformis"),
        events.StartOver(),
        events.Previous(),
        events.Repeat(),
        events.Pain("sharp"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_jumped_over_does_not_count(jump: Event) -> None:
    person, end = holding()
    person.after((end - 4000) / 1000).says(jump)
    person.after(1).says(events.Pause())
    assert names(person) == {}


def test_what_is_repeated_counts_again() -> None:
    person, end = holding()
    person.after((end + 500) / 1000).says(events.Repeat())
    person.after((ends_of_holds(person)[0] + 500) / 1000).says(events.Pause())
    assert names(person) == {"hamstring 10": 2}


def test_other_settings_count_nothing_by_themselves_and_give_another_name() -> None:
    person, end = holding()
    person.after((end - 2000) / 1000).says(events.SetHold(15))
    assert names(person) == {}
    person.after(ends_of_holds(person)[0] / 1000).says(events.SetHold(20))
    assert names(person) == {"hamstring 15": 1}
    for event in (events.ChooseLeg(Leg.LEFT), events.ChangePace(events.Change.DOWN), events.SetHold(25)):
        person.says(event)
        assert names(person) == {"hamstring 15": 1}


def test_a_passage_that_was_heard_long_ago_counts_on_its_day() -> None:
    person, _ = holding()
    person.after(3 * 86_400).says(events.Launch())
    assert person.state.did == on(0)


def test_what_sounds_past_midnight_counts_for_the_day_it_was_heard_by() -> None:
    person, end = holding()
    midnight = (START // DAY_MS + 1) * DAY_MS
    late = replace(person, now=EpochMs(midnight - end + 2000), state=cleared().state)
    late.says(events.GoTo("hamstring"))
    late.after(end / 1000).says(events.TimeLeft())
    assert late.state.did == on(-1)


def test_what_plays_on_another_device_is_counted_there() -> None:
    person, end = holding()
    m = replace(person.after(end / 1000).moment(), elsewhere=True)
    person.state, _ = respond(events.WhereAmI(), m)
    assert names(person) == {}


def streaming() -> tuple[Person, list[int]]:
    """Somebody whose device plays the recording, and where in it each hold ends."""
    person = cleared(Settings(leg=Leg.RIGHT, guide=Guide.RECORDED), player=Player.STREAM)
    person.says(events.StartRoutine())
    timeline, cues = person.moment().timeline, person.moment().plan.cues
    ends = [
        timeline.start(i + 1)
        for i, cue in enumerate(cues)
        if cue.step is Step.HOLDING and cues[i + 1].step is not Step.HOLDING
    ]
    return person, ends


def test_a_stream_counts_by_what_the_device_says() -> None:
    person, ends = streaming()
    person.after(3).hears_stream(0).says(StreamChanged(StreamChange.STARTED))
    person.after(9000).hears_stream(ends[0] - 1).says(StreamChanged(StreamChange.STOPPED))
    assert names(person) == {}
    person.hears_stream(ends[0] - 1).says(StreamChanged(StreamChange.STARTED))
    person.after(5).hears_stream(ends[0]).says(StreamChanged(StreamChange.STOPPED))
    assert names(person) == {"lower_back 20": 1}
    person.hears_stream(ends[0]).says(StreamChanged(StreamChange.STOPPED))
    assert names(person) == {"lower_back 20": 1}


def test_a_stream_that_is_over_counts_to_its_end_and_once() -> None:
    person, ends = streaming()
    length = person.moment().timeline.length
    person.after(3).hears_stream(0).says(StreamChanged(StreamChange.STARTED))
    for _ in range(2):
        person.after(900).hears_stream(length).says(StreamChanged(StreamChange.FINISHED))
        assert sum(names(person).values()) == len(ends)


def test_a_stream_that_the_device_held_back_counts_on_the_day_it_tells_of_it() -> None:
    person, ends = streaming()
    person.after(3).hears_stream(0).says(StreamChanged(StreamChange.STARTED))
    person.after(2 * 86_400).hears_stream(ends[0]).says(StreamChanged(StreamChange.STOPPED))
    assert person.state.did == on(-2, 1, "lower_back 20")


def test_what_the_device_has_played_counts_though_the_session_failed() -> None:
    person, ends = streaming()
    person.after(60).hears_stream(ends[0]).says(SessionEnded(Ending.NOT_PLAYED))
    assert names(person) == {"lower_back 20": 1}


def test_a_stream_that_failed_counts_what_it_played() -> None:
    person, ends = streaming()
    person.after(3).hears_stream(0).says(StreamChanged(StreamChange.STARTED))
    person.after(300).hears_stream(ends[1] + 10).says(StreamChanged(StreamChange.FAILED))
    assert names(person) == {"lower_back 20": 2}


def asked(history: History | None, did: History | None = None) -> str:
    """What is answered to "how am I doing", before the question that follows."""
    person = cleared()
    person.state = replace(person.state, did=did or {})
    person.state, person.reply = respond(events.Progress(), replace(person.moment(), history=history))
    return " ".join(cue.cue.text for cue in person.reply.lead)


@pytest.mark.parametrize(
    ("history", "did", "told"),
    [
        (None, {}, "I can't look that up just now."),
        ({}, {}, "You have finished no hold in the last seven days, and that is all right."),
        (on(7, 5), {}, "You have finished no hold in the last seven days, and that is all right."),
        (on(-1, 5), {}, "You have finished no hold in the last seven days, and that is all right."),
        (on(0), {}, "You have finished one hold, on one of the last seven days."),
        (
            on(0, 4),
            added(on(0), on(0, 1, "piriformis 30")),
            "You have finished six holds, on one of the last seven days.",
        ),
        (on(6), {}, "You have finished one hold, on one of the last seven days."),
        (
            added(on(1, 10), on(3, 16), on(3, 5, "piriformis 30"), on(6, 5), on(0, 5), on(8, 99)),
            on(0),
            "You have finished forty two holds, on four of the last seven days.",
        ),
    ],
)
def test_what_was_done_is_told_in_numbers(history: History | None, did: History, told: str) -> None:
    assert asked(history, did) == told


def test_what_was_just_finished_is_told_too_and_the_routine_goes_on() -> None:
    person, end = holding("lower_back")
    person.after(end / 1000 + 1)
    place, time_left = person.moment(), replace(person)
    time_left.says(events.TimeLeft())
    person.state, person.reply = respond(events.Progress(), replace(place, history={}))
    assert "finished one hold" in person.text
    assert person.place == time_left.place
    assert person.state.playback.state is PlaybackState.PLAYING
    assert person.reply.passage == time_left.reply.passage
    assert person.reply.prompt == time_left.reply.prompt


def test_nobody_is_praised_and_no_hold_is_left_without_its_number() -> None:
    for history in (None, {}, on(0, 3), on(2, 3), added(on(0, 3), on(1, 200))):
        assert not re.search(r"[{}]|well done|good|great|keep", asked(history), re.IGNORECASE)
