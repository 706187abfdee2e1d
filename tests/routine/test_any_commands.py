"""A person may say anything at any time: the place stays valid and each hold gets its time."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from skill.render.ssml import ROOM
from skill.routine.cue import CueKind, Step
from skill.routine.passage import passage_end
from skill.routine.playback import (
    Playback,
    PlaybackState,
    finish,
    last_done,
    next_stretch,
    pause,
    play,
    previous_stretch,
    set_start,
    settle,
    stretch_start,
)
from skill.routine.settings import Settings
from skill.routine.timeline import Position
from skill.routine.units import EpochMs
from tests.routine.choices import NAMES, choices, steady, timeline_of

START = EpochMs(1_800_000_000_000)


class Listener(RuleBasedStateMachine):
    """A person who says anything at any time; `heard` are the seconds of each hold that really sounded."""

    @initialize(chosen=choices(), r=st.sampled_from((0.7, 1.0, 1.4)))
    def arrives(self, chosen: Settings, r: float) -> None:
        self.timeline = timeline_of(chosen, r=r)
        self.now = START
        self.playback = Playback()
        self.heard: Counter[object] = Counter()

    def go(self, position: Position) -> None:
        """Play from `position`, to which the person jumped: the holds from there on count anew."""
        ahead = {cue.set_key for cue in self.timeline.plan.cues[position.index :]}
        for key, ms in list(self.heard.items()):
            if key in ahead or ms < self.dose(key[0]):
                del self.heard[key]
        self.play(position)

    def play(self, position: Position) -> None:
        if position == self.timeline.end:
            self.playback = finish(self.timeline)
        else:
            self.playback = play(position, passage_end(self.timeline, position, ROOM), self.now)

    @rule(ms=st.one_of(st.integers(0, 3_000), st.integers(0, 400_000)))
    def time_passes(self, ms: int) -> None:
        before, self.now = self.playback, EpochMs(self.now + ms)
        self.playback = settle(before, self.timeline, self.now)
        assert settle(self.playback, self.timeline, self.now) == self.playback
        if before.state is PlaybackState.PLAYING:
            last = self.timeline.start(before.end)
            till = min(self.timeline.offset(before.position) + ms, last)
            self.listen(before.position, till)
            assert self.timeline.offset(self.playback.position) >= till
            if self.playback.state is PlaybackState.PLAYING:
                assert self.timeline.offset(self.playback.position) == till < last
            else:
                assert till == last
        else:
            assert self.playback == before

    def listen(self, start: Position, till: int) -> None:
        """What sounds from `start` to the offset `till`."""
        for piece in self.timeline.cut(start, len(self.timeline)):
            if piece.cue.step is Step.HOLDING:
                sounded = min(piece.offset + piece.duration, till) - piece.offset
                self.heard[piece.cue.set_key] += max(sounded, 0)

    @rule()
    def pauses(self) -> None:
        before = self.playback
        self.playback = pause(before, self.timeline)
        if before.state is not PlaybackState.PLAYING:
            assert self.playback == before
            return
        assert self.playback.state is PlaybackState.PAUSED
        again = self.timeline.offset(before.position) - self.timeline.offset(self.playback.position)
        cue = self.timeline.cue(before.position)
        spoken = cue.kind is CueKind.SPEECH and cue.step is not Step.HOLDING
        assert again == (before.position.ms if spoken else 0)

    @precondition(lambda self: self.playback.state in (PlaybackState.PAUSED, PlaybackState.WAITING))
    @rule()
    def goes_on(self) -> None:
        before = self.playback.position
        self.play(before)
        assert self.playback.position == before

    @precondition(lambda self: self.playback.state in (PlaybackState.IDLE, PlaybackState.FINISHED))
    @rule()
    def starts(self) -> None:
        self.go(Position(0))

    @rule()
    def starts_over(self) -> None:
        self.go(Position(0))

    @rule()
    def goes_to_the_next(self) -> None:
        here = self.playback.position
        there = next_stretch(self.timeline, here)
        before, after = self.timeline.cue(here), self.timeline.cue(there)
        assert there == self.timeline.end or there.index > here.index
        assert after is None or before is None or after.stretch != before.stretch
        self.go(there)

    @rule()
    def goes_back(self) -> None:
        here = self.playback.position
        there = previous_stretch(self.timeline, here)
        assert self.timeline.offset(there) <= self.timeline.offset(here)
        self.go(there)

    @rule()
    def repeats(self) -> None:
        here = self.playback.position
        if self.playback.state in (PlaybackState.WAITING, PlaybackState.FINISHED):
            there = last_done(self.timeline, self.playback.end)
            assert there.index < self.playback.end
        else:
            there = set_start(self.timeline, here)
            assert self.timeline.cue(there).set_key == self.timeline.cue(here).set_key
        self.go(there)

    @rule(name=st.sampled_from(NAMES))
    def goes_to(self, name: str) -> None:
        there = stretch_start(self.timeline, name)
        assert self.timeline.plan.cues[there.index].stretch == name
        assert self.timeline.plan.cues[there.index - 1].stretch != name
        self.go(there)

    @rule()
    def has_had_enough(self) -> None:
        self.go(self.timeline.end)

    @invariant()
    def the_place_is_valid(self) -> None:
        position, state = self.playback.position, self.playback.state
        assert 0 <= position.index <= len(self.timeline)
        assert self.timeline.at(self.timeline.offset(position)) == position
        assert (position == self.timeline.end) == (state is PlaybackState.FINISHED)
        if state is PlaybackState.PLAYING:
            assert position.index < self.playback.end <= len(self.timeline)

    @invariant()
    def every_hold_that_is_over_was_held_in_full(self) -> None:
        here = self.timeline.cue(self.playback.position)
        for key, ms in self.heard.items():
            inside = here is not None and here.step is Step.HOLDING and here.set_key == key
            assert ms <= self.dose(key[0])
            assert inside or ms in (0, self.dose(key[0]))

    def dose(self, name: str) -> int:
        routine, chosen = self.timeline.plan.routine, self.timeline.plan.settings
        return chosen.hold_s(routine.stretch(name)) * 1000


Listener.TestCase.settings = settings(steady, max_examples=150, stateful_step_count=40)
TestAnyRowOfCommands = Listener.TestCase
