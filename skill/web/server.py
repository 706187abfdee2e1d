"""Serving an application with gunicorn, in this process."""

import logging
import socket
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from skill.intents.faults import tells_no_words

PATIENCE_S = 15.0
"""How long a request may take to come in, and a POST to be answered besides."""


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
            "worker_class": Worker,
            "threads": 256,
            "limit_request_fields": 64,
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "accesslog": None,
            "loglevel": "warning",
            "graceful_timeout": 3,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        logging.getLogger("gunicorn.error").addFilter(tells_no_words)
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Called by gunicorn in its worker."""
        return self._make_app()


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own, but no client can keep its threads by being slow to ask.

    What cannot be read as HTTP gets a plain answer that quotes nothing, and no line in the log.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asking: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> object:
        """Called by gunicorn in a thread, for each request on a connection."""
        self._asking[conn] = monotonic() + PATIENCE_S
        try:
            return super().handle(conn)
        finally:
            self._asking.pop(conn, None)

    def handle_request(self, req: Request, conn: TConn) -> object:
        """Called by gunicorn once the headers are there."""
        if req.method in ("GET", "HEAD"):
            self._asking.pop(conn, None)  # Whoever listens may take all day.
        return super().handle_request(req, conn)

    def notify(self) -> None:
        """Called by gunicorn each second, in the main thread: hang up on who took too long."""
        super().notify()
        for conn, until in list(self._asking.items()):
            if monotonic() > until:
                _hang_up(conn.sock)

    def handle_error(self, req: Request | None, client: socket.socket, addr: object, exc: Exception) -> None:
        """Called by gunicorn where something is no request, or its answer failed."""
        ours = HTTPStatus.INTERNAL_SERVER_ERROR
        status = next((status for kind, status in _STATUS.items() if isinstance(exc, kind)), ours)
        if status == ours:
            self.log.error("", exc_info=exc)
        try:
            client.sendall(_answer(status))
        except OSError:
            _hang_up(client)


_STATUS = {
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
}
"""How what is not HTTP is answered: the first that fits."""


def _answer(status: HTTPStatus) -> bytes:
    body = f'{{"error":"{status.phrase.lower()}"}}\n'
    lines = (
        f"HTTP/1.1 {status} {status.phrase}",
        "Connection: close",
        "Content-Type: application/json",
        "X-Content-Type-Options: nosniff",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", body)).encode()


def _hang_up(sock: socket.socket) -> None:
    """Wake up whoever waits for `sock`."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
