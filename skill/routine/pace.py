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
    """The last few paces heard, in thousandths; 1000 is the formula's own."""

    heard: tuple[int, ...] = ()

    @property
    def r(self) -> float:
        """The pace to reckon with: the median of those heard, and 1 before any."""
        return median(self.heard) / 1000 if self.heard else 1.0

    def after(self, r: float) -> "LearnedPace":
        """This pace with one more heard; one out of all reason is passed over."""
        if not _FASTEST <= r <= _SLOWEST:
            return self
        return LearnedPace((*self.heard, round(r * 1000))[-_KEPT:])


def after_silence(pace: LearnedPace, sounding: Sounding, now: EpochMs, delay: DurationMs) -> LearnedPace:
    """`pace` once a session ended because nobody answered `sounding`."""
    if sounding.speech < LEAST_SPEECH:
        return pace
    spoken = now - sounding.left_at - delay - sounding.silence - 2 * LISTENING
    return pace.after(spoken / (sounding.speech + sounding.reprompt))


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
    return pace.after(min(max(pace.r, least), most))
