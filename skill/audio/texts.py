"""Every text that a routine may need recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from skill.coach.content import Content
from skill.routine.plan import Plan, make_plan
from skill.routine.routine import Routine
from skill.routine.script import Say, parse_script, sentence_case
from skill.routine.settings import Leg, Settings, Talk
from skill.routine.stretch import Range, Sides, Stretch
from skill.routine.words import Words


def all_texts(content: Content, routine: Routine) -> tuple[str, ...]:
    """What `routine` says at any settings and the lines that are always the same; what is usual first."""
    usual = make_plan(routine, Settings(), content.words)
    texts = (*_said(usual), *line_texts(content.lines), *cue_texts(routine, content.words))
    return tuple(dict.fromkeys(texts))


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
                yield from (part.text for part in parse_script(sentence_case(text)) if isinstance(part, Say))


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
