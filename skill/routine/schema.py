"""Reading hand-written tables: a wrong value names the file, the key and what is allowed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


class ContentError(ValueError):
    """A content file that cannot be used. The message says which file, which key and what is allowed."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}")
        self.file, self.key, self.problem = file, key, problem


@dataclass(frozen=True)
class Table:
    """One table of a content file, read key by key."""

    file: str
    values: Mapping[str, object]
    path: str = ""

    def error(self, key: str, problem: str) -> ContentError:
        """An error about `key` of this table."""
        return ContentError(self.file, self.path + key, problem)

    def only(self, allowed: Collection[str]) -> None:
        """Refuse every key outside `allowed`: a misspelt key must not be passed over."""
        for key in self.values:
            if key not in allowed:
                raise self.error(key, f"unknown; allowed: {', '.join(sorted(allowed))}")

    def _value(self, key: str, wanted: str) -> object:
        if key not in self.values:
            raise self.error(key, f"missing; {wanted} is needed")
        return self.values[key]

    def table(self, key: str) -> "Table":
        """The table under `key`."""
        value = self._value(key, "a table")
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Table(self.file, value, f"{self.path}{key}.")

    def tables(self) -> dict[str, "Table"]:
        """Every value of this table, each of which must be a table."""
        return {key: self.table(key) for key in self.values}

    def text(self, key: str) -> str:
        """The text under `key`; it must not be blank."""
        value = self._value(key, "text")
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be text that is not blank")
        return " ".join(value.split())

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """The text under `key`, one of `allowed`."""
        value = self._value(key, f"one of {', '.join(allowed)}")
        if value not in allowed:
            raise self.error(key, f"is {value!r}; allowed: {', '.join(allowed)}")
        return str(value)

    def integer(self, key: str, least: int, most: int) -> int:
        """The whole number under `key`, from `least` to `most`."""
        value = self._value(key, f"a whole number from {least} to {most}")
        if type(value) is not int or not least <= value <= most:
            raise self.error(key, f"is {value!r}; allowed: whole numbers from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        """The true or false under `key`."""
        value = self._value(key, "true or false")
        if not isinstance(value, bool):
            raise self.error(key, f"is {value!r}; allowed: true, false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`, at least one; a single text counts as a list of one."""
        value = self._value(key, "a list of texts")
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str) and item.strip() for item in items):
            raise self.error(key, "must be a text or a list of texts, none of them blank")
        return tuple(" ".join(str(item).split()) for item in items)

    def integers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """The list of whole numbers under `key`, each from `least` to `most`."""
        value = self._value(key, "a list of whole numbers")
        if not isinstance(value, list) or not all(
            type(item) is int and least <= item <= most for item in value
        ):
            raise self.error(key, f"must be a list of whole numbers from {least} to {most}")
        return tuple(value)
