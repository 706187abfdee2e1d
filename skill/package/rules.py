"""Amazon's rules for what a caller gives a skill package: its names, and where its privacy policy stands.

An `Endpoint` holds those for the address; what is ours in a package is held to the rest by tests/package.
"""

import re
from collections.abc import Iterator

from skill.package.package import Package

_LAUNCH = {
    *("ask", "tell", "open", "launch", "start", "enable", "begin", "use", "load", "run", "resume", "play"),
    *("alexa", "amazon", "echo", "computer", "skill", "app"),
}
"""What opens skills, and what wakes or names the device."""
_SMALL = {"the", "a", "an", "for", "to", "of", "in", "on", "by", "with"}
_LONGEST = 50
"""Characters of a name, as of an invocation name."""


def problems(package: Package) -> list[str]:
    """Why Amazon would refuse `package`; [] if nothing is known against it."""
    return list(_problems(package))


def _problems(package: Package) -> Iterator[str]:
    page = next(iter(package.pages.values()))
    if not 2 <= (length := len(page.name.strip())) <= _LONGEST:
        yield f"name has {length} characters; allowed: 2 to {_LONGEST}"
    if wrong := _invocation_problem(page.invocation_name):
        yield f"the invocation name is {page.invocation_name!r}: {wrong}"
    url = package.privacy_url
    if url and not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", url):
        yield f"the privacy policy is at {url!r}; allowed: an https:// address"


def _invocation_problem(name: str) -> str:
    words = name.split()
    barred = sorted(_LAUNCH.intersection(words))
    if not re.fullmatch(r"[a-z][a-z'.]*( [a-z][a-z'.]*)*", name):
        return "small letters from a to z, apostrophes, full stops, and one space between words are allowed"
    if len(words) < 2 or len(name) > _LONGEST:
        return f"two words or more are allowed, of {_LONGEST} characters at most"
    if barred:
        return f"{barred[0]!r} belongs to Alexa; other words are allowed"
    if len(words) == 2 and _SMALL.intersection(words):
        return f"of two words, none may be {', '.join(sorted(_SMALL))}"
    return ""
