"""What a turn remembers: in the store, and in the session where the store does not answer."""

import json
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope
from itsdangerous import Signer

from skill.coach.moment import Moment
from skill.coach.record import (
    NewerRecordError,
    Stored,
    from_mirror,
    from_person_record,
    mirror,
    person_record,
)
from skill.intents.device import LATE_MS, device_key
from skill.intents.replays import Answer, find_answer, with_answer
from skill.routine.units import EpochMs
from skill.secret import pseudonym
from skill.store.failures import ConflictError, UnreadableRecordError
from skill.store.person import person_key, user_key, voice_key

_log = logging.getLogger(__name__)

_AT, _VOICE, _SEAL = "at", "voice", "seal"
"""The session attributes that tell when the others were written and for which voice, and prove them ours."""
_MOST_GOODBYES = 1_024

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a record raises that we did not write, or that has been damaged since."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What is known before a turn.

    record: what is stored of the person, {} where nothing is; None where that could not be found out, or
    must not be overwritten.
    """

    moment: Moment
    record: Json | None

    @property
    def answers(self) -> list[Any]:
        """The last answers, sealed."""
        kept = (self.record or {}).get("answers")
        return kept if isinstance(kept, list) else []


class _Goodbye(NamedTuple):
    """Somebody was forgotten: when, and what that request was answered."""

    at: EpochMs
    request_id: str
    answer: Answer


class Memory:
    """Remembers turns in `store`, and in session attributes that are signed with `secret`."""

    def __init__(self, store: AbstractPersistenceAdapter, secret: str) -> None:
        self._store, self._secret = store, secret
        self._signer = Signer(secret, salt="session", digest_method=sha256)
        self._goodbyes: OrderedDict[str, _Goodbye] = OrderedDict()

    def recall(self, envelope: RequestEnvelope, blank: Moment) -> Known:
        """`blank` with the newer of what is stored and what the session carries.

        They differ only where the store could not be read or written.
        """
        record, device = self._load(envelope), device_key(envelope)
        stored = carried = blank
        try:
            stored = _with(blank, from_person_record(record or {}, device))
        except NewerRecordError as error:
            self._tell(envelope, f"left as it is: {error}")
            record = None
        except _UNREADABLE as error:
            self._tell(envelope, f"not readable and taken for none: {type(error).__name__}")
            record = {"revision": (record or {}).get("revision", 0)}
        try:
            carried = _with(blank, from_mirror(self._carried(envelope)))
        except _UNREADABLE as error:
            self._tell(envelope, f"in the session, and of no use: {error}")
        return Known(max(stored, carried, key=lambda moment: moment.state.turn), record)

    def first_answer(self, envelope: RequestEnvelope, known: Known) -> Answer | None:
        """What the same request was answered before."""
        request_id = envelope.request.request_id
        goodbye = self._goodbyes.get(_whose(envelope))
        if goodbye and goodbye.request_id == request_id:
            return goodbye.answer
        return find_answer(known.answers, request_id) if request_id else None

    def carried(self, envelope: RequestEnvelope, after: Moment) -> Json:
        """The session attributes that carry the state of `after`, and whose it is."""
        attributes = {**mirror(after.state, after.timeline), _AT: after.now}
        if voice := voice_key(envelope):
            attributes[_VOICE] = voice
        return {**attributes, _SEAL: self._signature(attributes)}

    def voice(self, envelope: RequestEnvelope) -> str | None:
        """The voice that a session was opened in; "" where Alexa knew none, None where that is not known."""
        try:
            ours = self._ours(envelope)
        except ValueError:
            return None
        return str(ours.get(_VOICE, "")) if ours else None

    def keep(self, envelope: RequestEnvelope, known: Known, after: Moment, answer: Answer) -> None:
        """Store the state of `after`, and what was answered. Raises ConflictError.

        Where the store does not answer, the session alone carries it.
        """
        if known.record is None:
            return
        record = _record(known.record, after, device_key(envelope))
        if envelope.request.request_id:
            record["answers"] = with_answer(known.answers, envelope.request, after.now, answer)
        try:
            self._store.save_attributes(envelope, record)
        except ConflictError:
            raise
        except PersistenceException as error:
            self._tell(envelope, f"not saved: {error}")

    def forget(self, envelope: RequestEnvelope) -> bool:
        """Delete all that is stored of the person; returns whether that was done."""
        try:
            self._store.delete_attributes(envelope)
        except PersistenceException as error:
            self._tell(envelope, f"not deleted: {error}")
            return False
        return True

    def part(self, envelope: RequestEnvelope, now: EpochMs, answer: Answer) -> None:
        """Note what a person was answered who was forgotten.

        Other sessions of theirs may still be open, and carry what was kept: they are not believed any more.
        """
        self._goodbyes[_whose(envelope)] = _Goodbye(now, envelope.request.request_id, answer)
        while len(self._goodbyes) > _MOST_GOODBYES:
            self._goodbyes.popitem(last=False)

    def _load(self, envelope: RequestEnvelope) -> Json | None:
        try:
            person_key(envelope)
            return dict(self._store.get_attributes(envelope) or {})
        except UnreadableRecordError as error:
            self._tell(envelope, f"not readable and taken for none: {error}")
            return {"revision": None}
        except (PersistenceException, ValueError) as error:
            self._tell(envelope, f"not loaded, going on with the session's: {error}")
            return None

    def _carried(self, envelope: RequestEnvelope) -> Json:
        """What the session carries of this person. Raises ValueError where it was not us who wrote it."""
        ours = self._ours(envelope)
        if not ours or ours.get(_VOICE, "") != voice_key(envelope):
            return {}
        goodbyes = (self._goodbyes.get(name) for name in (voice_key(envelope), user_key(envelope)))
        return {} if any(goodbye and ours[_AT] <= goodbye.at for goodbye in goodbyes) else ours

    def _ours(self, envelope: RequestEnvelope) -> Json:
        """What we wrote into the session, {} for nothing. Raises ValueError where it is somebody else's."""
        attributes = (envelope.session and envelope.session.attributes) or {}
        ours = {key: value for key, value in attributes.items() if key not in (_SEAL, LATE_MS)}
        if ours and not compare_digest(str(attributes.get(_SEAL)).encode(), self._signature(ours).encode()):
            raise ValueError("not signed by us")
        return ours

    def _signature(self, attributes: Json) -> str:
        text = json.dumps(attributes, sort_keys=True, separators=(",", ":"))
        return self._signer.get_signature(text).decode()

    def _tell(self, envelope: RequestEnvelope, what: str) -> None:
        _log.error("the record of %s is %s", pseudonym(self._secret, _whose(envelope)), what)


def _whose(envelope: RequestEnvelope) -> str:
    return voice_key(envelope) or user_key(envelope)


def _with(blank: Moment, stored: Stored) -> Moment:
    moment = replace(blank, state=stored.without_place)
    return replace(moment, state=stored.state(moment.timeline))


def _record(before: Json, after: Moment, device: str) -> Json:
    """The person's record after a turn; where that before cannot be read, anew."""
    try:
        record = person_record(before, after.state, after.timeline, device)
    except _UNREADABLE:
        record = person_record({}, after.state, after.timeline, device)
    return {**record, "revision": before.get("revision", 0)}
