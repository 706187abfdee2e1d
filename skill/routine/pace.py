"""The pace of a voice, learned from the moments that tell how long it really took.

Two things tell: a session that ends unanswered has lasted exactly one passage, one reprompt and two
listening windows; and an answer to a closing prompt came after the passage, and before the windows ran out.
"""

from dataclasses import dataclass
from statistics import median

from skill.routine.units import DurationMs, EpochMs, seconds

LISTENING = seconds(8)
"""How long Alexa listens after a prompt, and again after the reprompt."""

LEAST_SPEECH = seconds(15)
"""A shorter passage tells too little to learn from."""

_FASTEST, _SLOWEST = 0.7, 1.4
_UNLIKE = 0.2
_KEPT = 5


@dataclass(frozen=True, slots=True)
class Sounding:
    """What an answer is made of. Speech is counted at pace 1."""

    left_at: EpochMs
    speech: DurationMs
    reprompt: DurationMs
    silence: DurationMs


@dataclass(frozen=True, slots=True)
class LearnedPace:
    """What the last few passages told: how long their speech took, and would have taken at pace 1."""

    heard: tuple[tuple[int, int], ...] = ()

    @property
    def r(self) -> float:
        """The pace to reckon with; 1 before any passage told.

        Long passages count for more, and one that is far from the median for nothing.
        """
        if not self.heard:
            return 1.0
        middle = median(took / plain for took, plain in self.heard)
        alike = [(took, plain) for took, plain in self.heard if abs(took / plain - middle) < _UNLIKE]
        return round(sum(took for took, _ in alike) / sum(plain for _, plain in alike), 3)

    def after(self, took: float, plain: float) -> "LearnedPace":
        """This pace with one more passage heard; one out of all reason is passed over."""
        if not _FASTEST <= took / plain <= _SLOWEST:
            return self
        return LearnedPace((*self.heard, (round(took), round(plain)))[-_KEPT:])


def after_silence(pace: LearnedPace, sounding: Sounding, now: EpochMs, delay: DurationMs) -> LearnedPace:
    """`pace` once a session ended because nobody answered `sounding`."""
    if sounding.speech < LEAST_SPEECH:
        return pace
    spoken = now - sounding.left_at - delay - sounding.silence - 2 * LISTENING
    return pace.after(spoken, sounding.speech + sounding.reprompt)


def after_answer(pace: LearnedPace, sounding: Sounding, now: EpochMs, delay: DurationMs) -> LearnedPace:
    """`pace` once the closing prompt of `sounding` was answered: moved only if it cannot be right."""
    if sounding.speech < LEAST_SPEECH:
        return pace
    most = (now - sounding.left_at - sounding.silence) / sounding.speech
    least = (now - sounding.left_at - 2 * delay - sounding.silence - 2 * LISTENING) / (
        sounding.speech + sounding.reprompt
    )
    if least <= pace.r <= most:
        return pace
    return pace.after(min(max(pace.r, least), most) * sounding.speech, sounding.speech)
