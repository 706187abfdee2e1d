"""The one skill that may use the webhook."""

import re

from skill.commands.checks.finding import Finding
from skill.config import Config

_FORM = re.compile(r"amzn1\.ask\.skill\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SET = "set SCIATICA_SKILL_ID to what ask deploy told, and start the webhook again"


def skill_id(config: Config) -> Finding:
    """Whether it is set, and looks like one."""
    if not config.skill_id:
        return Finding.wrong("skill", "any skill of anybody's may use this webhook", _SET)
    if not _FORM.fullmatch(config.skill_id):
        what = f"{config.skill_id} is no skill's id; allowed: amzn1.ask.skill. and a UUID"
        return Finding.wrong("skill", what, _SET)
    return Finding("skill", config.skill_id)
