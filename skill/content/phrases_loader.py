"""Reads the phrases of one language from the package."""

import tomllib
from functools import cache
from importlib.resources import files

from skill.content.phrases import Phrases, parse_phrases


@cache
def load_phrases(language: str = "en") -> Phrases:
    """The phrases of a language; each file is one family of intents."""
    folder = files("skill").joinpath("content", language, "phrases")
    found = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return parse_phrases(
        {entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8")) for entry in found}
    )
