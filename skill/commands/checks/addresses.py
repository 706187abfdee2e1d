"""The port at each address of the host: Amazon may choose any of them."""

import errno
import socket
from collections.abc import Sequence
from functools import partial
from typing import Literal

from skill.commands.checks.finding import Finding
from skill.commands.checks.line import told
from skill.commands.checks.together import together

_NO_WAY = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""What a machine says of every address of a kind that it has none of, as of IPv6."""


def addresses(found: Sequence[str], port: int, patience_s: float) -> list[Finding]:
    """The addresses at which the port is dead, where it is open at others.

    found: all that the name leads to. patience_s: for each of them.
    """
    tries = [partial(_tried, each, port, patience_s) for each in found]
    replies = together(tries, patience_s * (len(found) + 1))
    dead = [(each, reply) for each, reply in zip(found, replies, strict=True) if reply is not True]
    if len(dead) == len(found):
        return []
    return [_finding(each, port, reply or TimeoutError()) for each, reply in dead]


def _tried(address: str, port: int, patience_s: float) -> OSError | Literal[True]:
    try:
        socket.create_connection((address, port), patience_s).close()
    except OSError as error:
        return error
    return True


def _finding(address: str, port: int, error: OSError) -> Finding:
    what = f"{port} at {address}: {told(error)}"
    if error.errno in _NO_WAY:
        return Finding.unsure("port", what, "ask from a network that has such addresses")
    mend = f"let the proxy answer at {address}, too, or take that record (A or AAAA) out of your DNS"
    return Finding.wrong("port", what, mend)
