"""What people say: the phrases themselves, and how well they are understood."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest
from hassil.parse_expression import parse_sentence

from skill.content.phrases import FALLBACK, NUMBER, Intent, PhrasesError, expand, parse_phrases, slot_names
from skill.content.phrases_loader import load_phrases
from skill.understanding.understand import understand
from skill.understanding.vocabulary import split
from tests.understanding.phrase_cases import STRICT, UNSEEN, Case, cases, filled, written_out

PHRASES = load_phrases()
INTENTS = list(PHRASES.intents.values())
SPOKEN = [intent for intent in INTENTS if intent.name != FALLBACK]
SAFETY = {"PainIntent", "RedFlagIntent"}
QUIET = {"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.PauseIntent"}
SAID_OFTEN = {
    "AMAZON.NextIntent",
    "AMAZON.PauseIntent",
    "AMAZON.ResumeIntent",
    "AMAZON.RepeatIntent",
    "TimeLeftIntent",
    "StretchIntent",
}
TRIVIAL = re.compile(r"\b(please|the|a|an|it|this|that|now)\b")
SAMPLE = re.compile(r"(?:[a-z'. ]|\{[a-z_]+\})+")
VALUES = [
    (kind.name, value.id, spoken)
    for kind in PHRASES.types.values()
    for value in kind.values
    for spoken in value.spoken
]
by_name = pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
spoken_by_name = pytest.mark.parametrize("intent", SPOKEN, ids=lambda intent: intent.name)


def is_absent(case: Case) -> bool:
    """Whether no sample, written out with slot values, has these words."""
    return " ".join(split(case.text)) not in written_out()


def accuracy(chosen: Iterable[Case]) -> tuple[float, list[Case]]:
    every = list(chosen)
    wrong = [case for case in every if not case.passes]
    return 1 - len(wrong) / len(every), wrong


# The utterances


def test_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [case for case in cases() if case.file != UNSEEN]
    groups = {
        "sample": [case for case in seen if not is_absent(case)],
        "absent": [case for case in seen if is_absent(case)],
        "unseen": [case for case in cases() if case.file == UNSEEN and is_absent(case)],
    }
    results = {name: accuracy(group) for name, group in groups.items()}
    with capsys.disabled():
        for name, (rate, wrong) in results.items():
            print(f"\n{name}: {rate:.1%} of {len(groups[name])} utterances understood", end="")
            for case in wrong:
                print(f"\n  {case.text!r} must be {case.intent} {case.slots}, was {case.heard}", end="")
    assert results["sample"][0] == 1
    assert results["absent"][0] >= 0.99
    assert results["unseen"][0] >= 0.88
    assert accuracy(cases())[0] >= 0.97


def test_there_are_enough_utterances_beside_the_samples() -> None:
    assert len(cases()) >= 330
    assert sum(map(is_absent, cases())) / len(cases()) >= 0.40


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.file in STRICT], ids=lambda case: case.text
)
def test_what_must_never_be_confused(case: Case) -> None:
    assert case.heard == {"intent": case.intent, "slots": dict(case.slots)}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.text)
def test_nothing_is_taken_for_stop_pause_or_pain(case: Case) -> None:
    heard = case.heard["intent"]
    if heard in QUIET | SAFETY:
        assert heard == case.intent


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.intent in SAFETY | QUIET], ids=lambda case: case.text
)
def test_stop_pause_and_pain_are_never_taken_for_something_else(case: Case) -> None:
    assert case.heard["intent"] in {case.intent, FALLBACK}


@by_name
def test_every_intent_has_utterances(intent: Intent) -> None:
    assert [case for case in cases() if case.intent == intent.name]


def test_no_utterance_stands_twice() -> None:
    counted = Counter(" ".join(split(case.text)) for case in cases())
    assert [text for text, count in counted.items() if count > 1] == []


# The samples


@by_name
def test_every_intent_has_samples(intent: Intent) -> None:
    assert intent.expanded


@spoken_by_name
def test_every_help_phrase_means_its_intent(intent: Intent) -> None:
    assert understand(intent.help).intent == intent.name
    assert " ".join(split(intent.help)) in written_out()


@by_name
def test_samples_are_written_as_alexa_wants_them(intent: Intent) -> None:
    assert [text for text in intent.expanded if not SAMPLE.fullmatch(text)] == []


@by_name
def test_no_sample_is_only_a_slot_but_the_side(intent: Intent) -> None:
    bare = [text for text in intent.expanded if re.fullmatch(r"\{\w+\}", text)]
    assert bare == (["{side}"] if intent.name == "SideIntent" else [])


@by_name
def test_slots_are_used_once_each_and_all(intent: Intent) -> None:
    used = [slot_names(text) for text in intent.expanded]
    assert {name for names in used for name in names} == set(intent.slots)
    assert all(len(names) == len(set(names)) for names in used)


def test_no_two_intents_share_a_sample() -> None:
    owners = defaultdict(set)
    for intent in INTENTS:
        for text in filled(intent):
            owners[" ".join(split(text))].add(intent.name)
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", sorted(SAID_OFTEN))
def test_what_is_said_often_can_be_said_in_twenty_ways(name: str) -> None:
    samples = PHRASES.intents[name].expanded
    different = {" ".join(TRIVIAL.sub(" ", text).split()) for text in samples}
    assert len(different) >= 20


def test_samples_are_understood_as_written() -> None:
    wrong = [
        (text, intent.name, understand(text).intent)
        for intent in INTENTS
        for text in intent.expanded
        if "{" not in text and understand(text).intent != intent.name
    ]
    assert wrong == []


def test_templates_are_hassil_syntax() -> None:
    for intent in INTENTS:
        for sample in intent.samples:
            parse_sentence(sample)


# The slot values


@pytest.mark.parametrize("type_name", PHRASES.types)
def test_every_value_resolves_from_each_of_its_synonyms(type_name: str) -> None:
    intent, slot = next(
        (found, name)
        for found in INTENTS
        for name, kind in found.slots.items()
        if kind == type_name and any(slot_names(text) == [name] for text in found.expanded)
    )
    texts = [text for text in intent.expanded if slot_names(text) == [slot]]
    for kind, value_id, spoken in VALUES:
        if kind == type_name:
            heard = [understand(text.replace("{" + slot + "}", spoken)) for text in texts[:40]]
            found = {one.slots[slot].id for one in heard if slot in one.slots}
            assert value_id in found, (spoken, found)


def test_no_two_values_of_a_type_share_a_synonym() -> None:
    counted = Counter((kind, " ".join(split(spoken))) for kind, _, spoken in VALUES)
    assert [entry for entry, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("type_name", ["Stretch", "Side", "Pain", "Sign", "Flow", "Talk", "Pace"])
def test_every_value_has_an_utterance(type_name: str) -> None:
    said = {value for case in cases() for value in case.slots.values()}
    assert {value.id for value in PHRASES.types[type_name].values} <= said


# Reading the files


def test_templates_are_written_out() -> None:
    assert list(expand("[please] (go|jump) to [the] {stretch}")) == [
        "please go to the {stretch}",
        "please go to {stretch}",
        "please jump to the {stretch}",
        "please jump to {stretch}",
        "go to the {stretch}",
        "go to {stretch}",
        "jump to the {stretch}",
        "jump to {stretch}",
    ]
    assert list(expand("a (b|c [d|e])")) == ["a b", "a c d", "a c e", "a c"]


@pytest.mark.parametrize("template", ["(a", "a)", "[a", "a]", "(a]", "[a|(b]"])
def test_unbalanced_brackets_are_refused(template: str) -> None:
    with pytest.raises(PhrasesError, match="unbalanced"):
        list(expand(template))


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ({"a": {"X": {"sample": []}}}, r"a\.toml: X: unknown key sample; allowed: samples, help"),
        ({"a": {"X": {"samples": "hello"}}}, r"a\.toml: X\.samples: must be a list of texts"),
        ({"a": {"X": []}}, r"a\.toml: X: must be a table"),
        ({"a": {"X": {"help": 1}}}, r"a\.toml: X\.help: must be a text"),
        ({"a": {"X": {"samples": ["{y}"]}}}, r"X\.samples: unknown slot y; allowed: none"),
        ({"a": {"X": {"samples": ["(y"]}}}, r"X\.samples: unbalanced brackets in '\(y'"),
        ({"a": {"X": {"slots": {"y": "Z"}}}}, r"X\.slots\.y: unknown type 'Z'; allowed: AMAZON"),
        ({"a": {"X": {"slots": ["y"]}}}, r"X\.slots: must be a table"),
        ({"a": {"AMAZON.X": {"slots": {"y": NUMBER}}}}, "a built-in intent takes no slots"),
        ({"a": {"X": {}}, "b": {"X": {}}}, r"b\.toml: X: already defined in a\.toml"),
        ({"types": {"Z": {}}}, r"types\.toml: Z: must be a table of values"),
        ({"types": {"Z": {"v": {"names": ""}}}}, r"types\.toml: Z\.v: unknown key names"),
        ({"types": {"Z": {"v": {}}}}, r"types\.toml: Z\.v\.name: must be a text"),
    ],
)
def test_errors_name_file_and_key(documents: dict[str, dict[str, object]], message: str) -> None:
    with pytest.raises(PhrasesError, match=message):
        parse_phrases(documents)
