"""A place: where a person is, in words that outlive a plan.

A Position counts cues, so it means something in one plan only. A Place names the stretch, the side,
the repetition and the step, and so survives a changed setting, an edited text and a later session.
"""

from dataclasses import dataclass

from skill.routine.cue import Cue, Step
from skill.routine.timeline import Position, Timeline
from skill.routine.units import DurationMs, Side

_ORDER = {step: order for order, step in enumerate(Step)}


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a routine.

    nth: which cue of the step, counted from 0; always 0 inside a hold.
    ms: milliseconds into that cue; inside a hold, how much of the hold is over.
    """

    stretch: str
    side: Side | None
    repetition: int
    step: Step
    nth: int = 0
    ms: DurationMs = DurationMs(0)


END = Place("", None, 0, Step.LEAVE, nth=-1)
"""After the last cue."""


def place_of(timeline: Timeline, position: Position) -> Place:
    """The place that `position` is on `timeline`."""
    cue = timeline.cue(position)
    if cue is None:
        return END
    if cue.step is Step.HOLDING:
        return _place(cue, 0, timeline.held(position))
    group = _group(timeline, cue.set_key, cue.step)
    return _place(cue, position.index - group[0], position.ms)


def find(timeline: Timeline, place: Place) -> Position:
    """Where `place` is on `timeline`; the nearest spot that makes sense where it is not on it."""
    if place == END:
        return timeline.end
    key = (place.stretch, place.side, place.repetition)
    if group := _group(timeline, key, place.step):
        return _within(timeline, group, place)
    return Position(_nearest(timeline.plan.cues, place))


def carry_over(old: Timeline, position: Position, new: Timeline) -> Position:
    """The place of `position` on `old`, on `new`.

    Where another text is said there now, the step begins again: its time to get ready must be whole.
    """
    place = place_of(old, position)
    found = find(new, place)
    before, after = old.cue(position), new.cue(found)
    if not before or not after or after.step is Step.HOLDING or before.text == after.text:
        return found
    return Position(_group(new, after.set_key, after.step)[0])


def _place(cue: Cue, nth: int, ms: DurationMs) -> Place:
    return Place(cue.stretch, cue.side, cue.repetition, cue.step, nth, ms)


def _group(timeline: Timeline, key: tuple[str, Side | None, int], step: Step) -> range:
    """The indices of one step of one repetition; steps lie together."""
    indices = [i for i, cue in enumerate(timeline.plan.cues) if cue.step is step and cue.set_key == key]
    return range(indices[0], indices[-1] + 1) if indices else range(0)


def _within(timeline: Timeline, group: range, place: Place) -> Position:
    if place.step is Step.HOLDING:
        start, stop = timeline.start(group.start), timeline.start(group.stop)
        return timeline.at(min(start + place.ms, stop))
    index = group[min(max(place.nth, 0), len(group) - 1)]
    return Position(index, DurationMs(min(place.ms, timeline.durations[index])))


def _end_of_side(cues: tuple[Cue, ...], side: list[int], place: Place) -> int:
    """Where a repetition that is no more leads: out of the stretch if it was held, else beyond the side."""
    release = next((i for i in reversed(side) if cues[i].step is Step.RELEASE), None)
    if release is None or place.step not in (Step.HOLD_LINE, Step.HOLDING):
        return side[-1] + 1
    while cues[release - 1].step is Step.RELEASE:
        release -= 1
    return release


def _nearest(cues: tuple[Cue, ...], place: Place) -> int:
    """The next step of that repetition; else the end of that side; else the stretch; else the start."""
    same_set = [
        i
        for i, cue in enumerate(cues)
        if cue.set_key == (place.stretch, place.side, place.repetition)
        and _ORDER[cue.step] > _ORDER[place.step]
    ]
    if same_set:
        return same_set[0]
    side = [i for i, cue in enumerate(cues) if (cue.stretch, cue.side) == (place.stretch, place.side)]
    if side:
        return _end_of_side(cues, side, place)
    stretch = [i for i, cue in enumerate(cues) if cue.stretch == place.stretch]
    return stretch[0] if stretch else 0
