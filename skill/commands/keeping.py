"""The store that the commands keep places in."""

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException

from skill.commands.command import UsageError
from skill.config import Config
from skill.store import open_store


def reachable_store(config: Config) -> AbstractPersistenceAdapter:
    """The store, tried once: better to fail now than to promise a place that cannot be kept."""
    store = open_store(config.store_url)
    try:
        store.ping()
    except PersistenceException as error:
        raise UsageError(f"places cannot be kept in {config.store_url}: {error}") from None
    return store
