"""What Amazon meets when it asks the host, from its name to its answers, and what sends it there."""

from collections.abc import Iterator
from pathlib import Path

from skill.commands.checks.addresses import addresses
from skill.commands.checks.certificate import Clock, certificate
from skill.commands.checks.dns import dns
from skill.commands.checks.finding import Finding
from skill.commands.checks.line import PATIENCE_S, PORTS, Ports
from skill.commands.checks.package import package
from skill.commands.checks.webhook import webhook
from skill.package.endpoint import Endpoint


def outside(
    endpoint: Endpoint,
    folder: Path,
    skill: str,
    clock: Clock,
    patience_s: float = PATIENCE_S,
    ports: Ports = PORTS,
) -> Iterator[Finding]:
    """Each finding, as soon as it is there. What cannot be asked before another thing is mended is not.

    endpoint: no function. folder: of the skill. skill: its id; "" for any. patience_s: for one connection.
    """
    known = dns(endpoint)
    yield known.finding
    served = certificate(endpoint, clock, patience_s, ports.tls) if known.addresses else None
    if served:
        yield from served.findings
        yield from addresses(known.addresses, ports.tls, patience_s)
    if served and served.trusted:
        yield from webhook(endpoint, skill, clock, patience_s, ports)
    else:
        yield Finding.unsure("endpoint", "not asked yet: mend what is above first")
    yield package(folder, endpoint, served.wildcard if served and served.trusted else None)
