"""Pain and warning signs, wherever in an utterance they are said."""

from __future__ import annotations

from collections.abc import Iterable

from skill.speaker.slot_values import Span
from skill.speaker.vocabulary import Tokens, Vocabulary

PAIN = "Pain"
SIGN = "Sign"
_REACH = 4


class Alarms:
    """Tells a complaint from a denial, a question and a what-if."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    def sign(self, tokens: Tokens, spans: Iterable[Span]) -> Span | None:
        """The gravest warning sign that is said to be there."""
        return _gravest(span for span in spans if span.type == SIGN and self._holds(tokens, span))

    def pain(self, tokens: Tokens, spans: Iterable[Span]) -> Span | None:
        """The gravest pain that is said to be there."""
        return _gravest(span for span in spans if span.type == PAIN and self._hurts(tokens, span))

    def _hurts(self, tokens: Tokens, span: Span) -> bool:
        over = not self._words.endings.isdisjoint(tokens[span.end :])
        return self._holds(tokens, span) and not over and not self._asked(tokens, span)

    def _asked(self, tokens: Tokens, span: Span) -> bool:
        """Whether it is a question or a what-if: "does this hurt", "what if it hurts"."""
        words = self._words
        if not words.hypotheses.isdisjoint(tokens[: span.start]):
            return tokens[0] in words.questions | words.hypotheses
        if tokens[0] not in words.questions:
            return False
        if not words.complaints.isdisjoint(tokens[span.start : span.end]):
            return words.persons.isdisjoint(tokens) and tokens[0] not in words.modals
        return words.persons.isdisjoint(tokens) or not words.modals.isdisjoint(tokens)

    def _holds(self, tokens: Tokens, span: Span) -> bool:
        """Whether no "not" reaches the words: it does not in "I don't know, it hurts"."""
        words = self._words
        for place in range(span.start - 1, max(-1, span.start - 1 - _REACH), -1):
            token = tokens[place]
            if token in words.negations:
                return False
            if token in words.denials:
                between = tokens[place + 1 : span.start]
                return not all(word in words.fillers for word in between)
            if token in words.restarts and (place == 0 or tokens[place - 1] not in words.opinions):
                return True
        return True


def _gravest(spans: Iterable[Span]) -> Span | None:
    return min(spans, key=lambda span: (span.rank, span.start - span.end), default=None)
