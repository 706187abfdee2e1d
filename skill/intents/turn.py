"""One turn: what is stored and an event in, what is stored and a response out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import RequestEnvelope, Response
from ask_sdk_model.interfaces.audioplayer import StopDirective

from skill.coach.coach import respond
from skill.coach.events import Event, StreamChanged
from skill.coach.moment import Coach, Heard, Moment, Player
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.intents.device import delay_of, device_key, is_own_speaker, late_ms
from skill.intents.memory import recall, remember
from skill.intents.streams import Streams
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
    streams: Streams | None = None

    @property
    def stretches(self) -> tuple[str, ...]:
        """The ids of the stretches that are led."""
        return tuple(stretch.id for stretch in self.coach.routine.stretches)

    def take(self, handler_input: HandlerInput, event: Event) -> Response:
        """Answer `event`; the place is saved before this returns."""
        envelope: RequestEnvelope = handler_input.request_envelope
        player = envelope.context.audio_player if envelope.context else None
        heard = self.heard(player.token, player.offset_in_milliseconds) if player else None
        before = self._moment(handler_input, heard)
        if _is_new(envelope):
            before = replace(before, state=_in_new_session(before.state))
        reply = self._answer(handler_input, event, before)
        handler_input.attributes_manager.request_attributes[REPLY] = reply
        return self._response(handler_input, before, reply)

    def follow(self, handler_input: HandlerInput, event: StreamChanged, heard: Heard | None) -> None:
        """Take note of what became of a stream. No session goes with that, and nothing is said."""
        self._answer(handler_input, event, self._moment(handler_input, heard))

    def heard(self, token: str | None, offset_ms: int | None) -> Heard | None:
        """What a device tells of its player; None where it is none of our streams."""
        return self.streams.heard(token, offset_ms) if self.streams else None

    def _answer(self, handler_input: HandlerInput, event: Event, before: Moment) -> Reply:
        state, reply = respond(event, before)
        after = replace(before, state=state)
        remember(handler_input, after, device_key(handler_input.request_envelope))
        return reply

    def _moment(self, handler_input: HandlerInput, heard: Heard | None) -> Moment:
        envelope: RequestEnvelope = handler_input.request_envelope
        blank = Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=delay_of(envelope),
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=State(),
            late_ms=late_ms(envelope),
            player=self._player(envelope),
            heard=heard,
        )
        return recall(handler_input, device_key(envelope), blank)

    def _player(self, envelope: RequestEnvelope) -> Player:
        if is_own_speaker(envelope):
            return Player.ANSWERS
        return Player.STREAM if self.streams and self.streams.played_by(envelope) else Player.NONE

    def _response(self, handler_input: HandlerInput, before: Moment, reply: Reply) -> Response:
        builder = handler_input.response_builder
        if speech := speak(reply.spoken, reply.pace):
            builder.speak(speech)
        if self.streams and reply.stream is not None:
            builder.add_directive(self.streams.play(reply))
        elif before.state.stream:
            builder.add_directive(StopDirective())
        if reply.ends:
            return builder.set_should_end_session(True).response
        return builder.ask(speak(reply.reprompt, reply.pace)).response


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0, cleared=state.still_cleared)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)
