"""The words that open the skill, and Amazon's rules for them."""

import re

_LAUNCH = {
    *("ask", "tell", "open", "launch", "start", "enable", "begin", "use", "load", "run", "resume", "play"),
    *("alexa", "amazon", "echo", "computer", "skill", "app"),
}
"""What opens skills, and what wakes or names the device."""
_SMALL = {"the", "a", "an", "for", "to", "of", "in", "on", "by", "with"}
_LONGEST = 50


def invocation_problem(name: str) -> str:
    """Why Amazon would refuse `name`; "" if nothing is known against it."""
    words = name.split()
    barred = sorted(_LAUNCH.intersection(words))
    if not re.fullmatch(r"[a-z][a-z'.]*( [a-z][a-z'.]*)*", name):
        return "small letters from a to z, apostrophes, full stops, and one space between words are allowed"
    if not 2 <= len(name) <= _LONGEST or len(words) < 2:
        return f"two words or more are allowed, of {_LONGEST} characters at most"
    if barred:
        return f"{barred[0]!r} belongs to Alexa; other words are allowed"
    if len(words) == 2 and _SMALL.intersection(words):
        return f"of two words, none may be {', '.join(sorted(_SMALL))}"
    return ""
