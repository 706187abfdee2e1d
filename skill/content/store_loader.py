"""Reads the skill store texts of one language from the package."""

import tomllib
from functools import cache
from importlib.resources import files

from skill.content.store_page import StorePage


@cache
def load_store_page(language: str = "en") -> StorePage:
    """The store texts of a language."""
    text = files("skill").joinpath("content", language, "store.toml").read_text("utf-8")
    return StorePage.parse(tomllib.loads(text))
