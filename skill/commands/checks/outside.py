"""What Amazon meets when it asks the host, from its name to its answers, and what sends it there."""

from collections.abc import Iterator
from pathlib import Path

from skill.commands.checks.certificate import Clock, certificate
from skill.commands.checks.finding import Finding
from skill.commands.checks.line import PATIENCE_S
from skill.commands.checks.name import name
from skill.commands.checks.target import Target
from skill.commands.checks.uploaded import uploaded
from skill.commands.checks.webhook import webhook
from skill.package.endpoint import Endpoint


def outside(
    target: Target,
    endpoint: Endpoint,
    package: Path,
    skill: str,
    clock: Clock,
    patience_s: float = PATIENCE_S,
) -> Iterator[Finding]:
    """Each finding, as soon as it is there. What cannot be asked before another thing is mended is not.

    package: the folder of the skill package. skill: its id; "" for any. patience_s: for one connection.
    """
    known = name(target)
    yield known.finding
    served = certificate(target, clock, patience_s) if known.leads else None
    if served:
        yield from served.findings
    if served and served.trusted:
        yield from webhook(target, skill, clock, patience_s)
    else:
        yield Finding.unsure("endpoint", "not asked yet: mend what is above first")
    yield uploaded(package, endpoint, served.wildcard if served and served.trusted else None)
