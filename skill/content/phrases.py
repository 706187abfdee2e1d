"""What people say, as data: intents, their sample phrases and slot values. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

NUMBER = "AMAZON.NUMBER"
FALLBACK = "AMAZON.FallbackIntent"
TYPES_FILE = "types"
WORDS_FILE = "words"

_INTENT_KEYS = ("samples", "help", "slots")
_VALUE_KEYS = ("name", "synonyms")
_PART = re.compile(r"[\[\]()|]|[^\[\]()|]+")
_SLOT = re.compile(r"\{(\w+)\}")


class PhrasesError(ValueError):
    """A phrases file says something it must not; the message names file, key and what is allowed."""


@dataclass(frozen=True)
class SlotValue:
    """One meaning of a slot: its id, its spoken name and the other ways to say it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()

    @property
    def spoken(self) -> tuple[str, ...]:
        """Every way to say it, the name first."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True)
class SlotType:
    """The values a slot may take."""

    name: str
    values: tuple[SlotValue, ...]


@dataclass(frozen=True)
class Intent:
    """Something a person may want, and how they say it."""

    name: str
    family: str
    samples: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    help: str = ""

    @property
    def is_builtin(self) -> bool:
        """Whether Amazon defines it: such an intent takes no slots and hears exact samples only."""
        return self.name.startswith("AMAZON.")

    @cached_property
    def expanded(self) -> tuple[str, ...]:
        """The samples written out, each once; slots stay as {name}."""
        return unique(flat for sample in self.samples for flat in expand(sample))


@dataclass(frozen=True)
class Phrases:
    """Everything that can be said in one language."""

    intents: Mapping[str, Intent]
    types: Mapping[str, SlotType]
    words: Mapping[str, object] = field(default_factory=dict)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in their order, each once."""
    return tuple(dict.fromkeys(texts))


def slot_names(sample: str) -> list[str]:
    """The slots a sample names, in order."""
    return _SLOT.findall(sample)


def expand(template: str) -> Iterator[str]:
    """Write out a template: [may be left out], (one|or the other); {slot} stays as it is."""
    parts = _PART.findall(template)
    found, rest = _alternatives(parts, template)
    if rest:
        raise PhrasesError(f"unbalanced brackets in {template!r}")
    for text in found:
        yield " ".join(text.split())


def _alternatives(parts: list[str], template: str) -> tuple[list[str], list[str]]:
    done: list[str] = []
    current = [""]
    while parts and parts[0] not in ")]":
        part, parts = parts[0], parts[1:]
        if part == "|":
            done, current = done + current, [""]
            continue
        choices = [part]
        if part in "([":
            choices, parts = _group(part, parts, template)
        current = [left + right for left in current for right in choices]
    return done + current, parts


def _group(opening: str, parts: list[str], template: str) -> tuple[list[str], list[str]]:
    choices, rest = _alternatives(parts, template)
    if not rest or rest[0] != {"(": ")", "[": "]"}[opening]:
        raise PhrasesError(f"unbalanced brackets in {template!r}")
    return choices + ([""] if opening == "[" else []), rest[1:]


def parse_phrases(documents: Mapping[str, Mapping[str, object]]) -> Phrases:
    """Build the phrases from parsed files, keyed by file name without its ending."""
    types = {name: _slot_type(name, body) for name, body in documents.get(TYPES_FILE, {}).items()}
    intents: dict[str, Intent] = {}
    for family, document in documents.items():
        if family in (TYPES_FILE, WORDS_FILE):
            continue
        for name, body in document.items():
            if name in intents:
                raise _error(family, name, f"already defined in {intents[name].family}.toml")
            intents[name] = _intent(family, name, body, types)
    return Phrases(intents, types, documents.get(WORDS_FILE, {}))


def _intent(family: str, name: str, body: object, types: Mapping[str, SlotType]) -> Intent:
    table = _table(family, name, body, _INTENT_KEYS)
    samples = _texts(family, f"{name}.samples", table.get("samples", []))
    slots = _slots(family, name, table.get("slots", {}), types)
    help_phrase = table.get("help", "")
    if not isinstance(help_phrase, str):
        raise _error(family, f"{name}.help", "must be a text")
    intent = Intent(name, family, samples, slots, help_phrase)
    _check_samples(intent)
    return intent


def _check_samples(intent: Intent) -> None:
    where = f"{intent.name}.samples"
    if intent.is_builtin and intent.slots:
        raise _error(intent.family, f"{intent.name}.slots", "a built-in intent takes no slots")
    try:
        used = {slot for sample in intent.expanded for slot in slot_names(sample)}
    except PhrasesError as error:
        raise _error(intent.family, where, str(error)) from None
    if strange := used - set(intent.slots):
        allowed = ", ".join(intent.slots) or "none"
        raise _error(intent.family, where, f"unknown slot {', '.join(sorted(strange))}; allowed: {allowed}")


def _slots(family: str, name: str, body: object, types: Mapping[str, SlotType]) -> Mapping[str, str]:
    if not isinstance(body, Mapping):
        raise _error(family, f"{name}.slots", "must be a table of slot = type")
    known = (*types, NUMBER)
    for slot, type_name in body.items():
        if type_name not in known:
            raise _error(
                family,
                f"{name}.slots.{slot}",
                f"unknown type {type_name!r}; allowed: {', '.join(known)}",
            )
    return dict(body)


def _slot_type(name: str, body: object) -> SlotType:
    if not isinstance(body, Mapping) or not body:
        raise _error(TYPES_FILE, name, "must be a table of values")
    return SlotType(name, tuple(_value(name, key, value) for key, value in body.items()))


def _value(type_name: str, value_id: str, body: object) -> SlotValue:
    where = f"{type_name}.{value_id}"
    table = _table(TYPES_FILE, where, body, _VALUE_KEYS)
    name = table.get("name")
    if not isinstance(name, str):
        raise _error(TYPES_FILE, f"{where}.name", "must be a text")
    synonyms = _texts(TYPES_FILE, f"{where}.synonyms", table.get("synonyms", []))
    flat = unique(text for synonym in synonyms for text in expand(synonym))
    return SlotValue(value_id, name, tuple(text for text in flat if text != name))


def _table(family: str, key: str, body: object, allowed: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(body, Mapping):
        raise _error(family, key, f"must be a table with {', '.join(allowed)}")
    if strange := set(body) - set(allowed):
        raise _error(family, key, f"unknown key {', '.join(sorted(strange))}; allowed: {', '.join(allowed)}")
    return body


def _texts(family: str, key: str, body: object) -> tuple[str, ...]:
    if not isinstance(body, list) or not all(isinstance(text, str) for text in body):
        raise _error(family, key, "must be a list of texts")
    return tuple(body)


def _error(family: str, key: str, message: str) -> PhrasesError:
    return PhrasesError(f"{family}.toml: {key}: {message}")
