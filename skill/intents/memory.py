"""What a turn remembers: in the store, and in the session where the store does not answer."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_core.handler_input import HandlerInput

from skill.coach.moment import Moment
from skill.coach.record import Stored, from_mirror, from_person_record, mirror, person_record
from skill.store.unreadable import UnreadableRecordError

_log = logging.getLogger(__name__)

Load = Callable[[HandlerInput, str], Stored]

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a record raises that we did not write, or that has been damaged since."""


def recall(handler_input: HandlerInput, device: str, blank: Moment) -> Moment:
    """`blank` with the newer of what is stored and what the session carries.

    They differ only where the store could not be read or written.
    """
    known = (_known(load, handler_input, device, blank) for load in (_from_store, _from_session))
    return max(known, key=lambda moment: moment.state.turn)


def _known(load: Load, handler_input: HandlerInput, device: str, blank: Moment) -> Moment:
    """`blank` with what `load` finds, if that can be read."""
    try:
        stored = load(handler_input, device)
        moment = replace(blank, state=stored.without_place)
        return replace(moment, state=stored.state(moment.timeline))
    except PersistenceException as error:
        _log.error("state not loaded, going on with the session's: %s", error)
    except _UNREADABLE as error:
        _log.error("a record is not readable and taken for none: %s", type(error).__name__)
    return blank


def remember(handler_input: HandlerInput, after: Moment, device: str) -> None:
    """Keep the state of `after`: in the session, and durably in the store."""
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


def _from_store(handler_input: HandlerInput, device: str) -> Stored:
    return from_person_record(handler_input.attributes_manager.persistent_attributes, device)


def _from_session(handler_input: HandlerInput, _: str) -> Stored:
    in_session = handler_input.request_envelope.session is not None
    return from_mirror(handler_input.attributes_manager.session_attributes if in_session else {})
