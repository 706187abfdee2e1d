"""Serving an application with gunicorn, in this process."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class Server(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads.

    A turn waits for the disk, never for another turn. A player that is paused keeps its thread until it goes
    on or goes away: there are more threads than a household has players. A proxy that buffers frees them.
    """

    def __init__(self, make_app: Callable[[], Flask], host: str, port: int) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 256,
            "accesslog": None,
            "loglevel": "warning",
            "graceful_timeout": 3,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Called by gunicorn in its worker."""
        return self._make_app()
