"""All that is said in one language, as the coach uses it."""

from collections.abc import Mapping
from dataclasses import dataclass

from skill.routine.routine import Routine
from skill.routine.schema import ContentError, Table
from skill.routine.script import check_placeholders, parse_script
from skill.routine.words import Words


@dataclass(frozen=True, slots=True)
class Region:
    """Whom to call, and words that differ, in one part of the world.

    emergency, department: for life and limb. urgent: for advice the same day. physio: who treats backs.
    """

    emergency: str
    department: str
    urgent: str
    physio: str


@dataclass(frozen=True, slots=True)
class Safety:
    """Signs by tier (1 emergency, 2 same day, 0 unclear: ask), and kinds of pain (3 stop, 4 ease off)."""

    signs: Mapping[str, int]
    pains: Mapping[str, int]


@dataclass(frozen=True, eq=False, slots=True)
class Content:
    """One language: its routines, lines, regions and safety rules."""

    language: str
    routines: Mapping[str, Routine]
    words: Words
    lines: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, Region]
    safety: Safety
    help: Mapping[str, tuple[str, ...]]

    def routine(self, routine_id: str) -> Routine:
        """The routine called `routine_id`. Raises ContentError naming those there are."""
        if routine_id not in self.routines:
            allowed = ", ".join(self.routines)
            raise ContentError("routines", routine_id, f"no such routine; allowed: {allowed}")
        return self.routines[routine_id]

    def region(self, locale: str) -> Region:
        """The region of `locale`; the one named `other` where it is unknown."""
        return self.regions.get(locale, self.regions["other"])


_IN_LINES = (
    *("here", "left", "stretch", "stretches", "hold", "whole", "next", "count", "of", "today", "days"),
    *("least", "most", "seconds", "side", "examples"),
    *Region.__dataclass_fields__,
)
"""The placeholders that lines may have; which line has which, the lines of English show."""


def parse_lines(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Each line's variants, by name. Raises ContentError."""
    return {key: tuple(_line(table, key, text) for text in table.texts(key)) for key in table.values}


def _line(table: Table, key: str, text: str) -> str:
    try:
        check_placeholders(text, _IN_LINES)
        parse_script(text)
    except ValueError as wrong:
        raise table.error(key, str(wrong)) from None
    return text


def parse_regions(table: Table) -> Mapping[str, Region]:
    """The regions by locale. Raises ContentError."""
    if "other" not in table.values:
        raise table.error("other", "missing; the region of an unknown locale is needed")
    return {locale: _region(region) for locale, region in table.tables().items()}


def _region(table: Table) -> Region:
    table.only(Region.__dataclass_fields__)
    return Region(**{key: table.text(key) for key in Region.__dataclass_fields__})


def parse_safety(table: Table) -> Safety:
    """The tiers of signs and pains. Raises ContentError."""
    table.only({"signs", "pains"})
    signs, pains = table.table("signs"), table.table("pains")
    return Safety(
        signs={sign: signs.integer(sign, 0, 2) for sign in signs.values},
        pains={pain: pains.integer(pain, 3, 4) for pain in pains.values},
    )
