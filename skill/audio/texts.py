"""Every text that a routine may need recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from skill.audio.turn_texts import turn_texts
from skill.coach.content import Content
from skill.routine.plan import Plan, make_plan
from skill.routine.routine import Routine
from skill.routine.script import sentence_case, spoken
from skill.routine.settings import Leg, Settings, Talk
from skill.routine.stretch import Range, Sides, Stretch
from skill.routine.words import Words


def all_texts(content: Content, routine: Routine) -> tuple[str, ...]:
    """What `routine` says at any settings, and what can be foretold between; what is usual first."""
    usual = _said(make_plan(routine, Settings(), content.words))
    between = (*line_texts(content.lines), *turn_texts(content, routine))
    return tuple(dict.fromkeys((*usual, *between, *cue_texts(routine, content.words))))


def cue_texts(routine: Routine, words: Words) -> Iterator[str]:
    """What `routine` says at any settings.

    Each stretch by itself, since nothing said in one depends on the settings of another: a sum of
    products where the settings of all would be the product of products.
    """
    for stretch in routine.stretches:
        alone = replace(routine, stretches=(stretch,))
        for settings in _settings(stretch):
            yield from _said(make_plan(alone, settings, words))


def line_texts(lines: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The lines between the stretches that have nothing to fill in."""
    for variants in lines.values():
        for text in variants:
            if "{" not in text:
                yield from spoken(sentence_case(text))


def _settings(stretch: Stretch) -> Iterator[Settings]:
    """All that change what is said in `stretch`; said briefly, it is no news but for the reminder."""
    legs = tuple(Leg) if stretch.dose.sides is Sides.CHOSEN_LEG else (None,)
    for leg in legs:
        yield Settings(leg=leg, talk=Talk.BRIEF)
        for hold_s in _all(stretch.dose.hold_s):
            for count in _all(stretch.dose.repetitions):
                yield Settings(leg=leg).with_hold(stretch, hold_s).with_repetitions(stretch, count)


def _all(allowed: Range) -> range:
    return range(allowed.least, allowed.most + 1)


def _said(plan: Plan) -> Iterator[str]:
    return (cue.text for cue in plan.cues if cue.text)
