"""What was heard in a slot: an id that Alexa resolved, or a number."""

from collections.abc import Container

from ask_sdk_model import IntentRequest, Slot
from ask_sdk_model.slu.entityresolution import StatusCode


class Slots:
    """The slots of one intent request, read without trust. stretches: the ids of those that are led."""

    def __init__(self, request: IntentRequest, stretches: Container[str]) -> None:
        self._stretches = stretches
        self._slots: dict[str, Slot] = (request.intent.slots if request.intent else None) or {}

    def id(self, name: str, known: Container[str] | None = None) -> str | None:
        """The resolved id; "" where the slot is empty, None where what was said matches nothing.

        known: the ids there are, if fewer may be known here than in a skill built some time ago.
        """
        slot = self._slots.get(name)
        if slot is None or not slot.value:
            return ""
        for authority in (slot.resolutions and slot.resolutions.resolutions_per_authority) or ():
            if authority.status and authority.status.code == StatusCode.ER_SUCCESS_MATCH:
                found = str(authority.values[0].value.id) if authority.values else None
                return found if found and (known is None or found in known) else None
        return None

    def stretch(self) -> str | None:
        """The id of the stretch that was named, as `id` gives it."""
        return self.id("stretch", self._stretches)

    def number(self, name: str) -> int | None:
        """The number; None where the slot is empty or no whole number."""
        slot = self._slots.get(name)
        value = slot.value if slot and slot.value else ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
