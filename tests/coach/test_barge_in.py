"""Pausing in mid-speech: how well the place is estimated, for a voice the coach does not know."""

import random
from collections.abc import Callable, Sequence
from functools import cache

import pytest

from skill.routine.cue import Step
from tests.coach.barge_in import Trial, barge_in

TRIALS = 1_000


@cache
def trials(passages_learned: int) -> tuple[Trial, ...]:
    chance = random.Random(20_261_122)
    return tuple(barge_in(chance, passages_learned=passages_learned) for _ in range(TRIALS))


def share(of: Sequence[Trial], holds: Callable[[Trial], bool]) -> float:
    return sum(holds(trial) for trial in of) / len(of)


def percentile_95_s(of: Sequence[Trial]) -> float:
    errors = sorted(abs(trial.error_ms) for trial in of)
    return errors[int(len(errors) * 0.95)] / 1000


def test_before_the_pace_is_learned_the_stretch_and_side_are_right() -> None:
    assert share(trials(0), lambda trial: trial.same_side) >= 0.95


def test_after_two_passages_the_repetition_is_right() -> None:
    assert share(trials(2), lambda trial: trial.same_repetition) >= 0.99


def test_after_two_passages_the_seconds_left_are_right() -> None:
    assert percentile_95_s(trials(2)) <= 2.0


@pytest.mark.parametrize("learned", [0, 2])
def test_print_how_far_off_the_estimates_are(learned: int, capsys: pytest.CaptureFixture[str]) -> None:
    report = describe(trials(learned), learned)
    with capsys.disabled():
        print(f"\n{report}")
    assert "same repetition" in report


def describe(of: Sequence[Trial], learned: int) -> str:
    """The figures, and the error against minutes into the passage."""
    in_hold = [trial for trial in of if trial.truth.cue.step is Step.HOLDING]
    strictly = share(of, lambda trial: trial.truth.cue.set_key == trial.taken.cue.set_key)
    lines = [
        f"{len(of)} barge-ins, {learned} passages learned: "
        f"same side {share(of, lambda t: t.same_side):.1%}, "
        f"same repetition {share(of, lambda t: t.same_repetition):.1%} "
        f"(counting a rest to the repetition before it only: {strictly:.1%})",
        f"  seconds left to hold, error at the 95th percentile: {percentile_95_s(of):.2f} s; "
        f"of the {len(in_hold)} inside a hold: {percentile_95_s(in_hold):.2f} s",
    ]
    for half_minute in range(8):
        there = [trial for trial in in_hold if int(trial.minutes * 2) == half_minute]
        if len(there) >= 10:
            lines.append(f"  {half_minute / 2:.1f} min into the passage: {percentile_95_s(there):.2f} s")
    return "\n".join(lines)
