"""One turn: what is stored and an event in, what is stored and a response out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

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
from skill.routine.pace import LearnedPace
from skill.routine.units import DurationMs, EpochMs
from skill.store.unreadable import UnreadableRecordError

Clock = Callable[[], datetime]
"""Gives an aware UTC datetime."""

REPLY = "reply"
"""The request attribute under which other renderers find the Reply of this turn."""

SPEAKER_DEVICE = "sciatica-coach-speaker"
"""What our own speaker calls itself; it starts to speak at once."""

LATE_MS = "late_ms"
"""The session attribute in which our own speaker tells how late it is, and the most that is believed."""
MOST_LATE_MS = 120_000

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

    @property
    def stretches(self) -> tuple[str, ...]:
        """The ids of the stretches that are led."""
        return tuple(stretch.id for stretch in self.coach.routine.stretches)

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
        own = _is_own_speaker(envelope)
        blank = Moment(
            coach=self.coach,
            region=self.coach.content.region(envelope.request.locale or ""),
            delay=DurationMs(0) if own else ECHO_DELAY,
            now=EpochMs(round(self.clock().timestamp() * 1000)),
            state=State(),
            late_ms=_late_ms(envelope) if own else 0,
        )
        known = _known(handler_input, device, blank)
        return replace(known, state=_in_new_session(known.state)) if _is_new(envelope) else known


def _in_new_session(state: State) -> State:
    return replace(state, question=None, wish=False, misses=0)


def _is_new(envelope: RequestEnvelope) -> bool:
    return envelope.session is None or bool(envelope.session.new)


def _late_ms(envelope: RequestEnvelope) -> int:
    """What our own speaker says of how late it is; see Moment.late_ms."""
    late = ((envelope.session and envelope.session.attributes) or {}).get(LATE_MS, 0)
    return min(max(late, -MOST_LATE_MS), MOST_LATE_MS) if isinstance(late, int) else 0


def _is_own_speaker(envelope: RequestEnvelope) -> bool:
    return bool(_device_id(envelope).startswith(SPEAKER_DEVICE))


def _device_id(envelope: RequestEnvelope) -> str:
    system = envelope.context.system if envelope.context else None
    return str(system.device.device_id) if system and system.device else ""


def _device_key(envelope: RequestEnvelope) -> str:
    """Device and locale, as a voice goes with both."""
    name = f"{_device_id(envelope)} {envelope.request.locale}"
    return blake2b(name.encode(), digest_size=6).hexdigest()


def _known(handler_input: HandlerInput, device: str, blank: Moment) -> Moment:
    """`blank` with what is stored; with what the session carries, where that cannot be read."""
    for load in (_from_store, _from_session):
        try:
            stored = load(handler_input, device)
            moment = replace(blank, state=_believed(stored.without_place))
            return replace(moment, state=_believed(stored.state(moment.timeline)))
        except PersistenceException as error:
            _log.error("state not loaded, going on with the session's: %s", error)
        except _UNREADABLE as error:
            _log.error("a record is not readable and taken for none: %s", type(error).__name__)
    return blank


def _believed(state: State) -> State:
    """`state` without any pace that no voice has: passages at such a pace would have no end."""
    pace = LearnedPace()
    for took, plain in state.pace.heard:
        pace = pace.after(took, plain)
    return replace(state, pace=pace)


_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a record raises that we did not write, or that has been damaged since."""


def _from_store(handler_input: HandlerInput, device: str) -> Stored:
    return from_person_record(handler_input.attributes_manager.persistent_attributes, device)


def _from_session(handler_input: HandlerInput, _: str) -> Stored:
    in_session = handler_input.request_envelope.session is not None
    return from_mirror(handler_input.attributes_manager.session_attributes if in_session else {})


def _save(handler_input: HandlerInput, after: Moment, device: str) -> None:
    manager = handler_input.attributes_manager
    if handler_input.request_envelope.session is not None:
        manager.session_attributes = mirror(after.state, after.timeline)
    try:
        manager.persistent_attributes = _record(handler_input, after, device)
        manager.save_persistent_attributes()
    except PersistenceException as error:
        _log.error("state not saved: %s", error)


def _record(handler_input: HandlerInput, after: Moment, device: str) -> dict[str, Any]:
    """The person's record; one that cannot be read is written anew. Raises PersistenceException."""
    try:
        before = handler_input.attributes_manager.persistent_attributes
        return person_record(before, after.state, after.timeline, device)
    except (UnreadableRecordError, *_UNREADABLE):
        return person_record({}, after.state, after.timeline, device)


def _response(handler_input: HandlerInput, reply: Reply) -> Response:
    builder = handler_input.response_builder
    if speech := speak(reply.cues, reply.pace):
        builder.speak(speech)
    if reply.ends:
        return builder.set_should_end_session(True).response
    return builder.ask(speak(reply.reprompt, reply.pace)).response
