"""Failures of a store that are no failures of its disk or its network."""

from ask_sdk_core.exceptions import PersistenceException


class UnreadableRecordError(PersistenceException):  # type: ignore[misc]
    """What is stored is no record; it may be overwritten."""


class ConflictError(PersistenceException):  # type: ignore[misc]
    """The record was saved or deleted by somebody else since it was loaded: load it again."""
