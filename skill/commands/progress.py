"""How far something is that takes its time, for people to see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from skill.commands.command import tell

_EVERY = 25
"""On a pipe, a line tells how far it is every so many texts."""


@contextmanager
def recording_progress() -> Iterator[Callable[[int, int, str], None]]:
    """A bar, or on a pipe a line now and then; told how many texts are done, of how many, and the next."""
    console = Console()
    if not console.is_terminal:
        yield _tell
        return
    columns = (TextColumn("recording"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of, _: bar.update(task, completed=done, total=of)


@contextmanager
def copying_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar, where somebody watches; told how many pages are copied, and of how many."""
    console = Console()
    if not console.is_terminal:
        yield lambda done, of: None
        return
    columns = (TextColumn("copying"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _tell(done: int, of: int, _: str) -> None:
    if done % _EVERY == 0 and done < of:
        tell(f"recording: {done} of {of}")
