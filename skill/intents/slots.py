"""What was heard in a slot: an id that Alexa resolved, or a number."""

from ask_sdk_model import IntentRequest, Slot
from ask_sdk_model.slu.entityresolution import StatusCode


class Slots:
    """The slots of one intent request, read without trust."""

    def __init__(self, request: IntentRequest) -> None:
        self._slots: dict[str, Slot] = (request.intent.slots if request.intent else None) or {}

    def id(self, name: str) -> str | None:
        """The resolved id; "" where the slot is empty, None where what was said matches nothing."""
        slot = self._slots.get(name)
        if slot is None or not slot.value:
            return ""
        for authority in (slot.resolutions and slot.resolutions.resolutions_per_authority) or ():
            if authority.status and authority.status.code == StatusCode.ER_SUCCESS_MATCH:
                return str(authority.values[0].value.id)
        return None

    def number(self, name: str) -> int | None:
        """The number; None where the slot is empty or no whole number."""
        slot = self._slots.get(name)
        value = slot.value if slot and slot.value else ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
