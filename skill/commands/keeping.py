"""The store that the commands keep places in, and the file that it may be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ask_sdk_core.exceptions import PersistenceException

from skill.commands.command import UsageError
from skill.config import Config
from skill.store import open_store
from skill.store.sqlite.backup import CopyError
from skill.store.sqlite.connection import BESIDE
from skill.store.store import Store
from skill.store.url import file_of, told_url


def reachable_store(config: Config) -> Store:
    """The store, tried once: better to fail now than to promise a place that cannot be kept."""
    store = open_store(config.store_url)
    try:
        store.ping()
    except PersistenceException as error:
        store.close()
        raise UsageError(f"places cannot be kept in {told_url(config.store_url)}: {error}") from None
    return store


def file_of_store(config: Config, postgresql: str, dynamodb: str) -> Path:
    """The file of the store. postgresql, dynamodb: what to use where it is no file.

    Raises UsageError and StoreUrlError.
    """
    if file := file_of(config.store_url):
        return file
    open_store(config.store_url).close()
    scheme = config.store_url.partition(":")[0]
    tool = dynamodb if scheme == "dynamodb" else postgresql
    raise UsageError(f"SCIATICA_STORE is '{scheme}://…', not a SQLite file; use {tool}")


def refuse_the_stores_own(file: Path, store: Path) -> None:
    """Raises UsageError where `file` is the store, or what SQLite keeps beside it."""
    real = store.resolve()
    if file.resolve() == real or (file.exists() and store.exists() and file.samefile(store)):
        raise UsageError(f"{file} is the store itself; allowed: any other file")
    if file.resolve() in [real.with_name(real.name + each) for each in BESIDE]:
        raise UsageError(f"{file} is a part of the store; allowed: any other file")


@contextmanager
def failures_told() -> Iterator[None]:
    """What goes wrong with a file is told in a sentence. Raises UsageError."""
    try:
        yield
    except CopyError as wrong:
        raise UsageError(str(wrong)) from None
    except OSError as wrong:
        raise UsageError(f"{wrong.filename}: {wrong.strerror}") from None
