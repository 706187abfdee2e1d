"""Loopback: what only this machine can reach, unless a web page is tricked into reaching it."""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, abort, request


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def only_on_loopback(app: Flask) -> None:
    """Serve loopback names only: any other name that leads here is a web page's trick (DNS rebinding)."""

    @app.before_request
    def check() -> None:
        if not is_loopback(_name(request.host)):
            abort(400)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
