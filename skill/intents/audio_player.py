"""What an Alexa device tells of the stream it plays, and the buttons of its player.

Nothing may be said in answer to either: a response holds AudioPlayer directives, or nothing.
"""

import logging

from ask_sdk_core.dispatch_components import AbstractRequestHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.utils import get_request_type
from ask_sdk_model import Response
from ask_sdk_model.interfaces.audioplayer import PlaybackFailedRequest
from ask_sdk_model.interfaces.system import ExceptionEncounteredRequest

from skill.coach.events import Event, Next, Pause, Previous, Resume, StreamChange, StreamChanged
from skill.intents.turn import Turns

_log = logging.getLogger(__name__)

CHANGES = {
    "AudioPlayer.PlaybackStarted": StreamChange.STARTED,
    "AudioPlayer.PlaybackStopped": StreamChange.STOPPED,
    "AudioPlayer.PlaybackFinished": StreamChange.FINISHED,
    "AudioPlayer.PlaybackFailed": StreamChange.FAILED,
    "System.ExceptionEncountered": StreamChange.REFUSED,
}
BUTTONS: dict[str, Event] = {
    "PlaybackController.PlayCommandIssued": Resume(),
    "PlaybackController.PauseCommandIssued": Pause(),
    "PlaybackController.NextCommandIssued": Next(),
    "PlaybackController.PreviousCommandIssued": Previous(),
}


class StreamHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Follows what the device tells of its stream."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether the device tells what became of a stream."""
        return get_request_type(handler_input) in CHANGES

    def handle(self, handler_input: HandlerInput) -> Response:
        """An empty response."""
        request = handler_input.request_envelope.request
        if isinstance(request, ExceptionEncounteredRequest):
            _log.error("Alexa refused a response: %s", request.error and request.error.object_type)
        if isinstance(request, PlaybackFailedRequest):
            _log.warning("a stream failed: %s", request.error and request.error.object_type)
        return self._turns.follow(handler_input, StreamChanged(CHANGES[request.object_type]))


class ButtonHandler(AbstractRequestHandler):  # type: ignore[misc]
    """Answers a button of the player, on the device or on a remote control."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Whether a button was pressed."""
        return get_request_type(handler_input) in BUTTONS

    def handle(self, handler_input: HandlerInput) -> Response:
        """AudioPlayer directives alone."""
        return self._turns.press(handler_input, BUTTONS[get_request_type(handler_input)])
