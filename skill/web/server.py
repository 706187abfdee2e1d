"""Serving an application with gunicorn, in this process."""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from skill.intents.faults import tells_no_words
from skill.web.audio import LISTENS
from skill.web.headers import HEADERS
from skill.web.hosts import with_port

PATIENCE_S = 15.0
"""How long a request may take to come in and be answered. Only recordings may take all day."""

PARTING_S = 1.0
"""How long a client that is sending gets to read what it was answered, and to go."""


class Server(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads.

    A turn waits for the disk, never for another turn. A player that is paused keeps its thread until it goes
    on or goes away: there are more threads than a household has players. A proxy that buffers frees them.
    """

    def __init__(self, make_app: Callable[[], Flask], host: str, port: int) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": with_port(host, port),
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
    """gunicorn's own, but no client can keep its threads by being slow to ask or to take an answer.

    What cannot be read as HTTP gets a plain answer that quotes nothing, and no line in the log.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy: dict[socket.socket, float] = {}

    def load_wsgi(self) -> None:
        """Called by gunicorn: whoever is sent a recording may take all day."""
        super().load_wsgi()
        answer: Callable[..., object] = self.wsgi  # type: ignore[has-type]

        def wsgi(environ: dict[str, Any], start_response: object) -> object:
            environ[LISTENS] = lambda: self._busy.pop(environ["gunicorn.socket"], None)
            return answer(environ, start_response)

        self.wsgi = wsgi

    def handle(self, conn: TConn) -> object:
        """Called by gunicorn in a thread, for each request on a connection; false to close it."""
        self._busy[conn.sock] = monotonic() + PATIENCE_S
        try:
            goes_on = super().handle(conn)
        finally:
            self._busy.pop(conn.sock, None)
        if not goes_on:
            _part(conn.sock)
        return goes_on

    def notify(self) -> None:
        """Called by gunicorn each second, in the main thread: hang up on who took too long."""
        super().notify()
        for sock, until in list(self._busy.items()):
            if monotonic() > until:
                _hang_up(sock)

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
        "Cache-Control: no-store",
        *(f"{name}: {value}" for name, value in HEADERS.items()),
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", body)).encode()


def _part(sock: socket.socket) -> None:
    """Let the client read its answer and go. gunicorn would, too, but holds up everybody meanwhile."""
    until = monotonic() + PARTING_S
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left_s := until - monotonic()) > 0:
            sock.settimeout(left_s)
            if not sock.recv(65_536):
                break
    _hang_up(sock)


def _hang_up(sock: socket.socket) -> None:
    """Wake up whoever waits for `sock`."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
