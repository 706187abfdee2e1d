"""Finding slot values in the words of an utterance, and putting slots in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from skill.content.phrases import NUMBER, Phrases, SlotType
from skill.understanding.heard import HeardSlot
from skill.understanding.vocabulary import Tokens, Vocabulary


@dataclass(frozen=True)
class Span:
    """Words start..end of an utterance read as a value of a slot type."""

    start: int
    end: int
    type: str
    heard: HeardSlot
    rank: int = 0

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a word."""
        return self.start < other.end and other.start < self.end

    def is_within(self, other: Span) -> bool:
        """Whether the other says all this says and more: "hurts" in "hurts a little"."""
        longer = other.end - other.start > self.end - self.start
        return longer and other.start <= self.start and self.end <= other.end


@dataclass(frozen=True)
class Variant:
    """One reading of an utterance: some of its words replaced by the slots they fill."""

    tokens: Tokens
    spans: tuple[Span, ...] = ()


def slot_token(type_name: str) -> str:
    """What stands in a reading for a value of this type."""
    return "{" + type_name + "}"


class SlotValues:
    """All values of all types, by their words."""

    def __init__(self, phrases: Phrases, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_words: dict[Tokens, list[tuple[str, str, int]]] = {}
        for kind in phrases.types.values():
            for rank, value in enumerate(kind.values):
                for spoken in value.spoken:
                    self._add(vocabulary.read(spoken), (kind.name, value.id, rank))
        self._telling = {kind.name: self._tell(kind) for kind in phrases.types.values()}
        self._longest = max(map(len, self._by_words), default=0)

    def _tell(self, kind: SlotType) -> dict[frozenset[str], tuple[str, int]]:
        found: dict[frozenset[str], tuple[str, int]] = {}
        for rank, value in enumerate(kind.values):
            for spoken in value.spoken:
                telling = frozenset(self._vocabulary.read(spoken)) - self._vocabulary.light
                if len(telling) > 1:
                    found.setdefault(telling, (value.id, rank))
        return found

    def _add(self, words: Tokens, meaning: tuple[str, str, int]) -> None:
        known = self._by_words.setdefault(words, [])
        if all(kind != meaning[0] for kind, _, _ in known):
            known.append(meaning)

    @property
    def words(self) -> frozenset[str]:
        """Every word of every value."""
        return frozenset(word for words in self._by_words for word in words)

    def spans(self, tokens: Tokens) -> list[Span]:
        """Every value said, numbers included."""
        return [*self._values(tokens), *self._numbers(tokens)]

    def _values(self, tokens: Tokens) -> Iterator[Span]:
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + self._longest) + 1):
                for kind, value_id, rank in self._by_words.get(tokens[start:end], ()):
                    heard = HeardSlot(" ".join(tokens[start:end]), value_id)
                    yield Span(start, end, kind, heard, rank)

    def _numbers(self, tokens: Tokens) -> Iterator[Span]:
        for start, end, value in self._vocabulary.numbers_in(tokens):
            heard = HeardSlot(" ".join(tokens[start:end]), value=value)
            yield Span(start, end, NUMBER, heard)

    def scattered(self, tokens: Tokens, type_name: str) -> Iterator[Span]:
        """Values of a type whose telling words, two or more, are said in any order and apart."""
        said = frozenset(tokens)
        for words, (value_id, rank) in self._telling[type_name].items():
            if words <= said:
                places = [at for at, token in enumerate(tokens) if token in words]
                heard = HeardSlot(" ".join(tokens[at] for at in places), value_id)
                yield Span(places[0], places[-1] + 1, type_name, heard, rank)

    def variants(self, tokens: Tokens) -> Iterator[Variant]:
        """The utterance as said, then with one value replaced, then with two of different types."""
        yield Variant(tokens)
        spans = self.spans(tokens)
        for span in spans:
            yield replace(tokens, (span,))
        for pair in combinations(sorted(spans, key=lambda span: span.start), 2):
            if pair[0].type != pair[1].type and not pair[0].overlaps(pair[1]):
                yield replace(tokens, pair)


def replace(tokens: Tokens, spans: tuple[Span, ...]) -> Variant:
    """The reading with these spans, in order and apart, as slots."""
    result: list[str] = []
    at = 0
    for span in spans:
        result += [*tokens[at : span.start], slot_token(span.type)]
        at = span.end
    return Variant((*result, *tokens[at:]), spans)


def slots_of(variant: Variant, slots: Mapping[str, str]) -> dict[str, HeardSlot]:
    """The reading's values by slot name, given the intent's slot types."""
    names = {type_name: name for name, type_name in slots.items()}
    return {names[span.type]: span.heard for span in variant.spans if span.type in names}
