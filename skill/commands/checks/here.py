"""What this host has, and what it lacks: the store, the files, the recordings, the skill's id, the clock."""

import re
from collections.abc import Iterator

from skill.commands.checks.certificate import Clock
from skill.commands.checks.clock import clock
from skill.commands.checks.finding import Finding
from skill.commands.checks.permissions import permissions
from skill.commands.checks.store import store
from skill.commands.clips import library_of, texts_to_record
from skill.config import Config

_SKILL = re.compile(r"amzn1\.ask\.skill\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SET = "set SCIATICA_SKILL_ID to what ask deploy told, and start the webhook again"


def here(config: Config, now: Clock) -> Iterator[Finding]:
    """Each finding, as soon as it is there."""
    yield from store(config)
    yield from permissions(config)
    yield recordings(config)
    yield skill_id(config)
    yield from clock(now)


def recordings(config: Config) -> Finding:
    """Whether all that Alexa's devices play are made. None need be; some alone are a build that broke off."""
    library, texts = library_of(config.voice, config), texts_to_record(config)
    missing = len(library.missing(texts))
    if missing or not library.snapshot.has_sounds:
        what = f"{missing} of {len(texts)} texts are" if missing else "the sounds are"
        found = f"{what} not recorded by {config.voice}"
        mend = f"sciatica-coach audio build --voice {config.voice}"
        if config.url and missing < len(texts):
            return Finding.wrong("recordings", found, mend)
        return Finding.unsure("recordings", found, f"if you want them: {mend}")
    return Finding("recordings", f"all {len(texts)} texts, by {config.voice}")


def skill_id(config: Config) -> Finding:
    """Whether the webhook answers one skill alone."""
    if not config.skill_id:
        return Finding.wrong("skill", "any skill of anybody's may use this webhook", _SET)
    if not _SKILL.fullmatch(config.skill_id):
        what = f"{config.skill_id} is no skill's id; allowed: amzn1.ask.skill. and a UUID"
        return Finding.wrong("skill", what, _SET)
    return Finding("skill", config.skill_id)
