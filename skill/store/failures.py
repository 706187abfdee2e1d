"""Failures of a store that are no failures of its disk or its network."""

from ask_sdk_core.exceptions import PersistenceException


class UnreadableRecordError(PersistenceException):  # type: ignore[misc]
    """What is stored is no record; it may be overwritten. revision: its, 0 where the store counts none."""

    def __init__(self, why: str, revision: int = 0) -> None:
        super().__init__(why)
        self.revision = revision


class RefusedError(PersistenceException):  # type: ignore[misc]
    """What was to be saved is at fault, and no store can take it: the store was not asked."""


class ConflictError(PersistenceException):  # type: ignore[misc]
    """The record was saved or deleted by somebody else since it was loaded: load it again."""

    def __init__(self, why: str = "store: saved by somebody else meanwhile") -> None:
        super().__init__(why)


class RestingError(PersistenceException):  # type: ignore[misc]
    """The store has failed several times and is left alone for a while."""
