"""The sample closest to an utterance that matches none exactly.

A word counts by how few intents use it; two word sets are as close as the weight they share.
Words that decide ("stop", "not") must stand on both sides or on neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz

from skill.understanding.samples import Sample
from skill.understanding.slot_values import Variant
from skill.understanding.vocabulary import Tokens, Vocabulary

LIGHT = 0.12
UNKNOWN = 1.0
CLOSE_BY_LITTLE = 0.8


@dataclass(frozen=True)
class Match:
    """A sample and how close it is: 1 is the same words."""

    score: float
    sample: Sample
    variant: Variant


class Nearest:
    """An index of the samples by word."""

    def __init__(self, samples: Iterable[Sample], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._samples = list(samples)
        self._bags = [self._bag(sample.tokens) for sample in self._samples]
        self._weights = self._weigh()
        self._sizes = [sum(self._weights[word] for word in bag) for bag in self._bags]
        self._deciding = [self._decisive(bag) for bag in self._bags]
        self._with_word = defaultdict(list)
        for at, bag in enumerate(self._bags):
            for word in bag:
                if self._weights[word] > LIGHT:
                    self._with_word[word].append(at)

    _with_word: defaultdict[str, list[int]]

    def _bag(self, tokens: Tokens) -> frozenset[str]:
        same = self._vocabulary.same
        return frozenset(same.get(token, token) for token in tokens)

    def _decisive(self, bag: frozenset[str]) -> frozenset[str]:
        slots = {word for word in bag if word.startswith("{")}
        return (bag & (self._vocabulary.decisive | self._vocabulary.alarms)) | slots

    def _weigh(self) -> dict[str, float]:
        users: defaultdict[str, set[str]] = defaultdict(set)
        for sample, bag in zip(self._samples, self._bags, strict=True):
            for word in bag:
                users[word].add(sample.intent.name)
        top = log(1 + len({sample.intent.name for sample in self._samples}))
        weights = {word: log(1 + 35 / len(names)) / top for word, names in users.items()}
        return weights | dict.fromkeys(self._vocabulary.light, LIGHT)

    def find(self, variants: Iterable[Variant]) -> list[Match]:
        """The best match of each intent, the closest first."""
        best: dict[str, Match] = {}
        for variant in variants:
            least = self._least(variant)
            for match in self._matches(variant):
                if match.score < least:
                    continue
                known = best.get(match.sample.intent.name)
                if known is None or match.score > known.score:
                    best[match.sample.intent.name] = match
        return sorted(best.values(), key=lambda match: -match.score)

    def _least(self, variant: Variant) -> float:
        brief = any(span.type in self._vocabulary.brief for span in variant.spans)
        return CLOSE_BY_LITTLE if brief else 0

    def _matches(self, variant: Variant) -> list[Match]:
        bag = self._bag(variant.tokens)
        size = sum(self._weights.get(word, UNKNOWN) for word in bag)
        deciding = self._decisive(bag)
        near = {at for word in bag for at in self._with_word.get(word, ())}
        scored = [
            (2 * self._shared(bag, at) / (size + self._sizes[at]), at)
            for at in near
            if self._deciding[at] == deciding and self._share_a_word(bag, at)
        ]
        scored.sort(reverse=True)
        return [self._match(variant, score, at) for score, at in scored[:12]]

    def _share_a_word(self, bag: frozenset[str], at: int) -> bool:
        """Whether something besides slots and light words is common, or a slot says enough."""
        light = self._vocabulary.light
        mine, theirs = bag - light, self._bags[at] - light
        common = mine & theirs
        if all(word.startswith("{") for word in common):
            return False
        return len(common) > 1 or mine == theirs

    def _shared(self, bag: frozenset[str], at: int) -> float:
        return sum(self._weights[word] for word in bag & self._bags[at])

    def _match(self, variant: Variant, score: float, at: int) -> Match:
        sample = self._samples[at]
        order = fuzz.ratio(" ".join(variant.tokens), " ".join(sample.tokens)) / 100
        return Match(0.85 * score + 0.15 * order, sample, variant)
