"""The store that the commands keep places in."""

from ask_sdk_core.exceptions import PersistenceException

from skill.commands.command import UsageError
from skill.config import Config
from skill.store import open_store
from skill.store.store import Store
from skill.store.url import told_url


def reachable_store(config: Config) -> Store:
    """The store, tried once: better to fail now than to promise a place that cannot be kept."""
    store = open_store(config.store_url)
    try:
        store.ping()
    except PersistenceException as error:
        store.close()
        raise UsageError(f"places cannot be kept in {told_url(config.store_url)}: {error}") from None
    return store
