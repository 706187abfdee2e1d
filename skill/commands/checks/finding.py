"""One thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands with it."""

    WELL = "well"
    WRONG = "wrong"
    UNSURE = "could not tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """what: in a word. found: what was seen. mend: the one thing to do about it; "" where nothing is."""

    what: str
    found: str
    mend: str = ""
    verdict: Verdict = Verdict.WELL

    @classmethod
    def wrong(cls, what: str, found: str, mend: str) -> "Finding":
        """A cross."""
        return cls(what, found, mend, Verdict.WRONG)

    @classmethod
    def unsure(cls, what: str, found: str, mend: str = "") -> "Finding":
        """Neither tick nor cross: it could not be looked at."""
        return cls(what, found, mend, Verdict.UNSURE)
