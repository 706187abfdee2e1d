"""A network that loses an answer: what was asked for is done, and nobody hears of it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

_PATIENCE_S = 30.0


@dataclass
class Loss:
    """What is passed on to a server. url: by way of here. loses: once a question holds this, its answer."""

    url: str
    loses: bytes = b""
    is_silent: bool = False
    """Whether all that is sent is taken in, and nothing passed on."""
    _ends: list[socket.socket] = field(default_factory=list)
    _threads: list[Thread] = field(default_factory=list)

    def accept(self, listening: socket.socket, server: tuple[str, int]) -> None:
        """Until nobody listens any more."""
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                self._ends.append(client)
                client.settimeout(_PATIENCE_S)
                behind = socket.create_connection(server, _PATIENCE_S)
                self._ends.append(behind)
                self._threads += [_run(self._ask, client, behind), _run(_copy, behind, client)]

    def close(self) -> None:
        """Every connection, whoever still holds its other end."""
        for end in self._ends:
            _shut(end, socket.SHUT_RDWR)
        for thread in self._threads:
            _join(thread)
        for end in self._ends:
            end.close()

    def _ask(self, client: socket.socket, behind: socket.socket) -> None:
        with suppress(OSError):
            while asked := client.recv(65_536):
                if self.loses and self.loses in asked:
                    self.loses = b""
                    _shut(client, socket.SHUT_RDWR)
                if not self.is_silent:
                    behind.sendall(asked)
        _shut(behind, socket.SHUT_WR)


@contextmanager
def losing_answers(url: str) -> Iterator[Loss]:
    """Between a client and the server at `url`."""
    parts = urlsplit(url)
    server = (str(parts.hostname), int(parts.port or 0))
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        here = parts.netloc.rpartition(":")[0] + f":{listening.getsockname()[1]}"
        loss = Loss(urlunsplit(parts._replace(netloc=here)))
        stack.callback(loss.close)
        stack.callback(_join, _run(loss.accept, listening, server))
        stack.callback(_shut, listening, socket.SHUT_RDWR)
        yield loss


def _run(target: Callable[..., None], *given: object) -> Thread:
    thread = Thread(target=target, args=given, daemon=True)
    thread.start()
    return thread


def _join(thread: Thread) -> None:
    thread.join(2 * _PATIENCE_S)
    assert not thread.is_alive(), "a connection did not end"


def _shut(end: socket.socket, how: int) -> None:
    with suppress(OSError):  # it is shut already
        end.shutdown(how)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Until there is no more; where the target is gone, what comes is thrown away."""
    with suppress(OSError):
        while sent := source.recv(65_536):
            with suppress(OSError):
                target.sendall(sent)
    _shut(target, socket.SHUT_WR)
