"""One turn: what is stored and an event in, what is stored and a response out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import RequestEnvelope, Response

from skill.coach.coach import respond
from skill.coach.events import Event
from skill.coach.moment import Coach, Moment
from skill.coach.record import Stored, from_mirror, from_person_record, mirror, person_record
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.render.ssml import speak
from skill.routine.units import DurationMs, EpochMs

Clock = Callable[[], datetime]
"""Gives an aware UTC datetime."""

REPLY = "reply"
"""The request attribute under which other renderers find the Reply of this turn."""

SPEAKER_DEVICE = "sciatica-coach-speaker"
"""What our own speaker calls itself; it starts to speak at once."""

ECHO_DELAY = DurationMs(1_150)
"""From the moment an answer leaves us until an Echo speaks it: 0.3 to 2 s."""

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Turns:
    """Takes turns for any person: loads, answers, saves."""

    coach: Coach
    clock: Clock

    def take(self, handler_input: HandlerInput, event: Event) -> Response:
        """Answer `event`; the place is saved before this returns."""
        envelope: RequestEnvelope = handler_input.request_envelope
        device = _device_key(envelope)
        before = self._moment(handler_input, device)
        state, reply = respond(event, before)
        after = replace(before, state=state)
        _save(handler_input, after, device)
        handler_input.attributes_manager.request_attributes[REPLY] = reply
        return _response(handler_input, reply)

    def _moment(self, handler_input: HandlerInput, device: str) -> Moment:
        envelope: RequestEnvelope = handler_input.request_envelope
        stored = _load(handler_input, device)
        state = stored.without_place
        moment = Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=DurationMs(0) if _is_own_speaker(envelope) else ECHO_DELAY,
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=state,
        )
        state = stored.state(moment.timeline)
        return replace(moment, state=_in_new_session(state) if _is_new(envelope) else state)


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)


def _is_own_speaker(envelope: RequestEnvelope) -> bool:
    return bool(_device_id(envelope).startswith(SPEAKER_DEVICE))


def _device_id(envelope: RequestEnvelope) -> str:
    system = envelope.context.system if envelope.context else None
    return str(system.device.device_id) if system and system.device else ""


def _device_key(envelope: RequestEnvelope) -> str:
    """Device and locale, as a voice goes with both."""
    name = f"{_device_id(envelope)} {envelope.request.locale}"
    return blake2b(name.encode(), digest_size=6).hexdigest()


def _load(handler_input: HandlerInput, device: str) -> Stored:
    """What is stored; what the session carries, where the store does not answer."""
    manager = handler_input.attributes_manager
    try:
        return from_person_record(manager.persistent_attributes, device)
    except PersistenceException as error:
        _log.error("state not loaded, going on with the session's: %s", error)
        in_session = handler_input.request_envelope.session is not None
        return from_mirror(manager.session_attributes if in_session else {})


def _save(handler_input: HandlerInput, after: Moment, device: str) -> None:
    manager = handler_input.attributes_manager
    if handler_input.request_envelope.session is not None:
        manager.session_attributes = mirror(after.state, after.timeline)
    try:
        before = manager.persistent_attributes
        manager.persistent_attributes = person_record(before, after.state, after.timeline, device)
        manager.save_persistent_attributes()
    except PersistenceException as error:
        _log.error("state not saved: %s", error)


def _response(handler_input: HandlerInput, reply: Reply) -> Response:
    builder = handler_input.response_builder
    if speech := speak(reply.cues, reply.pace):
        builder.speak(speech)
    if reply.ends:
        return builder.set_should_end_session(True).response
    return builder.ask(speak(reply.reprompt, reply.pace)).response
