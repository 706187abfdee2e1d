"""What the conformance suite asks of each kind of store: a server, and empty storages on it."""

from contextlib import AbstractContextManager
from typing import Protocol

from skill.store.store import Store


class Storage(Protocol):
    """One storage, empty at first, that no other test sees."""

    keeps_data: bool
    """Whether what is stored outlives `restart`; False where the server lives in memory."""
    expires: bool
    """Whether the server forgets who does not come back by itself, and `forget_unused` does nothing."""

    def open(self) -> Store:
        """A new client of its own, as another process has. The test closes it."""

    def restart(self) -> None:
        """The server, or its process, is stopped hard and started again; it answers on return. Clients that
        are open lose their connections, and go on by themselves.
        """

    def damage(self, text: str) -> None:
        """Overwrite every record that is stored with `text`, as it stands; revisions stay."""

    def age(self, key: str, days: float) -> None:
        """Let the person of that key look last saved so many days ago; below 0: in days to come."""

    def people(self) -> set[str]:
        """The keys of persons of whom a record is stored, looked up past the store."""

    def traces(self, key: str) -> int:
        """How many rows or items of any kind are stored under that key, looked up past the store."""


class Server(Protocol):
    """What runs for the whole test session."""

    name: str
    """As in "sqlite 3.45" or "moto 5.1": told in the test report's header or output."""

    def fresh(self) -> AbstractContextManager[Storage]:
        """An empty storage, gone at the end; in milliseconds."""
