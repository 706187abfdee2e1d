"""The utterances of tests/phrases beside what they must mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from skill.content.phrases import NUMBER, Intent
from skill.content.phrases_loader import load_phrases
from skill.understanding.heard import to_json
from skill.understanding.understand import understand
from skill.understanding.vocabulary import split

FOLDER = Path(__file__).parent / "phrases"
UNSEEN = "unseen"
STRICT = ("near_misses", "safety")


@dataclass(frozen=True)
class Case:
    """One utterance, the file it stands in, and its meaning as plain data."""

    file: str
    text: str
    intent: str
    slots: Mapping[str, object]

    @property
    def passes(self) -> bool:
        """Whether it is understood as it must be."""
        return self.heard == {"intent": self.intent, "slots": dict(self.slots)}

    @property
    def heard(self) -> dict[str, object]:
        """What it is understood as."""
        return to_json(understand(self.text))


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every file."""
    return tuple(case for path in sorted(FOLDER.glob("*.yaml")) for case in _read(path))


def _read(path: Path) -> list[Case]:
    entries = yaml.safe_load(path.read_text("utf-8"))
    return [
        Case(path.stem, str(text), entry["intent"], entry.get("slots", {}))
        for entry in entries
        for text in entry["say"]
    ]


@cache
def written_out() -> Mapping[str, str]:
    """Every sample with its slots filled, apostrophes and all, to its intent.

    With two slots in a sample, one takes every value while the other keeps its first.
    """
    return {
        " ".join(split(text)): intent.name
        for intent in load_phrases().intents.values()
        for text in filled(intent)
    }


def filled(intent: Intent) -> list[str]:
    """The samples of an intent with values in place of slots."""
    values = {name: slot_words(kind) for name, kind in intent.slots.items()}
    return [text for sample in intent.expanded for text in _fill(sample, values)]


def _fill(sample: str, values: Mapping[str, list[str]]) -> list[str]:
    used = [name for name in values if "{" + name + "}" in sample]
    if not used:
        return [sample]
    return [
        _put(sample, {other: values[other][0] for other in used} | {name: value})
        for name in used
        for value in values[name]
    ]


def _put(sample: str, chosen: Mapping[str, str]) -> str:
    for name, value in chosen.items():
        sample = sample.replace("{" + name + "}", value)
    return sample


def slot_words(kind: str) -> list[str]:
    """The ways to say a value of a slot type; a few numbers stand for all."""
    if kind == NUMBER:
        return ["ten", "fifteen", "10", "15", "30"]
    return [text for value in load_phrases().types[kind].values for text in value.spoken]
