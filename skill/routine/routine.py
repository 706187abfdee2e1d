"""A routine: stretches in an order, with a way down to the floor and a way up again."""

from collections.abc import Mapping
from dataclasses import dataclass

from skill.routine.schema import Table
from skill.routine.script import Script, check_placeholders, parse_script
from skill.routine.stretch import Stretch

_KEYS = {"name", "stretches", "getting_down", "getting_down_brief", "getting_up"}


@dataclass(frozen=True, eq=False, slots=True)
class Routine:
    """A routine, as read from `content/<language>/routines/<id>.toml`."""

    id: str
    name: str
    stretches: tuple[Stretch, ...]
    getting_down: Script
    getting_down_brief: Script
    getting_up: Script

    def stretch(self, stretch_id: str) -> Stretch:
        """The stretch called `stretch_id`. Raises KeyError."""
        for stretch in self.stretches:
            if stretch.id == stretch_id:
                return stretch
        raise KeyError(stretch_id)


def parse_routine(routine_id: str, table: Table, stretches: Mapping[str, Stretch]) -> Routine:
    """The routine that `table` describes, made of `stretches`. Raises ContentError."""
    table.only(_KEYS)
    return Routine(
        id=routine_id,
        name=table.text("name"),
        stretches=_chosen(table, stretches),
        getting_down=_script(table, "getting_down"),
        getting_down_brief=_script(table, "getting_down_brief"),
        getting_up=_script(table, "getting_up"),
    )


def _chosen(table: Table, stretches: Mapping[str, Stretch]) -> tuple[Stretch, ...]:
    names = table.texts("stretches")
    for name in names:
        if name not in stretches:
            raise table.error("stretches", f"has {name!r}; allowed: {', '.join(sorted(stretches))}")
    if len(set(names)) < len(names):
        raise table.error("stretches", "names a stretch twice; use repetitions for that")
    return tuple(stretches[name] for name in names)


def _script(table: Table, key: str) -> Script:
    text = table.text(key)
    try:
        check_placeholders(text, ())
        return parse_script(text)
    except ValueError as wrong:
        raise table.error(key, str(wrong)) from None
