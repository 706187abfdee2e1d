"""Random barge-ins into a routine spoken by a voice the coach does not know."""

import random
from dataclasses import dataclass

from skill.coach import events
from skill.routine.playback import PlaybackState
from skill.routine.timeline import Position, Timeline
from skill.routine.units import seconds
from tests.coach.people import HeardMoment, Person, Sounded, UnknownVoice, cleared, moment_of

LISTENING_MS = 8_000
ECHO_DELAY = seconds(1.15)
REAL_DELAY_S = (0.3, 2.0)
REAL_PACE = (0.85, 1.15)


@dataclass(frozen=True)
class Trial:
    """One barge-in: what really sounded, and where the coach took it to be.

    minutes: into the passage.
    """

    minutes: float
    truth: HeardMoment
    taken: HeardMoment

    @property
    def same_side(self) -> bool:
        """Same stretch and side; a rest between two sides belongs to both."""
        return bool({s[:2] for s in self.truth.sets} & {s[:2] for s in self.taken.sets})

    @property
    def same_repetition(self) -> bool:
        """Same stretch, side and repetition; a rest between two repetitions belongs to both."""
        return bool({*self.truth.sets} & {*self.taken.sets})

    @property
    def error_ms(self) -> int:
        """Error in what is left to hold of the repetition."""
        return self.taken.left_ms - self.truth.left_ms


def barge_in(chance: random.Random, *, passages_learned: int, noise: float = 0.15) -> Trial:
    """A person on a device of their own; `passages_learned` random passages end unanswered first."""
    voice = UnknownVoice(chance.uniform(*REAL_PACE), noise, chance)
    person = cleared(delay=ECHO_DELAY)
    for _ in range(passages_learned):
        _go_to_random_passage(person, voice, chance)
        _let_run_out(person, voice, chance)
    _go_to_random_passage(person, voice, chance)
    sounded = Sounded(person.reply, voice)
    ms = chance.uniform(0, sounded.passage_ms - 1)
    person.after(chance.uniform(*REAL_DELAY_S) + (sounded.lead_ms + ms) / 1000)
    person.says(events.Pause())
    taken = _taken(person.moment().timeline, person.state.playback.position)
    return Trial(ms / 60_000, sounded.at(ms), taken)


def _taken(timeline: Timeline, position: Position) -> HeardMoment:
    cues = [(cue, int(timeline.durations[i])) for i, cue in enumerate(timeline.plan.cues)]
    return moment_of(cues, position.index, position.ms)


def _let_run_out(person: Person, voice: UnknownVoice, chance: random.Random) -> None:
    """Nobody answers: the session ends after the passage, both windows and the reprompt."""
    sounded = Sounded(person.reply, voice)
    spoken = sounded.lead_ms + sounded.passage_ms + sounded.prompt_ms + sounded.reprompt_ms
    person.after(chance.uniform(*REAL_DELAY_S) + (spoken + 2 * LISTENING_MS) / 1000)
    person.says(events.SessionEnded(events.Ending.UNANSWERED))


def _go_to_random_passage(person: Person, voice: UnknownVoice, chance: random.Random) -> None:
    """From the start of the routine to a passage chosen by its length; each prompt is answered."""
    person.says(events.StartRoutine())
    target = chance.uniform(0, 0.99)
    while (person.reply.passage[-1].offset or 0) < target * person.moment().timeline.length:
        sounded = Sounded(person.reply, voice)
        person.after(1.15 + (sounded.lead_ms + sounded.passage_ms + sounded.prompt_ms) / 1000 + 2)
        person.says(events.Yes())
        assert person.state.playback.state is PlaybackState.PLAYING, person.text
