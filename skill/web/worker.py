"""A worker of gunicorn: patient with nobody for ever, and gone in time."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from time import monotonic
from typing import Any

from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from skill.web.audio import LISTENS
from skill.web.headers import HEADERS
from skill.web.health import STOPS

PATIENCE_S = 15.0
"""How long a request may take to come in and be answered. Only recordings may take all day."""

PARTING_S = 1.0
"""How long a client that is sending gets to read what it was answered, and to go."""

STOP_S = 8.0
"""How long a stop may take, before what is left is killed. A container gets 10 s."""

ANSWER_S = 7.0
"""How long after a stop began answers are waited for. The longest turn takes about 6 s."""

LEAVE_S = 2.0
"""How long after a stop began clients may go on that have asked nothing yet, or listen to a recording."""


@dataclass(slots=True)
class _Held:
    """What keeps a thread. until: when it is hung up on. asked: whether its request has been read."""

    until: float
    asked: bool = False


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own, but no client can keep its threads by being slow to ask or to take an answer.

    What cannot be read as HTTP gets a plain answer that quotes nothing, and no line in the log.

    A stop lets nobody else in and answers who is in: a proxy that is refused goes elsewhere. Then the
    process ends, though a store may never come back to a thread of it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy: dict[socket.socket, _Held] = {}
        self._stopped = inf

    def load_wsgi(self) -> None:
        """Called by gunicorn: whoever is sent a recording may take all day."""
        super().load_wsgi()
        answer: Callable[..., object] = self.wsgi  # type: ignore[has-type]

        def wsgi(environ: dict[str, Any], start_response: object) -> object:
            held = self._busy[environ["gunicorn.socket"]]
            held.asked = True
            environ[LISTENS] = lambda: _listens(held)
            environ[STOPS] = not self.alive
            return answer(environ, start_response)

        self.wsgi = wsgi

    def run(self) -> None:
        """Called by gunicorn: serves until it is told to stop. Does not return."""
        super().run()
        self.app.close()
        os._exit(0)

    def init_signals(self) -> None:
        """Called by gunicorn. A terminal that is closed tells the worker, too."""
        super().init_signals()
        signal.signal(signal.SIGHUP, self.handle_exit)
        signal.siginterrupt(signal.SIGHUP, False)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Called by gunicorn for SIGTERM: stop, but finish what has begun."""
        self._stopped = min(self._stopped, monotonic())
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: object) -> None:
        """Called by gunicorn for Ctrl-C: the same."""
        self.handle_exit(sig, frame)

    def is_parent_alive(self) -> bool:
        """Called by gunicorn each second: without its master, it stops."""
        if not super().is_parent_alive():
            self.handle_exit(0, None)
        return bool(self.alive)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called by gunicorn. At a stop, who has connected is let in, and the door is closed to others.

        gunicorn leaves it open without answering, until the process ends.
        """
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            sockets: list[socket.socket] = self.sockets
            while sockets:
                self._let_in(sockets[0])
                sockets.pop(0).close()

    def _let_in(self, listener: socket.socket) -> None:
        before = -1
        while before < self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def finish_request(self, conn: TConn, fs: object) -> None:
        """Called by gunicorn in the main thread. Who says nothing waits less long than who has asked."""
        super().finish_request(conn, fs)
        if self.pending_conns and self.pending_conns[-1] is conn:
            conn.timeout = min(conn.timeout, monotonic() + PATIENCE_S)

    def handle(self, conn: TConn) -> object:
        """Called by gunicorn in a thread, for each request on a connection; false to close it."""
        self._busy[conn.sock] = _Held(monotonic() + PATIENCE_S)
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
        now = monotonic()
        for sock, held in list(self._busy.items()):
            answers = held.asked and held.until < inf
            if now > min(held.until, self._stopped + (ANSWER_S if answers else LEAVE_S)):
                _hang_up(sock)
        if now > self._stopped + LEAVE_S:
            for conn in self.pending_conns:
                conn.timeout = now

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


def _listens(held: _Held) -> None:
    held.until = inf


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
