"""Putting right a slip of the keyboard, when it can only mean one known word."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from skill.understanding.vocabulary import Tokens

_SHORTEST = 4
_LONG = 6


class Typos:
    """Knows the words of the samples and slot values."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = frozenset(words)
        self._list = sorted(self._known)

    def corrected(self, tokens: Tokens) -> Tokens:
        """The words, each unknown one replaced by the one known word it is a slip of."""
        return tuple(token if token in self._known else self._correct(token) for token in tokens)

    def _correct(self, token: str) -> str:
        if len(token) < _SHORTEST or not token.isalpha():
            return token
        near = process.extract(token, self._list, scorer=OSA.distance, score_cutoff=1, limit=5)
        likely = [word for word, _, _ in near if _is_slip(token, word)]
        return likely[0] if len(likely) == 1 else token


def _is_slip(token: str, word: str) -> bool:
    """Short words differ by one letter too easily: there only swapped letters count."""
    swapped = sorted(token) == sorted(word)
    return token[0] == word[0] and (swapped or min(len(token), len(word) + 1) >= _LONG)
