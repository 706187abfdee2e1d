"""The host's name, and the addresses it leads to."""

import ipaddress
import socket
from dataclasses import dataclass

from skill.commands.checks.finding import Finding
from skill.commands.checks.line import told
from skill.commands.checks.together import together
from skill.package.endpoint import Endpoint

PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Known:
    """leads: whether the name leads to any address."""

    finding: Finding
    leads: bool


def dns(endpoint: Endpoint) -> Known:
    """Whether Amazon finds the host by its name."""
    (found,) = together([lambda: _addresses(endpoint.host)], PATIENCE_S)
    if found is None:
        return Known(Finding.unsure("name", f"{endpoint.host}: no name server answers", "try again"), False)
    if isinstance(found, OSError):
        what = f"{endpoint.host} leads nowhere: {told(found)}"
        return Known(Finding.wrong("name", what, _record(endpoint.host)), False)
    leads = f"{endpoint.host} is {', '.join(found)}"
    closed = [each for each in found if not ipaddress.ip_address(each.partition("%")[0]).is_global]
    if closed:
        what = f"{leads}; {closed[0]} cannot be reached from the internet"
        return Known(Finding.wrong("name", what, _record(endpoint.host)), True)
    return Known(Finding("name", leads), True)


def _record(host: str) -> str:
    return f"at your DNS provider, let {host} lead to the public address of this host (A, or AAAA)"


def _addresses(host: str) -> list[str] | OSError:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    return sorted({str(each[4][0]) for each in found})
