"""A family of intents: each intent's name, and the event its slots make."""

from collections.abc import Callable, Mapping

from skill.coach.events import Change, Event
from skill.intents.slots import Slots

Family = Mapping[str, Callable[[Slots], Event]]

_UP = {"longer", "more", "faster"}
_DOWN = {"shorter", "fewer", "less", "slower"}


def change(slots: Slots, name: str) -> Change | None:
    """A step up or down; None where neither was heard."""
    heard = slots.id(name)
    if heard in _UP:
        return Change.UP
    return Change.DOWN if heard in _DOWN else None
