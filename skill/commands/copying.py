"""What taking a backup and putting it back have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skill.commands.command import UsageError
from skill.config import Config
from skill.store import open_store
from skill.store.sqlite import SqliteStore
from skill.store.sqlite.copy import CopyError


def file_of_store(config: Config, postgresql: str, dynamodb: str) -> Path:
    """The file of the store. postgresql, dynamodb: what to use where it is no file.

    Raises UsageError and StoreUrlError.
    """
    store = open_store(config.store_url)
    if isinstance(store, SqliteStore):
        return store.path
    scheme = config.store_url.partition(":")[0]
    tool = dynamodb if scheme == "dynamodb" else postgresql
    raise UsageError(f"SCIATICA_STORE is '{scheme}://…', not a SQLite file; use {tool}")


@contextmanager
def failures_told() -> Iterator[None]:
    """What goes wrong with a file is told in a sentence. Raises UsageError."""
    try:
        yield
    except CopyError as wrong:
        raise UsageError(str(wrong)) from None
    except OSError as wrong:
        raise UsageError(f"{wrong.filename}: {wrong.strerror}") from None
