"""ASK request handlers, thin: each makes an event and lets a turn answer it."""

import logging
from collections.abc import Callable

from ask_sdk_core.dispatch_components import AbstractExceptionHandler, AbstractRequestHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.utils import get_request_type, is_intent_name, is_request_type
from ask_sdk_model import Response, SessionEndedRequest

from skill.coach.events import Ending, Event, Launch, NotUnderstood, SessionEnded
from skill.intents.counting import TurnOutcome, count
from skill.intents.faults import told
from skill.intents.slots import Slots
from skill.intents.turn import Turns

_log = logging.getLogger(__name__)


class IntentHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Answers one intent."""

    def __init__(self, turns: Turns, name: str, to_event: Callable[[Slots], Event]) -> None:
        self.name = name
        self._turns, self._to_event = turns, to_event
        self._matches = is_intent_name(name)

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the request is this intent."""
        return bool(self._matches(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        """The coach's answer."""
        slots = Slots(handler_input.request_envelope.request, self._turns.stretches)
        return self._turns.take(handler_input, self._to_event(slots))


class UnknownIntentHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Answers an intent we do not know as something not understood; registered last."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the request is an intent at all."""
        return bool(is_request_type("IntentRequest")(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        """The coach's answer."""
        return self._turns.take(handler_input, NotUnderstood())


class LaunchHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Answers a launch."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the request is a launch."""
        return bool(is_request_type("LaunchRequest")(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        """The coach's answer."""
        return self._turns.take(handler_input, Launch())


class SessionEndedHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Saves the place when a session ends; the response is empty, as nothing may be said."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the session has ended."""
        return bool(is_request_type("SessionEndedRequest")(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        """An empty response."""
        request: SessionEndedRequest = handler_input.request_envelope.request
        self._turns.take(handler_input, SessionEnded(_ENDINGS.get(_reason(request), Ending.LEFT)))
        return Response()


_ENDINGS = {
    "EXCEEDED_MAX_REPROMPTS": Ending.UNANSWERED,
    "USER_INITIATED": Ending.LEFT,
    "ERROR": Ending.NOT_PLAYED,
}


class SkillDisabledHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Forgets a person who has disabled the skill."""

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the skill was disabled."""
        return bool(is_request_type("AlexaSkillEvent.SkillDisabled")(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        """An empty response."""
        try:
            handler_input.attributes_manager.delete_persistent_attributes()
        except Exception:
            count(handler_input.request_envelope, TurnOutcome.FAILED)
            raise
        count(handler_input.request_envelope, TurnOutcome.FORGOTTEN)
        return Response()


class UnaskedHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Anything that is neither launch, intent nor end: nothing to say, and no error."""

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Always: registered last."""
        return True

    def handle(self, handler_input: HandlerInput) -> Response:
        """An empty response."""
        count(handler_input.request_envelope, TurnOutcome.IGNORED)
        return Response()


class Apology(AbstractExceptionHandler):  # type: ignore[misc]
    """The last resort: say sorry, keep the session and the stored place.

    Not for skill events: nobody listens to them, and one that failed must be seen to have failed.
    """

    def __init__(self, sorry: str, again: str) -> None:
        self._sorry, self._again = sorry, again

    def can_handle(self, handler_input: HandlerInput, exception: Exception) -> bool:
        """Always, but for skill events."""
        return not handler_input.request_envelope.request.object_type.startswith("AlexaSkillEvent.")

    def handle(self, handler_input: HandlerInput, exception: Exception) -> Response:
        """A spoken apology; to what nobody said, and nobody listens after, nothing."""
        count(handler_input.request_envelope, TurnOutcome.FAILED)
        _log.error("a turn failed: %s", told(exception))
        if get_request_type(handler_input) not in ("LaunchRequest", "IntentRequest"):
            return Response()
        return handler_input.response_builder.speak(self._sorry).ask(self._again).response


def _reason(request: SessionEndedRequest) -> str:
    return str(request.reason.value) if request.reason else ""
