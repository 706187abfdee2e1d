"""Timing pairs of actions in turn, so that a drifting machine drifts for both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Pair:
    """Seconds of two actions, one measurement each per round."""

    ours: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of ours over the baseline, round by round."""
        return median(a / b for a, b in zip(self.ours, self.baseline, strict=True))

    @property
    def p99_ms(self) -> float:
        """99th percentile of ours."""
        return quantiles(self.ours, n=100)[98] * 1000


def time_pair(ours: Callable[[], object], baseline: Callable[[], object], rounds: int) -> Pair:
    """Both actions, `rounds` times in turn, after a tenth of that to warm up."""
    for _ in range(max(rounds // 10, 1)):
        ours()
        baseline()
    return Pair(*zip(*((_time(ours), _time(baseline)) for _ in range(rounds)), strict=True))


def _time(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start
