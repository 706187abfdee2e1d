"""Settings: what one person has chosen. Frozen; a change makes a new value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from skill.routine.stretch import Stretch
from skill.routine.units import Side


class Leg(StrEnum):
    """The leg of the stretches that are done on one leg."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides this means, in the order they are done."""
        return (Side.RIGHT, Side.LEFT) if self is Leg.BOTH else (Side(self.value),)


SAFE_LEG = Leg.RIGHT
"""The leg used, and said aloud, where the person has not told theirs."""


class Pace(StrEnum):
    """How fast the coach speaks, and how long its get-ready times are. Holds never change."""

    NORMAL = "normal"
    SLOW = "slow"


class Talk(StrEnum):
    """How much the coach explains."""

    FULL = "full"
    BRIEF = "brief"


class Flow(StrEnum):
    """Where the coach stops and waits to be told to go on."""

    SIDE = "side"
    STRETCH = "stretch"
    KEEP_GOING = "keep_going"


class Guide(StrEnum):
    """Whose voice leads the routine."""

    SPOKEN = "spoken"
    """The device's own."""
    RECORDED = "recorded"


def _frozen(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Settings:
    """One person's choices. Stretches without an entry keep their usual dose.

    holds: seconds of a hold, by stretch id. repetitions: a side, by stretch id.
    leg: None until the person has told it. guide: None where the device's usual voice is wanted.
    """

    holds: Mapping[str, int] = field(default_factory=lambda: _frozen({}))
    repetitions: Mapping[str, int] = field(default_factory=lambda: _frozen({}))
    leg: Leg | None = None
    pace: Pace = Pace.NORMAL
    talk: Talk = Talk.FULL
    flow: Flow = Flow.STRETCH
    guide: Guide | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two settings apart; hashable."""
        return (
            tuple(sorted(self.holds.items())),
            tuple(sorted(self.repetitions.items())),
            self.leg,
            self.pace,
            self.talk,
            self.flow,
            self.guide,
        )

    def __hash__(self) -> int:
        return hash(self.key)

    def hold_s(self, stretch: Stretch) -> int:
        """Seconds of each hold of `stretch`, within its allowed range."""
        allowed = stretch.dose.hold_s
        return allowed.clamp(self.holds.get(stretch.id, allowed.usual))

    def repetitions_of(self, stretch: Stretch) -> int:
        """Repetitions a side of `stretch`, within its allowed range."""
        allowed = stretch.dose.repetitions
        return allowed.clamp(self.repetitions.get(stretch.id, allowed.usual))

    def with_hold(self, stretch: Stretch, hold_s: int) -> "Settings":
        """These settings with holds of `hold_s` seconds in `stretch`."""
        return replace(self, holds=_frozen({**self.holds, stretch.id: hold_s}))

    def with_repetitions(self, stretch: Stretch, count: int) -> "Settings":
        """These settings with `count` repetitions a side in `stretch`."""
        return replace(self, repetitions=_frozen({**self.repetitions, stretch.id: count}))

    def with_leg(self, leg: Leg) -> "Settings":
        """These settings for `leg`."""
        return replace(self, leg=leg)
