"""One turn: what is stored and an event in, what is stored and a response out."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.response_helper import ResponseFactory
from ask_sdk_model import Directive, Person, RequestEnvelope, Response
from ask_sdk_model.interfaces.audioplayer import StopDirective

from skill.coach.coach import respond
from skill.coach.events import Event, NotForgotten, Progress, SessionEnded, StreamChanged
from skill.coach.moment import Coach, Moment, Player
from skill.coach.reply import Reply
from skill.coach.state import State
from skill.intents.counting import TurnOutcome, count_turn
from skill.intents.device import delay_of, is_own_speaker, late_ms
from skill.intents.memory import Known, Memory
from skill.intents.replays import Answer
from skill.intents.streams import Streams
from skill.intents.turnstile import Turnstile
from skill.metrics import CONFLICTS
from skill.render.ssml import speak
from skill.routine.units import EpochMs
from skill.store.failures import ConflictError
from skill.store.person import voice_key, whose

Clock = Callable[[], datetime]
"""Gives an aware UTC datetime."""

_QUEUE_S = 1.5
"""How long a turn waits for others of the same person in this process."""
_PATIENCE_S = 1.5
"""For how long a turn that was overtaken begins again."""

_log = logging.getLogger(__name__)

REPLY = "reply"
"""The request attribute under which other renderers find the Reply of this turn."""


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outcome:
    """What a turn comes to.

    after: what is to be remembered; None where nothing has changed.
    forgets: whether nothing is to be remembered any more.
    """

    response: Response
    after: Moment | None = None
    forgets: bool = False


Answering = Callable[[Event, Moment], Outcome]
"""What a request makes of an event and of what was known before it."""

Settled = tuple[Answer, TurnOutcome]
"""What is answered, and what the turn came to."""


@dataclass(frozen=True)
class Turns:
    """Takes turns for any person: loads, answers, saves."""

    coach: Coach
    clock: Clock
    memory: Memory
    streams: Streams | None = None
    tick: Callable[[], float] = time.monotonic
    _turnstiles: tuple[Turnstile, ...] = field(
        default_factory=lambda: tuple(Turnstile() for _ in range(256)), repr=False
    )

    @property
    def stretches(self) -> tuple[str, ...]:
        """The ids of the stretches that are led."""
        return tuple(stretch.id for stretch in self.coach.routine.stretches)

    def take(self, handler_input: HandlerInput, event: Event) -> Response:
        """Answer `event`; the place is saved before this returns."""
        envelope = handler_input.request_envelope

        def answer(event: Event, before: Moment) -> Outcome:
            if _is_new(envelope) or self._is_a_guest(envelope):
                before = replace(before, state=_in_new_session(before.state))
            state, reply = respond(event, before)
            handler_input.attributes_manager.request_attributes[REPLY] = reply
            stranger_left = isinstance(event, SessionEnded) and before.state == State()
            after = None if stranger_left else replace(before, state=state)
            return Outcome(self._response(envelope, before, reply), after, reply.forgets)

        return self._once(handler_input, event, answer)

    def follow(self, handler_input: HandlerInput, event: StreamChanged) -> Response:
        """Take note of what became of a stream. No session goes with that, and nothing is said."""

        def answer(event: Event, before: Moment) -> Outcome:
            state, _ = respond(event, before)
            return Outcome(Response(), replace(before, state=state) if state != before.state else None)

        return self._once(handler_input, event, answer)

    def press(self, handler_input: HandlerInput, event: Event) -> Response:
        """Do what a button asks for, unless something has to be said first: then the player stops."""
        envelope = handler_input.request_envelope

        def answer(event: Event, before: Moment) -> Outcome:
            asked = before.state.question
            state, reply = respond(event, before)
            if (asked and asked.comes_first) or not reply.ends:
                return Outcome(_silently(self._directives(envelope, before, Reply())))
            directives = self._directives(envelope, before, reply)
            return Outcome(_silently(directives), replace(before, state=state))

        return self._once(handler_input, event, answer)

    def _once(self, handler_input: HandlerInput, event: Event, answer: Answering) -> Response:
        """What `answer` makes of `event`, kept; to a request that comes again, its first answer.

        Where another turn of the same person is saved meanwhile, this one begins again after it.
        """
        envelope, manager = handler_input.request_envelope, handler_input.attributes_manager
        with self._alone(envelope):
            answered, came_to = self._settled(envelope, event, answer)
        count_turn(envelope, event, came_to, answered.response)
        if envelope.session is not None and answered.attributes is not None:
            manager.session_attributes = answered.attributes
        return answered.response

    def _settled(self, envelope: RequestEnvelope, event: Event, answer: Answering) -> Settled:
        ends = self.tick() + _PATIENCE_S
        while True:
            known = self.memory.recall(envelope, self._blank(envelope))
            if first := self.memory.first_answer(envelope, known):
                return first, TurnOutcome.REPLAYED
            if isinstance(event, Progress):
                known = self.memory.with_history(envelope, known)
            outcome = answer(event, known.moment)
            if outcome.forgets:
                return self._parted(envelope, known, answer, outcome)
            if outcome.after is None:
                return Answer(outcome.response, None), TurnOutcome.UNCHANGED
            try:
                kept = self.memory.keep(envelope, known, outcome.after, outcome.response)
                return (kept, TurnOutcome.KEPT) if kept else self._unkept(envelope, known, answer, event)
            except ConflictError:
                CONFLICTS.inc()
            if self.tick() > ends:
                _log.error("a turn was overtaken for %s s: the session alone carries it", _PATIENCE_S)
                return self._unkept(envelope, known, answer, event)

    def _parted(
        self, envelope: RequestEnvelope, known: Known, answer: Answering, outcome: Outcome
    ) -> Settled:
        """The answer of a turn that forgets the person, if that can be done."""
        if not self.memory.forget(envelope):
            return self._unkept(envelope, known, answer, NotForgotten())
        answered = Answer(outcome.response, {})
        self.memory.note_goodbye(envelope, answered)
        return answered, TurnOutcome.FORGOTTEN

    def _unkept(self, envelope: RequestEnvelope, known: Known, answer: Answering, event: Event) -> Settled:
        """The answer of a turn that is not stored: it promises nothing beyond the session."""
        outcome = answer(event, replace(known.moment, kept=False))
        after = outcome.after or known.moment
        return self.memory.answer(envelope, known, after, outcome.response), TurnOutcome.UNKEPT

    @contextmanager
    def _alone(self, envelope: RequestEnvelope) -> Iterator[None]:
        """Most often nothing else of the same person is answered meanwhile, which would begin a turn again.

        This only saves work: what keeps two turns apart is the store.
        """
        self._settle_who_speaks(envelope)
        with self._turnstiles[hash(whose(envelope)) % len(self._turnstiles)].passed(_QUEUE_S):
            yield

    def _settle_who_speaks(self, envelope: RequestEnvelope) -> None:
        """Make one person speak all through a session, and of a stream: Alexa knows a voice in one turn
        and not in the next.

        A turn in no voice is in that of its stream or its session. A session that was opened in no voice
        stays in none.
        """
        system = envelope.context.system if envelope.context else None
        if system is None:
            return
        if not system.person:
            owner = (self.streams.owner(envelope) if self.streams else "") or self.memory.session.voice(
                envelope
            )
            system.person = Person(person_id=owner) if owner else None
        elif self.memory.session.voice(envelope) == "":
            system.person = None

    def _is_a_guest(self, envelope: RequestEnvelope) -> bool:
        """Whether somebody speaks in a session that another opened: no question in it is theirs."""
        return self.memory.session.voice(envelope) not in (None, voice_key(envelope))

    def _blank(self, envelope: RequestEnvelope) -> Moment:
        return Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=delay_of(envelope),
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=State(),
            late_ms=late_ms(envelope),
            player=self._player(envelope),
            heard=self.streams.heard(envelope) if self.streams else None,
        )

    def _player(self, envelope: RequestEnvelope) -> Player:
        if is_own_speaker(envelope):
            return Player.ANSWERS
        return Player.STREAM if self.streams and self.streams.played_by(envelope) else Player.NONE

    def _response(self, envelope: RequestEnvelope, before: Moment, reply: Reply) -> Response:
        builder = ResponseFactory()
        if speech := speak(reply.spoken, reply.pace):
            builder.speak(speech)
        for directive in self._directives(envelope, before, reply):
            builder.add_directive(directive)
        if reply.ends:
            return builder.set_should_end_session(True).response
        return builder.ask(speak(reply.reprompt, reply.pace)).response

    def _directives(self, envelope: RequestEnvelope, before: Moment, reply: Reply) -> list[Directive]:
        """Play a stream; else stop one that the device may have, whoever had it played."""
        if self.streams and reply.stream is not None:
            return [self.streams.play(reply, voice_key(envelope))]
        may_play = before.state.stream or (before.heard and before.heard.stream)
        return [StopDirective()] if may_play else []


def _silently(directives: list[Directive]) -> Response:
    return Response(directives=directives or None)


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0, cleared=state.still_cleared)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)
