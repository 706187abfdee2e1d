"""What the skill store says about the skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class StorePage:
    """The texts of one language."""

    name: str
    invocation_name: str
    summary: str
    description: str
    testing_instructions: str
    example_phrases: tuple[str, ...]
    keywords: tuple[str, ...]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> StorePage:
        """From a parsed store.toml; the error names what is missing or unknown."""
        names = {known.name for known in fields(cls)}
        if wrong := names ^ set(document):
            raise ValueError(
                f"store.toml: missing or unknown: {', '.join(sorted(wrong))}; "
                f"it holds exactly {', '.join(sorted(names))}"
            )
        return cls(**{name: _value(name, document[name]) for name in names})


def _value(name: str, value: object) -> str | tuple[str, ...]:
    listed = name in ("example_phrases", "keywords")
    texts = value if listed else [value]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"store.toml: {name}: must be {'a list of texts' if listed else 'a text'}")
    stripped = tuple(text.strip() for text in texts)
    return stripped if listed else stripped[0]
