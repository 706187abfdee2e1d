"""Looking at several things side by side, none of them for ever."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")

AT_ONCE = 3
"""A proxy may turn away who opens many connections at a time."""


def together(tasks: Sequence[Callable[[], _T]], patience_s: float) -> list[_T | None]:
    """What each task gives, in their order; None for one not done after `patience_s` seconds.

    Such a task is left behind; it keeps the process from nothing. What a task raises is raised here.
    """
    futures: list[Future[_T]] = [Future() for _ in tasks]
    todo: SimpleQueue[tuple[Callable[[], _T], Future[_T]]] = SimpleQueue()
    for pair in zip(tasks, futures, strict=True):
        todo.put(pair)
    for _ in range(min(AT_ONCE, len(tasks))):
        Thread(target=_work, args=(todo,), daemon=True).start()
    wait(futures, patience_s)
    return [future.result() if future.done() else None for future in futures]


def _work(todo: "SimpleQueue[tuple[Callable[[], _T], Future[_T]]]") -> None:
    while True:
        try:
            task, future = todo.get_nowait()
        except Empty:
            return
        try:
            future.set_result(task())
        except Exception as raised:
            future.set_exception(raised)
