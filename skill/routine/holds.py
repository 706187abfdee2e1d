"""Finished holds: which were held to their last second, by what has been heard of a timeline."""

from collections import Counter
from itertools import pairwise

from skill.routine.cue import Cue, Step
from skill.routine.timeline import Timeline


def finished_holds(timeline: Timeline, start: int, stop: int) -> Counter[str]:
    """How often each hold ended between the cues at `start` and `stop`, by its name.

    `start`: the cue that was playing when listening began, `stop`: the one playing now. A hold ends with
    its last cue, wherever in it listening began; the one at `stop` is not over.
    """
    heard = (*timeline.plan.cues, None)[start : stop + 1]
    return Counter(_name(cue) for cue, ahead in pairwise(heard) if cue and _ends_hold(cue, ahead))


def _ends_hold(cue: Cue, ahead: Cue | None) -> bool:
    goes_on = ahead is not None and (ahead.step, ahead.set_key) == (Step.HOLDING, cue.set_key)
    return cue.step is Step.HOLDING and not goes_on


def _name(cue: Cue) -> str:
    """Which stretch, and the seconds of its hold, as in "hamstring 10"."""
    return f"{cue.stretch} {(cue.hold or 0) // 1000}"
