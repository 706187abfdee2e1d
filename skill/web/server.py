"""Serving an application with gunicorn, in this process."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger

from skill.web import STORE
from skill.web.hosts import with_port
from skill.web.worker import STOP_S, Worker

KEEPALIVE_S = 75
"""How long an idle connection is kept. Longer than a proxy keeps it: else a request of the proxy's may meet
our hanging up, and is lost."""

THREADS = 256
CONNECTIONS = 512
"""At a time, those that are idle among them, which take no thread. With what else is open they stay within
the 1,024 files that a process usually may open."""


class Server(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads: docs/operations.md tells why so.

    A turn waits for the disk, never for another turn. A player that is paused keeps its thread until it goes
    on or goes away: there are more threads than a household has players. A proxy that buffers frees them.
    """

    def __init__(self, make_app: Callable[[], Flask], host: str, port: int) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": with_port(host, port),
            "workers": 1,
            "worker_class": Worker,
            "threads": THREADS,
            "worker_connections": CONNECTIONS,
            "keepalive": KEEPALIVE_S,
            "limit_request_fields": 64,
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "accesslog": None,
            "errorlog": None,
            "logger_class": _Log,
            "loglevel": "warning",
            "graceful_timeout": round(STOP_S),
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Called by gunicorn in its worker, as threads and connections outlive no fork."""
        return self._make_app()

    def run(self) -> None:
        """Serve until a signal ends it."""
        _Master(self).run()

    def close(self) -> None:
        """Called in the worker, at its end: close the store."""
        self.wsgi().extensions[STORE].close()


class _Master(Arbiter):  # type: ignore[misc]
    """Stops when its terminal is closed. Nothing is reloaded, and there is one worker at all times."""

    def handle_hup(self) -> None:
        """Called by gunicorn for SIGHUP."""
        self.handle_term()

    def handle_ttin(self) -> None:
        """Called by gunicorn for SIGTTIN: no second worker, whose metrics would be hidden."""

    def handle_usr2(self) -> None:
        """Called by gunicorn for SIGUSR2: no second master."""


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's lines go where all others go."""

    def setup(self, cfg: Config) -> None:
        """Called by gunicorn."""
        super().setup(cfg)
        self.error_log.propagate = True
