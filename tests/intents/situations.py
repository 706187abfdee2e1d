"""The moments in which a person may say anything, each reached by talking to the real skill."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial

from skill.store.store import Store
from tests.intents.alexa import Clock, Echo, Json, matched, parsed, skill_on
from tests.intents.rules import said


@dataclass(frozen=True)
class Situation:
    """A moment to come back to: what is stored, what the session carries, and when it is."""

    record: Json
    echo: Echo
    clock: Clock

    def again(self, store: Store, user: str) -> Echo:
        """A device of `user`, who is in this situation in `store`."""
        clock = replace(self.clock)
        echo = replace(self.echo, user=user, clock=clock, skill=skill_on(store, clock))
        if self.record:
            body = replace(echo).body({"type": "LaunchRequest"})
            store.save_attributes(parsed(body), deepcopy(self.record))
        return echo


def reach(name: str, store: Store) -> Situation:
    """The situation called `name`."""
    clock = Clock()
    echo = Echo(skill_on(store, clock), clock, user=f"amzn1.ask.account.{name}")
    SITUATIONS[name](echo)
    return _situation(echo)


def _situation(echo: Echo) -> Situation:
    """The situation that `echo` is in."""
    body = replace(echo).body({"type": "LaunchRequest"})
    return Situation(echo.skill.persistence_adapter.get_attributes(parsed(body)), echo, echo.clock)


def never_used(_: Echo) -> None:
    """Nothing is stored, no session is open."""


def asked_about_safety(echo: Echo) -> None:
    """The safety question has been asked and heard."""
    echo.asks("StartRoutineIntent")
    echo.clock.after(40)


def in_hold(echo: Echo, stretch: str = "hamstring") -> None:
    """Playing, some seconds into a hold."""
    asked_about_safety(echo)
    echo.asks("No")
    echo.asks("StretchIntent", stretch=matched(stretch, stretch), side=matched("left", "left"))
    for _ in range(40):
        echo.clock.after(5)
        probe = _situation(echo).again(echo.skill.persistence_adapter, f"{echo.user} probe")
        probe.asks("TimeLeftIntent")
        if "left in this hold" in said(probe.answer):
            return
    raise AssertionError(f"never in a hold: {said(echo.answer)!r}")


def waiting(echo: Echo) -> None:
    """The stretch is over; the coach has asked whether to go on."""
    in_hold(echo)
    echo.clock.after(900)


def paused(echo: Echo) -> None:
    """Paused inside a hold."""
    in_hold(echo)
    echo.asks("Pause")
    echo.clock.after(30)


def finished(echo: Echo) -> None:
    """The whole routine is done."""
    last_stretch(echo)
    echo.clock.after(900)
    echo.asks("Next")
    assert "anything else" in said(echo.answer)
    echo.clock.after(20)


last_stretch = partial(in_hold, stretch="piriformis")

SITUATIONS: Mapping[str, Callable[[Echo], None]] = {
    "never_used": never_used,
    "asked_about_safety": asked_about_safety,
    "in_hold": in_hold,
    "waiting": waiting,
    "paused": paused,
    "finished": finished,
    "last_stretch": last_stretch,
}
