"""One turn: what is stored and an event in, what is stored and a response out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Directive, Person, RequestEnvelope, Response
from ask_sdk_model.interfaces.audioplayer import StopDirective

from skill.coach.coach import respond
from skill.coach.events import Event, StreamChanged
from skill.coach.moment import Coach, Moment, Player
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.intents.device import delay_of, device_key, is_own_speaker, late_ms
from skill.intents.memory import recall, remember
from skill.intents.streams import Streams
from skill.render.ssml import speak
from skill.routine.units import EpochMs
from skill.store.person import user_key, voice_key

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
    _locks: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(256)))

    @property
    def stretches(self) -> tuple[str, ...]:
        """The ids of the stretches that are led."""
        return tuple(stretch.id for stretch in self.coach.routine.stretches)

    def take(self, handler_input: HandlerInput, event: Event) -> Response:
        """Answer `event`; the place is saved before this returns."""
        with self._alone(handler_input):
            before = self._moment(handler_input)
            if _is_new(handler_input.request_envelope):
                before = replace(before, state=_in_new_session(before.state))
            state, reply = respond(event, before)
            _keep(handler_input, before, state)
        handler_input.attributes_manager.request_attributes[REPLY] = reply
        return self._response(handler_input, before, reply)

    def follow(self, handler_input: HandlerInput, event: StreamChanged) -> None:
        """Take note of what became of a stream. No session goes with that, and nothing is said."""
        with self._alone(handler_input):
            before = self._moment(handler_input)
            state, _ = respond(event, before)
            if state != before.state:
                _keep(handler_input, before, state)

    def press(self, handler_input: HandlerInput, event: Event) -> Response:
        """Do what a button asks for, unless something has to be said first: then the player stops."""
        with self._alone(handler_input):
            before = self._moment(handler_input)
            asked = before.state.question
            state, reply = respond(event, before)
            if (asked and asked.comes_first) or not reply.ends:
                return Response(directives=self._directives(handler_input, before, Reply()) or None)
            _keep(handler_input, before, state)
        return Response(directives=self._directives(handler_input, before, reply) or None)

    @contextmanager
    def _alone(self, handler_input: HandlerInput) -> Iterator[None]:
        """Nothing else of the same person is answered meanwhile: what was loaded is what is saved upon."""
        envelope: RequestEnvelope = handler_input.request_envelope
        system = envelope.context.system if envelope.context else None
        if self.streams and system and not system.person and (owner := self.streams.owner(envelope)):
            system.person = Person(person_id=owner)
        whose = voice_key(envelope) or user_key(envelope)
        with self._locks[hash(whose) % len(self._locks)]:
            yield

    def _moment(self, handler_input: HandlerInput) -> Moment:
        envelope: RequestEnvelope = handler_input.request_envelope
        blank = Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=delay_of(envelope),
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=State(),
            late_ms=late_ms(envelope),
            player=self._player(envelope),
            heard=self.streams.heard(envelope) if self.streams else None,
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
        for directive in self._directives(handler_input, before, reply):
            builder.add_directive(directive)
        if reply.ends:
            return builder.set_should_end_session(True).response
        return builder.ask(speak(reply.reprompt, reply.pace)).response

    def _directives(self, handler_input: HandlerInput, before: Moment, reply: Reply) -> list[Directive]:
        """Play a stream; else stop one that the device may have, whoever had it played."""
        if self.streams and reply.stream is not None:
            return [self.streams.play(reply, voice_key(handler_input.request_envelope))]
        may_play = before.state.stream or (before.heard and before.heard.stream)
        return [StopDirective()] if may_play else []


def _keep(handler_input: HandlerInput, before: Moment, state: State) -> None:
    after = replace(before, state=state)
    remember(handler_input, after, device_key(handler_input.request_envelope))


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0, cleared=state.still_cleared)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)
