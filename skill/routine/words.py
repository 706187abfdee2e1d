"""Words a language has for numbers, sides and lengths of time, as read from `words.toml`."""

from dataclasses import dataclass

from skill.routine.schema import Table
from skill.routine.units import DurationMs, Side


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """The small words of a language."""

    numbers: tuple[str, ...]
    sides: dict[Side, str]
    second: str
    seconds: str
    minute: str
    minutes: str
    half: str
    hold: str
    holds: str
    joiner: str

    def number(self, value: int) -> str:
        """`value` in words where the language file has them, else in digits."""
        return self.numbers[value] if 0 <= value < len(self.numbers) else str(value)

    def side(self, side: Side) -> str:
        """The word for `side`."""
        return self.sides[side]

    def length(self, duration: DurationMs) -> str:
        """A length of time as people say it: to the second below two minutes, then to the half minute."""
        whole_s = round(duration / 1000)
        if whole_s < 60:
            return self._counted(whole_s, self.second, self.seconds)
        if whole_s < 120:
            rest = whole_s - 60
            tail = f" {self.joiner} {self._counted(rest, self.second, self.seconds)}" if rest else ""
            return self._counted(1, self.minute, self.minutes) + tail
        halves = round(whole_s / 30)
        tail = f" {self.half}" if halves % 2 else ""
        return f"{self.number(halves // 2)}{tail} {self.minutes}"

    def holds_counted(self, count: int) -> str:
        """So many holds, as in "six holds"."""
        return self._counted(count, self.hold, self.holds)

    def listed(self, items: tuple[str, ...]) -> str:
        """`items` as one list: a, b and c."""
        return f" {self.joiner} ".join(filter(None, (", ".join(items[:-1]), items[-1])))

    def _counted(self, value: int, one: str, many: str) -> str:
        return f"{self.number(value)} {one if value == 1 else many}"


def parse_words(table: Table) -> Words:
    """The words that `table` holds. Raises ContentError."""
    table.only({*Words.__dataclass_fields__})
    sides = table.table("sides")
    sides.only([side.value for side in Side])
    return Words(
        numbers=table.texts("numbers"),
        sides={side: sides.text(side.value) for side in Side},
        **{
            key: table.text(key)
            for key in ("second", "seconds", "minute", "minutes", "half", "hold", "holds")
        },
        joiner=table.text("joiner"),
    )
