"""One turn: what is stored and an event in, what is stored and a response out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import RequestEnvelope, Response

from skill.coach.coach import respond
from skill.coach.events import Event
from skill.coach.moment import Coach, Moment
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.intents.device import delay_of, device_key, late_ms
from skill.intents.memory import recall, remember
from skill.render.ssml import speak
from skill.routine.units import EpochMs

Clock = Callable[[], datetime]
"""Gives an aware UTC datetime."""

REPLY = "reply"
"""The request attribute under which other renderers find the Reply of this turn."""


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Turns:
    """Takes turns for any person: loads, answers, saves."""

    coach: Coach
    clock: Clock

    @property
    def stretches(self) -> tuple[str, ...]:
        """The ids of the stretches that are led."""
        return tuple(stretch.id for stretch in self.coach.routine.stretches)

    def take(self, handler_input: HandlerInput, event: Event) -> Response:
        """Answer `event`; the place is saved before this returns."""
        envelope: RequestEnvelope = handler_input.request_envelope
        device = device_key(envelope)
        before = self._moment(handler_input, device)
        state, reply = respond(event, before)
        after = replace(before, state=state)
        remember(handler_input, after, device)
        handler_input.attributes_manager.request_attributes[REPLY] = reply
        return _response(handler_input, reply)

    def _moment(self, handler_input: HandlerInput, device: str) -> Moment:
        envelope: RequestEnvelope = handler_input.request_envelope
        blank = Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=delay_of(envelope),
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=State(),
            late_ms=late_ms(envelope),
        )
        known = recall(handler_input, device, blank)
        return replace(known, state=_in_new_session(known.state)) if _is_new(envelope) else known


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0, cleared=state.still_cleared)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)


def _response(handler_input: HandlerInput, reply: Reply) -> Response:
    builder = handler_input.response_builder
    if speech := speak(reply.cues, reply.pace):
        builder.speak(speech)
    if reply.ends:
        return builder.set_should_end_session(True).response
    return builder.ask(speak(reply.reprompt, reply.pace)).response
