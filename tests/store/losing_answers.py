"""A network that loses an answer: what was asked for is done, and nobody hears of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass
class Loss:
    """What is passed on to a server. url: by way of here. loses: once a question holds this, its answer."""

    url: str
    loses: bytes = b""


@contextmanager
def losing_answers(url: str) -> Iterator[Loss]:
    """Between a client and the server at `url`."""
    parts = urlsplit(url)
    server = (str(parts.hostname), int(parts.port or 0))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = parts.netloc.rpartition(":")[0] + f":{listening.getsockname()[1]}"
        loss = Loss(urlunsplit(parts._replace(netloc=here)))
        accepting = threading.Thread(target=_accept, args=(listening, server, loss))
        accepting.start()
        try:
            yield loss
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, server: tuple[str, int], loss: Loss) -> None:
    threads = []
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            threads.append(threading.Thread(target=_pass_on, args=(client, server, loss)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def _pass_on(client: socket.socket, server: tuple[str, int], loss: Loss) -> None:
    """Question and answer by turns, as one connection's are."""
    with client, socket.create_connection(server) as behind:
        answering = threading.Thread(target=_copy, args=(behind, client))
        answering.start()
        with suppress(OSError):
            while asked := client.recv(65_536):
                if loss.loses and loss.loses in asked:
                    loss.loses = b""
                    client.shutdown(socket.SHUT_RDWR)
                    behind.sendall(asked)
                    break
                behind.sendall(asked)
            behind.shutdown(socket.SHUT_WR)
        answering.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Until there is no more; where the target is gone, what comes is thrown away."""
    while sent := source.recv(65_536):
        with suppress(OSError):
            target.sendall(sent)
