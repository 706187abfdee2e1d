"""Pain and warning signs, wherever in an utterance they are said."""

from __future__ import annotations

from collections.abc import Iterable

from skill.understanding.slot_values import Span
from skill.understanding.vocabulary import Tokens, Vocabulary

PAIN = "Pain"
SIGN = "Sign"
_REACH = 4


class Alarms:
    """Tells a complaint from a denial, a question and a what-if."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    def sign(self, tokens: Tokens, spans: Iterable[Span]) -> Span | None:
        """The gravest warning sign that is said to be there."""
        return self._gravest(s for s in spans if s.type == SIGN and self._holds(tokens, s))

    def is_stated(self, tokens: Tokens, span: Span) -> bool:
        """Whether nothing around a sign said in pieces denies it, asks or tells of others."""
        words = self._words
        rest = frozenset(tokens) - frozenset(span.heard.spoken.split())
        against = words.negations | words.denials | words.others | words.hypotheses
        return rest.isdisjoint(against) and tokens[0] not in words.questions

    def pain(self, tokens: Tokens, spans: Iterable[Span]) -> Span | None:
        """The gravest pain that is said to be there."""
        return self._gravest(s for s in spans if s.type == PAIN and self._hurts(tokens, s))

    def _hurts(self, tokens: Tokens, span: Span) -> bool:
        over = not self._words.endings.isdisjoint(tokens[span.end : span.end + _REACH])
        return self._holds(tokens, span) and not over and not self._asked(tokens, span)

    def _asked(self, tokens: Tokens, span: Span) -> bool:
        """Whether it is a question or a what-if: "does this hurt", "what if it hurts"."""
        words = self._words
        asking = words.questions | words.hypotheses
        complains = not words.complaints.isdisjoint(tokens[span.start : span.end])
        if complains and span.start and tokens[span.start - 1] in words.restarts:
            return span.start > 1 and tokens[span.start - 2] in asking
        if tokens[0] not in asking:
            return False
        return words.persons.isdisjoint(tokens) or not words.modals.isdisjoint(tokens)

    def _holds(self, tokens: Tokens, span: Span) -> bool:
        """Whether no "not" reaches the words: it does not in "I don't know, it hurts"."""
        words = self._words
        for place in range(span.start - 1, max(-1, span.start - 1 - _REACH), -1):
            token = tokens[place]
            if token in words.negations or token in words.others:
                return False
            if token in words.denials:
                between = tokens[place + 1 : span.start]
                return not all(word in words.fillers for word in between)
            if token in words.restarts and (place == 0 or tokens[place - 1] not in words.opinions):
                return True
        return True

    def _gravest(self, spans: Iterable[Span]) -> Span | None:
        said = [span for span in spans if tuple(span.heard.spoken.split()) not in self._words.vague]
        whole = [span for span in said if not any(span.is_within(other) for other in said)]
        return min(whole, key=lambda span: (span.rank, span.start - span.end), default=None)
