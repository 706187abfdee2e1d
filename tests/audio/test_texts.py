"""Which texts have to be recorded."""

import re
import timeit
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import process_time

import pytest

from skill.audio.texts import all_texts, cue_texts, line_texts
from skill.audio.turn_texts import turn_texts
from skill.content import load_content
from skill.routine.plan import make_plan
from skill.routine.routine import Routine
from skill.routine.script import parse_script
from skill.routine.settings import Leg, Settings, Talk
from skill.routine.stretch import MiddleCue, NearEndCue, Range, Sides, Stretch

CONTENT = load_content()
ROUTINE = CONTENT.routine("sciatica")
DOCS = Path(__file__).parent.parent.parent / "docs"
EVERY_LEG = (None, *Leg)


def texts_at(routine: Routine, settings: Settings) -> set[str]:
    """What one person hears in a whole routine; made without filling the memory of plans."""
    return {cue.text for cue in make_plan.__wrapped__(routine, settings, CONTENT.words).cues if cue.text}


def doses(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Every hold with every count that is allowed."""
    holds, counts = stretch.dose.hold_s, stretch.dose.repetitions
    return product(range(holds.least, holds.most + 1), range(counts.least, counts.most + 1))


def test_the_texts_are_those_of_every_leg_talk_hold_and_count() -> None:
    heard: set[str] = set()
    for talk, stretch in product(Talk, ROUTINE.stretches):
        legs = EVERY_LEG if stretch.dose.sides is Sides.CHOSEN_LEG else (None,)
        for leg, (hold_s, count) in product(legs, list(doses(stretch))):
            settings = Settings(talk=talk, leg=leg).with_hold(stretch, hold_s)
            heard |= texts_at(ROUTINE, settings.with_repetitions(stretch, count))
    assert set(cue_texts(ROUTINE, CONTENT.words)) == heard


def test_they_are_those_of_the_full_product_of_all_settings_of_all_stretches() -> None:
    routine = replace(
        ROUTINE, stretches=(wordy("hamstring", each_side=False), wordy("piriformis", each_side=True))
    )
    one, other = routine.stretches
    heard: set[str] = set()
    for talk, leg, dose, other_dose in product(Talk, EVERY_LEG, list(doses(one)), list(doses(other))):
        settings = Settings(talk=talk, leg=leg)
        for stretch, (hold_s, count) in ((one, dose), (other, other_dose)):
            settings = settings.with_hold(stretch, hold_s).with_repetitions(stretch, count)
        heard |= texts_at(routine, settings)
    assert set(cue_texts(routine, CONTENT.words)) == heard


def wordy(stretch_id: str, *, each_side: bool) -> Stretch:
    """A stretch on one leg whose lines name everything that they may, with a few doses."""
    stretch = ROUTINE.stretch(stretch_id)
    everything = "{side} {other} {hold} {repetition} {repetitions}."
    scripts = ("setup", "into", "into_again", "into_last", "release", "release_again", "rest", "switch")
    lines = replace(
        stretch.lines,
        **{name: parse_script(f"{name} {everything} [1s] And.") for name in scripts},
        **{name: f"{name} {everything}" for name in ("title", "hold", "hold_again")},
        setup_each_side=each_side,
        middle=(MiddleCue(f"a {everything}", 6, ()), MiddleCue(f"b {everything}", 7, (2,))),
        near_end=NearEndCue(f"near {everything}", 7, 2),
    )
    dose = replace(stretch.dose, sides=Sides.CHOSEN_LEG, hold_s=Range(6, 5, 7), repetitions=Range(1, 1, 3))
    return replace(stretch, lines=lines, dose=dose)


def test_the_lines_that_are_always_the_same_are_cut_at_their_pauses() -> None:
    lines = {"a": ("all right. here we go. [2s] Good.", "Hold {left}."), "b": ("One.", "All right.")}
    assert list(line_texts(lines)) == ["All right. Here we go.", "Good.", "One.", "All right."]
    assert "Paused." in line_texts(CONTENT.lines)


def test_all_texts_are_each_told_once_and_the_usual_ones_first() -> None:
    texts = all_texts(CONTENT, ROUTINE)
    assert len(texts) == len(set(texts)) > 300
    between = {*line_texts(CONTENT.lines), *turn_texts(CONTENT, ROUTINE)}
    assert set(texts) == {*cue_texts(ROUTINE, CONTENT.words), *between}
    usual = texts_at(ROUTINE, Settings())
    assert set(texts[: len(usual)]) == usual
    assert not any(set(text) & set("{}[]") for text in texts)


def test_they_are_found_fast() -> None:
    assert min(timeit.repeat(lambda: all_texts(CONTENT, ROUTINE), timer=process_time, number=1, repeat=3)) < 1


@pytest.mark.parametrize("page", ["audio.md", "commands.md"])
def test_the_pages_tell_how_many_there_are(page: str) -> None:
    told = re.findall(r"(\d+)(?: of \d+)? texts", (DOCS / page).read_text("utf-8"))
    assert told
    assert set(told) == {str(len(all_texts(CONTENT, ROUTINE)))}
