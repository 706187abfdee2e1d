"""Stores behind ASK's AbstractPersistenceAdapter, chosen by a URL."""

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter

from skill.store.sqlite import SqliteStore


class StoreUrlError(ValueError):
    """A store URL that names no store we have."""


def open_store(url: str) -> AbstractPersistenceAdapter:
    """The store at `url`: `sqlite:////absolute/path` or `sqlite:///relative/path`.

    Raises StoreUrlError for any other URL.
    """
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path:
        raise StoreUrlError(f"SCIATICA_STORE is {url!r}; allowed: sqlite:///path/to/file")
    return SqliteStore(path)
