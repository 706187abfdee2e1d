"""Processes that are killed in the midst of their work."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext


def last_told(processes: ForkServerContext, work: Callable[..., None], *given: object, after: int) -> int:
    """The last number that `work`, which is given a pipe too, told before it was killed `after` so many."""
    ours: Connection
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(*given, theirs))
    process.start()
    theirs.close()
    last = 0
    for _ in range(after):
        last = ours.recv()
    process.kill()
    process.join()
    try:
        while True:
            last = ours.recv()
    except EOFError:
        ours.close()
    process.close()
    return last
