"""The one failure of a store that will not pass by itself."""

from ask_sdk_core.exceptions import PersistenceException


class UnreadableRecordError(PersistenceException):  # type: ignore[misc]
    """What is stored is no record; it may be overwritten."""
