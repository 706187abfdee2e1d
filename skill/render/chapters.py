"""Chapters: where in a recording each side of each stretch begins."""

from dataclasses import dataclass
from itertools import groupby, pairwise

from skill.routine.cue import Cue, Step
from skill.routine.script import sentence_case
from skill.routine.timeline import Timeline
from skill.routine.units import DurationMs, Side
from skill.routine.words import Words


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a recording with a title."""

    title: str
    start: DurationMs
    end: DurationMs


def chapters(timeline: Timeline, words: Words) -> tuple[Chapter, ...]:
    """Each side of each stretch, and what goes before and after them, in order."""
    plan = timeline.plan
    firsts = [index for _, (index, *_) in groupby(range(len(plan.cues)), lambda i: _about(plan.cues[i]))]
    return tuple(
        Chapter(_title(timeline, start, words), timeline.start(start), timeline.start(end))
        for start, end in pairwise((*firsts, len(plan.cues)))
    )


def _about(cue: Cue) -> tuple[str, Side | None, str]:
    """The stretch and the side that `cue` belongs to; a switch, to the side it leads to."""
    side = cue.side.other if cue.side and cue.step is Step.SWITCH else cue.side
    return cue.stretch, side, "" if cue.stretch else str(cue.step)


def _title(timeline: Timeline, index: int, words: Words) -> str:
    """The stretch and its side; between stretches, the first sentence."""
    cue = timeline.plan.cues[index]
    stretch_id, side, _ = _about(cue)
    if not stretch_id:
        return cue.text.partition(". ")[0].rstrip(".")
    stretch = timeline.plan.routine.stretch(stretch_id)
    name = sentence_case(stretch.name)
    return f"{name}, {stretch.side_name.format(side=words.side(side))}" if side else name
