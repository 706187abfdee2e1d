"""From what was said to what is meant: exact samples first, then alarms, then the nearest sample.

Being wrong about pain or about stopping is worse than not understanding, so an utterance is
taken for one of these only when nothing in it speaks against it, and is never taken for
something else while it speaks of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from skill.content.phrases import Phrases
from skill.content.phrases_loader import load_phrases
from skill.understanding.alarms import SIGN, Alarms
from skill.understanding.heard import NOTHING, Heard, HeardSlot
from skill.understanding.nearest import Match, Nearest
from skill.understanding.samples import Samples
from skill.understanding.slot_values import SlotValues, Span, Variant, replace, slots_of
from skill.understanding.typos import Typos
from skill.understanding.vocabulary import Tokens, Vocabulary

PAIN_INTENT = "PainIntent"
RED_FLAG_INTENT = "RedFlagIntent"
SAFETY = frozenset({PAIN_INTENT, RED_FLAG_INTENT})
YES = "AMAZON.YesIntent"
EXACT = SAFETY | {YES}
QUIET = frozenset(
    {"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.PauseIntent", "AMAZON.NavigateHomeIntent"}
)
LONG = 40
LONGEST = 400
CLOSE = 0.65
CLOSE_TO_QUIET = 0.75


class Recogniser:
    """Understands one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._words = Vocabulary.parse(phrases.words)
        self._values = SlotValues(phrases, self._words)
        self._samples = Samples(phrases, self._words)
        samples = self._samples.all()
        self._nearest = Nearest([s for s in samples if s.intent.name not in EXACT], self._words)
        self._alarms = Alarms(self._words)
        self._said = frozenset(token for sample in samples for token in sample.tokens)
        self._typos = Typos(self._said | self._values.words | self._words.all())

    def understand(self, text: str) -> Heard:
        """What an utterance means; AMAZON.FallbackIntent if that is not clear."""
        tokens = self._words.read(text)[:LONGEST]
        if not tokens:
            return NOTHING
        corrected = self._typos.corrected(tokens)
        if len(tokens) > LONG:
            return self._alarm(corrected) or NOTHING
        return (
            self._exact(tokens)
            or self._exact(corrected)
            or self._alarm(self._words.core(corrected))
            or self._clause(text)
            or self._close(corrected)
            or self._unknown_value(corrected)
            or NOTHING
        )

    def _exact(self, tokens: Tokens) -> Heard | None:
        for core in self._words.cores(tokens):
            # "No, stop" is a command; "no hamstring" is none.
            # Nor is "can I delete them" a yes, or "no, sure".
            denied = self._words.against(tokens) - self._words.against(core)
            asked = tokens[0] in self._words.questions and tokens[0] != core[0]
            found = [
                (sample, variant)
                for variant in self._values.variants(core)
                if (sample := self._samples.get(variant))
                and not (denied and sample.begins_with_value)
                and not (sample.intent.name == YES and (denied or asked))
            ]
            if found:
                sample, variant = min(found, key=lambda pair: len(pair[1].spans))
                return Heard(sample.intent.name, slots_of(variant, sample.intent.slots))
        return None

    def _alarm(self, core: Tokens) -> Heard | None:
        spans = self._values.spans(core)
        pieces = [span for span in self._values.scattered(core, SIGN) if self._alarms.is_stated(core, span)]
        if sign := self._alarms.sign(core, [*spans, *pieces]):
            return Heard(RED_FLAG_INTENT, {"sign": sign.heard})
        if pain := self._alarms.pain(core, spans):
            return Heard(PAIN_INTENT, {"pain": pain.heard})
        return None

    def _clause(self, text: str) -> Heard | None:
        """The one thing meant by a clause, when the others mean nothing: "I'm bored, next"."""
        clauses = self._words.clauses(text)
        found = [heard for clause in clauses if (heard := self._exact(clause))]
        if len(clauses) < 2 or len({heard.intent for heard in found}) != 1:
            return None
        return found[-1]

    def _close(self, tokens: Tokens) -> Heard | None:
        matches = self._nearest.find(self._values.variants(self._words.core(tokens)))
        if not matches or not self._is_clear(matches[0], tokens):
            return None
        sample, variant = matches[0].sample, matches[0].variant
        return Heard(sample.intent.name, slots_of(variant, sample.intent.slots))

    def _is_clear(self, match: Match, tokens: Tokens) -> bool:
        if match.sample.intent.name not in QUIET:
            return match.score >= CLOSE
        doubt = self._words.questions.intersection(tokens[:1]) | self._words.against(tokens)
        return match.score >= CLOSE_TO_QUIET and not doubt

    def _unknown_value(self, tokens: Tokens) -> Heard | None:
        for core in self._words.cores(tokens):
            for variant in self._open_variants(core):
                if sample := self._samples.get(variant):
                    return Heard(sample.intent.name, slots_of(variant, sample.intent.slots))
        return None

    def _open_variants(self, tokens: Tokens) -> Iterator[Variant]:
        for kind, heads in self._words.heads.items():
            for at, token in enumerate(tokens[:-1]):
                if token not in self._said and tokens[at + 1] in heads:
                    yield replace(tokens, (Span(at, at + 1, kind, HeardSlot(token)),))


@cache
def recogniser(language: str) -> Recogniser:
    """The recogniser of a language, built at first use."""
    return Recogniser(load_phrases(language))


def understand(text: str, language: str = "en") -> Heard:
    """What an utterance means, in the language's phrases."""
    return recogniser(language).understand(text)
