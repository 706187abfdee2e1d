"""What was understood of one utterance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skill.content.phrases import FALLBACK


@dataclass(frozen=True)
class HeardSlot:
    """A slot as heard: the words, the id they resolve to (None: no known value), a number's value."""

    spoken: str
    id: str | None = None
    value: int | None = None


@dataclass(frozen=True)
class Heard:
    """The intent of an utterance and its slots."""

    intent: str
    slots: Mapping[str, HeardSlot] = field(default_factory=dict)


NOTHING = Heard(FALLBACK)


def to_json(heard: Heard) -> dict[str, object]:
    """Plain data: per slot the id, the number, or the words where nothing known was said."""
    return {"intent": heard.intent, "slots": {n: _plain(s) for n, s in heard.slots.items()}}


def _plain(slot: HeardSlot) -> str | int:
    if slot.value is not None:
        return slot.value
    return slot.id or slot.spoken
