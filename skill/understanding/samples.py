"""The sample phrases as word sequences, to be found exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skill.content.phrases import Intent, Phrases
from skill.understanding.slot_values import Variant, slot_token
from skill.understanding.vocabulary import Tokens, Vocabulary

_PIECE = re.compile(r"\{\w+\}|[^{}]+")


@dataclass(frozen=True)
class Sample:
    """One written-out sample: its words, slots as their types."""

    tokens: Tokens
    intent: Intent
    alone: bool = False

    @property
    def begins_with_value(self) -> bool:
        """Whether the first thing said is a slot's value, and this is not all a sample asks for."""
        return self.tokens[0].startswith("{") and (len(self.tokens) > 1 or self.alone)


class Samples:
    """All samples of all intents, by their words."""

    def __init__(self, phrases: Phrases, vocabulary: Vocabulary) -> None:
        self._by_tokens: dict[Tokens, Sample] = {}
        for intent in phrases.intents.values():
            for text in intent.expanded:
                tokens = _read(text, intent, vocabulary)
                self._by_tokens.setdefault(tokens, Sample(tokens, intent))
        for type_name, name in vocabulary.alone.items():
            tokens = (slot_token(type_name),)
            self._by_tokens.setdefault(tokens, Sample(tokens, phrases.intents[name], alone=True))

    def all(self) -> list[Sample]:
        """Every sample once."""
        return list(self._by_tokens.values())

    def get(self, variant: Variant) -> Sample | None:
        """The sample with exactly these words."""
        return self._by_tokens.get(variant.tokens)


def _read(text: str, intent: Intent, vocabulary: Vocabulary) -> Tokens:
    if "{" not in text:
        return vocabulary.read(text)
    tokens: list[str] = []
    for piece in _PIECE.findall(text):
        slot = piece[1:-1]
        known = piece.startswith("{")
        tokens += [slot_token(intent.slots[slot])] if known else vocabulary.read(piece)
    return tuple(tokens)
