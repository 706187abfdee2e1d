"""A passage: the cues that one response plays, up to the next natural stop.

It ends where the person's flow says, or earlier where a response would grow too long. Two more rules
keep the place sure: a stretch with much talk stops between its sides, because an estimate of where
the voice is drifts with every sentence; and a stretch on one leg is not begun before the leg is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from skill.routine.cue import Cue, CueKind, Step
from skill.routine.settings import Flow
from skill.routine.stretch import Sides
from skill.routine.timeline import Position, TimedCue, Timeline
from skill.routine.units import DurationMs, seconds

LONG_TALK = seconds(75)
"""A stretch that talks longer than this stops between its sides."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much one response may hold: `most` in total, each cue taking `size(cue)`."""

    size: Callable[[TimedCue], int]
    most: int


def passage_end(timeline: Timeline, start: Position, room: Room) -> int:
    """The index of the cue before which a passage from `start` ends; above `start.index`.

    `start` must not be the end.
    """
    wanted = next(end for end in natural_stops(timeline) if end > start.index)
    furthest = _furthest(timeline, start, room)
    if wanted <= furthest:
        return wanted
    cues = timeline.plan.cues
    return max(range(start.index + 1, furthest + 1), key=lambda end: (_fitness(cues, end), end))


def go_on_from(timeline: Timeline, end: int) -> Position:
    """Where the passage after one that ended at `end` begins: a stop takes the place of a switch cue."""
    cues = timeline.plan.cues
    while end < len(cues) and cues[end].step is Step.SWITCH:
        end += 1
    return Position(end)


def natural_stops(timeline: Timeline) -> Iterator[int]:
    """Every index at which the flow chosen in the settings stops, in order; the last is the end."""
    cues, settings = timeline.plan.cues, timeline.plan.settings
    for end in range(1, len(cues)):
        if _ends_side(cues, end):
            if settings.flow is Flow.SIDE or (
                settings.flow is Flow.STRETCH and _talk(timeline, cues[end].stretch) > LONG_TALK
            ):
                yield end
        elif _ends_stretch(cues, end) and settings.flow is not Flow.KEEP_GOING:
            yield end
        elif _begins_stretch(cues, end) and must_ask_leg(timeline, cues[end].stretch):
            yield end
    yield len(cues)


def must_ask_leg(timeline: Timeline, stretch_id: str) -> bool:
    """Whether `stretch_id` is done on a leg that the person has not told yet."""
    stretch = timeline.plan.routine.stretch(stretch_id)
    return stretch.dose.sides is Sides.CHOSEN_LEG and timeline.plan.settings.leg is None


def _talk(timeline: Timeline, stretch_id: str) -> DurationMs:
    return DurationMs(
        sum(
            timeline.durations[i]
            for i, cue in enumerate(timeline.plan.cues)
            if cue.stretch == stretch_id and cue.kind is CueKind.SPEECH
        )
    )


def _ends_stretch(cues: tuple[Cue, ...], end: int) -> bool:
    before, after = cues[end - 1].stretch, cues[end].stretch
    return bool(before and after) and before != after


def _begins_stretch(cues: tuple[Cue, ...], end: int) -> bool:
    return bool(cues[end].stretch) and cues[end].stretch != cues[end - 1].stretch


def _ends_side(cues: tuple[Cue, ...], end: int) -> bool:
    return cues[end].step is Step.SWITCH and cues[end - 1].step is not Step.SWITCH


def _furthest(timeline: Timeline, start: Position, room: Room) -> int:
    """The greatest end whose cues fit; at least one cue is always taken."""
    used = 0
    for i, timed in enumerate(timeline.cut(start, len(timeline)), start.index):
        used += room.size(timed)
        if used > room.most:
            return max(i, start.index + 1)
    return len(timeline)


def _fitness(cues: tuple[Cue, ...], end: int) -> int:
    """How good a place `end` is to stop at where no natural stop fits."""
    if end == len(cues) or _ends_stretch(cues, end):
        return 4
    if _ends_side(cues, end):
        return 3
    if cues[end].set_key != cues[end - 1].set_key:
        return 2
    return 1 if cues[end].step is not Step.HOLDING else 0
