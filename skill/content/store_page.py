"""What the skill store says about the skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


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
        return cls(
            name=_text(document, "name"),
            invocation_name=_text(document, "invocation_name"),
            summary=_text(document, "summary"),
            description=_text(document, "description"),
            testing_instructions=_text(document, "testing_instructions"),
            example_phrases=_texts(document, "example_phrases"),
            keywords=_texts(document, "keywords"),
        )

    def called(self, name: str, invocation_name: str) -> StorePage:
        """The same page of a skill that is called otherwise."""

        def swapped(text: str) -> str:
            return text.replace(self.invocation_name, invocation_name)

        return replace(
            self,
            name=name,
            invocation_name=invocation_name,
            description=swapped(self.description),
            testing_instructions=swapped(self.testing_instructions),
            example_phrases=tuple(map(swapped, self.example_phrases)),
        )


def _text(document: Mapping[str, object], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise ValueError(f"store.toml: {name}: must be a text")
    return value.strip()


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = document[name]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"store.toml: {name}: must be a list of texts")
    return tuple(value)
