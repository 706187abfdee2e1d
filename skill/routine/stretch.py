"""A stretch: its dose and its lines, as read from `content/<language>/stretches/<id>.toml`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from skill.routine.schema import Table
from skill.routine.script import Say, Script, check_placeholders, parse_script

LONGEST_HOLD_S = 120
MOST_REPETITIONS = 60


class Sides(StrEnum):
    """Which sides a stretch is done on, and in which order."""

    LEFT_THEN_RIGHT = "left then right"
    RIGHT_THEN_LEFT = "right then left"
    CHOSEN_LEG = "chosen leg"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Range:
    """A dose a person may change: the usual value and the least and most allowed."""

    usual: int
    least: int
    most: int

    def __contains__(self, value: int) -> bool:
        return self.least <= value <= self.most

    def clamp(self, value: int) -> int:
        """The allowed value nearest to `value`."""
        return min(max(value, self.least), self.most)


@dataclass(frozen=True, slots=True)
class Dose:
    """How a stretch is done: sides, seconds of each hold, repetitions a side."""

    sides: Sides
    hold_s: Range
    repetitions: Range


@dataclass(frozen=True, slots=True)
class MiddleCue:
    """A cue in the middle of a hold of at least `from_s` seconds; no repetitions means every one."""

    text: str
    from_s: int
    repetitions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearEndCue:
    """A cue that ends when `left_s` seconds of a hold of at least `from_s` are left."""

    text: str
    from_s: int
    left_s: int


@dataclass(frozen=True, slots=True)
class Lines:
    """What is said in a stretch. Placeholders: see the TOML files."""

    title: str
    setup: Script
    setup_each_side: bool
    into: Script
    into_again: Script
    into_last: Script
    hold: str
    hold_again: str
    middle: tuple[MiddleCue, ...]
    near_end: NearEndCue | None
    release: Script
    release_again: Script
    rest: Script
    switch: Script
    side_done: str
    reminder: Script
    let_go: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a routine. `side_name` names a side of it, "" where it has none."""

    id: str
    name: str
    number: str
    side_name: str
    side_short: str
    why: str
    how: str
    dose: Dose
    lines: Lines


_STRETCH_KEYS = {"name", "number", "side_name", "side_short", "why", "how", "dose", "say"}
_LINE_KEYS = {*Lines.__dataclass_fields__}
_SIDES = ("side", "other")
_PLACEHOLDERS = (*_SIDES, "hold", "repetition", "repetitions")
_FEWER_PLACEHOLDERS = {"reminder": _SIDES, "let_go": _SIDES, "side_done": ("side", "repetitions")}
"""These are spoken outside a plan too, where less is known."""
_REGION_WORDS = ("emergency", "department", "urgent", "physio")
_Parsed = TypeVar("_Parsed")


def parse_stretch(stretch_id: str, table: Table) -> Stretch:
    """The stretch that `table` describes. Raises ContentError."""
    table.only(_STRETCH_KEYS)
    dose = _dose(table.table("dose"))
    sided = dose.sides is not Sides.NONE
    return Stretch(
        id=stretch_id,
        name=table.text("name"),
        number=table.text("number"),
        side_name=_checked(table, "side_name", str, ("side",)) if sided else "",
        side_short=_checked(table, "side_short", str, ("side",)) if sided else "",
        why=_checked(table, "why", str, _REGION_WORDS),
        how=_checked(table, "how", str, _REGION_WORDS),
        dose=dose,
        lines=_lines(table.table("say"), sided),
    )


def _dose(table: Table) -> Dose:
    table.only(Dose.__dataclass_fields__.keys() - {"hold_s"} | {"hold_seconds"})
    return Dose(
        sides=Sides(table.choice("sides", [sides.value for sides in Sides])),
        hold_s=_range(table.table("hold_seconds"), LONGEST_HOLD_S),
        repetitions=_range(table.table("repetitions"), MOST_REPETITIONS),
    )


def _range(table: Table, most: int) -> Range:
    table.only(Range.__dataclass_fields__)
    least = table.integer("least", 1, most)
    greatest = table.integer("most", least, most)
    return Range(table.integer("usual", least, greatest), least, greatest)


def _lines(table: Table, sided: bool) -> Lines:
    table.only(_LINE_KEYS)

    def allowed(key: str) -> tuple[str, ...]:
        names = _FEWER_PLACEHOLDERS.get(key, _PLACEHOLDERS)
        return tuple(name for name in names if sided or name not in _SIDES)

    def script(key: str, otherwise: str = "") -> Script:
        key = key if key in table.values or not otherwise else otherwise
        return _checked(table, key, parse_script, allowed(key))

    def line(key: str) -> str:
        return _checked(table, key, _words, allowed(key))

    return Lines(
        title=line("title"),
        setup=script("setup"),
        setup_each_side=table.flag("setup_each_side"),
        into=script("into"),
        into_again=script("into_again"),
        into_last=script("into_last", "into_again"),
        hold=line("hold"),
        hold_again=line("hold_again" if "hold_again" in table.values else "hold"),
        middle=_middle_cues(table, allowed("middle")),
        near_end=_near_end(table, allowed("near_end")),
        release=script("release"),
        release_again=script("release_again", "release"),
        rest=script("rest"),
        switch=script("switch") if sided else (),
        side_done=line("side_done"),
        reminder=script("reminder"),
        let_go=line("let_go"),
    )


def _checked(
    table: Table, key: str, parse: Callable[[str], _Parsed], placeholders: tuple[str, ...]
) -> _Parsed:
    """The line under `key`, refused where a bracket or a {placeholder} is unknown."""
    text = table.text(key)
    try:
        check_placeholders(text, placeholders)
        parse_script(text)
        return parse(text)
    except ValueError as wrong:
        raise table.error(key, str(wrong)) from None


def _words(text: str) -> str:
    """`text` where it is said in one go. Raises ValueError for a pause in it."""
    if parse_script(text) != (Say(text),):
        raise ValueError("is said in one go; no pauses allowed here")
    return text


def _middle_cues(table: Table, placeholders: tuple[str, ...]) -> tuple[MiddleCue, ...]:
    cues = table.values.get("middle", [])
    if not isinstance(cues, list) or not all(isinstance(cue, dict) for cue in cues):
        raise table.error("middle", "must be tables, each headed [[say.middle]]")
    return tuple(_middle_cue(Table(table.file, cue, f"{table.path}middle."), placeholders) for cue in cues)


def _middle_cue(table: Table, placeholders: tuple[str, ...]) -> MiddleCue:
    table.only({"text", "from_seconds", "repetitions"})
    return MiddleCue(
        text=_checked(table, "text", _words, placeholders),
        from_s=table.integer("from_seconds", 1, LONGEST_HOLD_S),
        repetitions=table.integers("repetitions", 1, MOST_REPETITIONS)
        if "repetitions" in table.values
        else (),
    )


def _near_end(table: Table, placeholders: tuple[str, ...]) -> NearEndCue | None:
    if "near_end" not in table.values:
        return None
    cue = table.table("near_end")
    cue.only({"text", "from_seconds", "left_seconds"})
    left_s = cue.integer("left_seconds", 1, LONGEST_HOLD_S - 1)
    return NearEndCue(
        text=_checked(cue, "text", _words, placeholders),
        from_s=cue.integer("from_seconds", left_s + 1, LONGEST_HOLD_S),
        left_s=left_s,
    )
