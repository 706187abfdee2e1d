"""The names that a server is asked for: one of somebody else's is a web page's trick (DNS rebinding)."""

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, abort, request


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def nearby(host: str) -> Callable[[str], bool]:
    """Tells addresses, `host` and the names of this machine from the names that anybody may choose."""
    own = socket.gethostname().lower()
    short = own.partition(".")[0]
    names = {"localhost", own, short, f"{short}.local", host.lower()}

    def is_nearby(asked: str) -> bool:
        return asked in names or _is_address(asked)

    return is_nearby


def only_under(app: Flask, served: Callable[[str], bool], blueprint: str = "") -> None:
    """Answer 400 to who asks `app`, or that blueprint of it, under a name, in small letters, not `served`."""

    @app.before_request
    def check() -> None:
        if blueprint in ("", request.blueprint) and not served(_name(request.host)):
            abort(400)


def with_port(host: str, port: int) -> str:
    """Both, as URLs have them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
