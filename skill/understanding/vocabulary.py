"""Words of a language as the speaker reads them: spelling, numbers, politeness, negation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

Tokens = tuple[str, ...]
_WORD = re.compile(r"[a-z0-9]+")
_BREAK = re.compile(r"[,.;:!?]|\s[-–—]\s")
_IS = re.compile(r"\b([a-z]+)'s\b")
_APOSTROPHES = re.compile(r"['’‘`´]")


def split(text: str) -> Tokens:
    """Lower-case words without punctuation; an apostrophe joins its word: don't is dont."""
    return tuple(_WORD.findall(_APOSTROPHES.sub("", text.lower())))


def is_number(token: str) -> bool:
    """Whether the word is a number in digits."""
    return token.isdigit()


@dataclass(frozen=True)
class Vocabulary:
    """The word lists of a language; every entry is already split."""

    openers: frozenset[Tokens]
    closers: frozenset[Tokens]
    spellings: Mapping[Tokens, Tokens]
    same: Mapping[str, str]
    numbers: Mapping[Tokens, int]
    light: frozenset[str]
    questions: frozenset[str]
    hypotheses: frozenset[str]
    modals: frozenset[str]
    contractions: frozenset[str]
    complaints: frozenset[str]
    persons: frozenset[str]
    negations: frozenset[str]
    denials: frozenset[str]
    fillers: frozenset[str]
    restarts: frozenset[str]
    opinions: frozenset[str]
    endings: frozenset[str]
    others: frozenset[str]
    brief: frozenset[str]
    vague: frozenset[Tokens]
    decisive: frozenset[str]
    alarms: frozenset[str]
    heads: Mapping[str, frozenset[str]]
    alone: Mapping[str, str]

    @classmethod
    def parse(cls, words: Mapping[str, object]) -> Vocabulary:
        """From the words file of a language."""
        lists = {
            name: frozenset(cast(Iterable[str], words.get(name, ())))
            for name in cls.__dataclass_fields__
            if name not in ("openers", "closers", "spellings", "same", "numbers", "heads", "alone", "vague")
        }
        numbers = cast(Mapping[str, int], words.get("numbers", {}))
        spellings = cast(Mapping[str, str], words.get("spellings", {}))
        heads = cast(Mapping[str, Iterable[str]], words.get("heads", {}))
        return cls(
            openers=_phrases(words.get("openers", ())),
            closers=_phrases(words.get("closers", ())),
            spellings={split(said): split(meant) for said, meant in spellings.items()},
            same=cast(Mapping[str, str], words.get("same", {})),
            numbers={split(said): number for said, number in numbers.items()},
            heads={kind: frozenset(found) for kind, found in heads.items()},
            vague=_phrases(words.get("vague", ())),
            alone=cast(Mapping[str, str], words.get("alone", {})),
            **lists,
        )

    def all(self) -> frozenset[str]:
        """Every word the lists know."""
        phrases = (*self.openers, *self.closers, *self.spellings, *self.numbers)
        single = (self.questions, self.negations, self.alarms, self.endings, self.light)
        return frozenset(word for words in (*phrases, *single) for word in words)

    def read(self, text: str) -> Tokens:
        """The words of an utterance in one spelling, a word said twice running kept once."""
        text = _APOSTROPHES.sub("'", text.lower())
        tokens = self._respell(split(_IS.sub(self._is, text) if "'" in text else text))
        if len(set(tokens)) == len(tokens):
            return tokens
        return tuple(
            token
            for at, token in enumerate(tokens)
            if at == 0 or token != tokens[at - 1] or (token,) in self.numbers
        )

    def _is(self, found: re.Match[str]) -> str:
        joined = found[1] + "s"
        return joined if joined in self.contractions else f"{found[1]} is"

    def clauses(self, text: str) -> list[Tokens]:
        """The parts of an utterance between its punctuation marks."""
        return [tokens for part in _BREAK.split(text) if (tokens := self.read(part))]

    @cached_property
    def _respelt(self) -> frozenset[str]:
        return frozenset(said[0] for said in self.spellings)

    def _respell(self, tokens: Tokens) -> Tokens:
        result: list[str] = []
        at = 0
        while at < len(tokens):
            length = 0
            if tokens[at] in self._respelt:
                length = next((n for n in (3, 2, 1) if tokens[at : at + n] in self.spellings), 0)
            result += self.spellings[tokens[at : at + length]] if length else (tokens[at],)
            at += length or 1
        return tuple(result)

    def cores(self, tokens: Tokens) -> Iterator[Tokens]:
        """The words as said, then without politeness, one phrase less each time."""
        seen = {tokens}
        waiting = [tokens]
        for core in waiting:
            yield core
            shorter = [core[n:] for n in _leading(core, self.openers)]
            shorter += [core[:-n] for n in _trailing(core, self.closers)]
            for tail in shorter:
                if tail not in seen:
                    seen.add(tail)
                    waiting.append(tail)

    def against(self, tokens: Tokens) -> frozenset[str]:
        """The words that deny something."""
        return (self.negations | self.denials).intersection(tokens)

    def core(self, tokens: Tokens) -> Tokens:
        """The words without any politeness, but with every "not" and "no"."""
        kept = self.against(tokens)
        return min((core for core in self.cores(tokens) if self.against(core) == kept), key=len)

    def numbers_in(self, tokens: Tokens) -> Iterator[tuple[int, int, int]]:
        """Every (start, end, value) that reads as a number, the longest at each start."""
        for start in range(len(tokens)):
            end, value = self._number(tokens, start)
            if end > start:
                yield start, end, value

    def _number(self, tokens: Tokens, start: int) -> tuple[int, int]:
        if is_number(tokens[start]) and len(tokens[start]) < 5:
            return start + 1, int(tokens[start])
        length = next((n for n in (3, 2, 1) if tokens[start : start + n] in self.numbers), 0)
        if not length:
            return start, 0
        end, value = start + length, self.numbers[tokens[start : start + length]]
        if value >= 20 and end < len(tokens):
            after = end + (tokens[end] == "and" and end + 1 < len(tokens))
            more = self.numbers.get(tokens[after : after + 1], 0)
            if 0 < more < (10 if value < 100 else 100):
                deeper, rest = self._number(tokens, after)
                return deeper, value + rest
        return end, value


def _phrases(texts: object) -> frozenset[Tokens]:
    return frozenset(split(text) for text in cast(Iterable[str], texts))


def _leading(core: Tokens, phrases: frozenset[Tokens]) -> Iterator[int]:
    return (n for n in range(min(5, len(core) - 1), 0, -1) if core[:n] in phrases)


def _trailing(core: Tokens, phrases: frozenset[Tokens]) -> Iterator[int]:
    return (n for n in range(min(4, len(core) - 1), 0, -1) if core[-n:] in phrases)
