"""A store before another one, for tests that look on or get in the way."""

from collections.abc import Callable
from datetime import date
from typing import Any

from ask_sdk_model import RequestEnvelope

from skill.routine.history import History
from skill.store.store import Store


class Wrapping(Store):
    """Hands every call on to `store`; those of a turn by way of `around`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        """What is done about a call: "load", "save", "delete" or "history"."""
        return call()

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, Any]:
        record: dict[str, Any] = self.around("load", lambda: self.store.get_attributes(request_envelope))
        return record

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: dict[str, Any]) -> None:
        self.around("save", lambda: self.store.save_attributes(request_envelope, attributes))

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        self.around("delete", lambda: self.store.delete_attributes(request_envelope))

    def history(self, request_envelope: RequestEnvelope, since: date) -> History:
        told: History = self.around("history", lambda: self.store.history(request_envelope, since))
        return told

    def forget_unused(self, kept_s: int) -> None:
        self.store.forget_unused(kept_s)

    def ping(self) -> None:
        self.store.ping()

    def close(self) -> None:
        self.store.close()
