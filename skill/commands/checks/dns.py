"""The host's name, and the addresses it leads to."""

import ipaddress
import socket
from dataclasses import dataclass

from skill.commands.checks.finding import Finding
from skill.commands.checks.line import told
from skill.commands.checks.together import together
from skill.package.endpoint import Endpoint

PATIENCE_S = 5.0

_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""What a tunnel calls its machines among themselves."""


@dataclass(frozen=True, slots=True)
class Known:
    """addresses: where the name leads to; () for nowhere."""

    finding: Finding
    addresses: tuple[str, ...] = ()


def dns(endpoint: Endpoint) -> Known:
    """Whether Amazon finds the host by its name."""
    (found,) = together([lambda: _addresses(endpoint.host)], PATIENCE_S)
    if found is None:
        return Known(Finding.unsure("name", f"{endpoint.host}: no name server answers", "try again"))
    if isinstance(found, OSError):
        what = f"{endpoint.host} leads nowhere: {told(found)}"
        return Known(Finding.wrong("name", what, _record(endpoint.host)))
    leads = f"{endpoint.host} is {', '.join(found)}"
    closed = [each for each in found if not _ip(each).is_global]
    if not closed:
        return Known(Finding("name", leads), tuple(found))
    what = f"{leads}; {closed[0]} cannot be reached from the internet"
    if all(map(_only_here, closed)):
        mend = f"ask from another network: sciatica-coach check --url {endpoint.uri}"
        return Known(Finding.unsure("name", what, mend), tuple(found))
    return Known(Finding.wrong("name", what, _record(endpoint.host)), tuple(found))


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(address.partition("%")[0])


def _only_here(address: str) -> bool:
    """Whether the world may be told another one: it is the host's own in /etc/hosts, or a tunnel's."""
    ip = _ip(address)
    return ip.is_loopback or ip in _SHARED


def _record(host: str) -> str:
    return f"at your DNS provider, let {host} lead to the public address of this host (A, or AAAA)"


def _addresses(host: str) -> list[str] | OSError:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    return sorted({str(each[4][0]) for each in found})
