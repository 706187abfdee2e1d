"""What a turn remembers: in the store, and in the session where the store does not answer."""

import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from secrets import randbits
from typing import Any, NamedTuple

from ask_sdk_core.exceptions import PersistenceException
from ask_sdk_model import RequestEnvelope, Response

from skill.coach.moment import Moment
from skill.coach.progress import told_since
from skill.coach.record import NewerRecordError, Stored, from_mirror, from_person_record, person_record
from skill.intents.device import device_key
from skill.intents.replays import Answer, find_answer, with_answer
from skill.intents.session import Session
from skill.routine.history import history_from
from skill.routine.playback import PlaybackState
from skill.secret import pseudonym
from skill.store.failures import ConflictError, RestingError, UnreadableRecordError
from skill.store.person import voice_key, whose
from skill.store.store import Store

_log = logging.getLogger(__name__)

_MOST_GOODBYES = 1_024
_MOST_SAVES = 2**20
"""Of one record. The first revision is a random number of 52 bits, so no two records share one."""

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a record raises that we did not write, or that has been damaged since."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What is known before a turn.

    record: what is stored of the person, {} where nothing is; None where that could not be found out, or
    must not be overwritten. revision: of the record that the moment belongs to, 0 where none is known.
    """

    moment: Moment
    record: Json | None
    revision: int

    @property
    def answers(self) -> list[Any]:
        """The last answers, sealed."""
        kept = (self.record or {}).get("answers")
        return kept if isinstance(kept, list) else []


class _Goodbye(NamedTuple):
    """What somebody was answered who was forgotten: there is no record to keep it in."""

    request_id: str
    answer: Answer


class Memory:
    """Remembers turns in `store` and in `session`. secret: keys the names of people in the log."""

    def __init__(self, store: Store, session: Session, secret: str) -> None:
        self._store, self.session, self._secret = store, session, secret
        self._goodbyes: OrderedDict[str, _Goodbye] = OrderedDict()

    def recall(self, envelope: RequestEnvelope, blank: Moment) -> Known:
        """`blank` with the newer of what is stored and what the session carries.

        They differ only where the store could not be read or written. What belongs to the person and not to
        the device is the store's, where another device has saved since; what was asked is the session's,
        unless it is about pain or a red flag.
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
            record = {"revision": _revision(record)}
        session = self._session(envelope)
        if record is not None and not _belongs(session, record):
            return Known(replace(stored, kept=False), None, 0)
        try:
            if session.get("device", {}).get("turn", 0) != stored.state.turn:
                carried = _with(blank, from_mirror(_merged(session, record)))
                carried = _at_the_stored_place(carried, stored, session)
            else:
                carried = stored
        except _UNREADABLE as error:
            self._tell(envelope, f"in the session, and of no use: {type(error).__name__}")
        asked = stored.state.question
        if session and stored.state.turn > carried.state.turn and not (asked and asked.comes_first):
            heard = carried.state
            stored = replace(stored, state=replace(stored.state, question=heard.question, wish=heard.wish))
        newer = max(stored, carried, key=lambda moment: moment.state.turn)
        revision = _revision(session if record is None else record)
        return Known(replace(newer, kept=record is not None), record, revision)

    def with_history(self, envelope: RequestEnvelope, known: Known) -> Known:
        """`known`, with what the person has done in the days that are told of, if the store tells."""
        if known.record is None:
            return known
        try:
            history = history_from(self._store.history(envelope, told_since(known.moment.now)))
        except PersistenceException as error:
            self._tell(envelope, f"without its history: {error}", error)
            return known
        except _UNREADABLE as error:
            self._tell(envelope, f"without its history: {type(error).__name__}")
            return known
        return replace(known, moment=replace(known.moment, history=history))

    def first_answer(self, envelope: RequestEnvelope, known: Known) -> Answer | None:
        """What the same request was answered before."""
        request_id = envelope.request.request_id
        if not request_id:
            return None
        goodbye = self._goodbyes.get(whose(envelope))
        if goodbye and goodbye.request_id == request_id:
            return goodbye.answer
        return find_answer(known.answers, request_id)

    def keep(
        self, envelope: RequestEnvelope, known: Known, after: Moment, response: Response
    ) -> Answer | None:
        """Store the state of `after`, what was done, and what was answered; None where that could not be.

        Raises ConflictError.
        """
        if known.record is None:
            return None
        revision = known.revision + 1 if known.revision else randbits(52) + 1
        done = replace(after, state=replace(after.state, did={}))
        answer = self.answer(envelope, known, done, response, revision)
        record = _record(known.record, after, device_key(envelope))
        record |= {"upon": known.revision, "revision": revision}
        if after.state.did:
            record["did"] = after.state.did
        if envelope.request.request_id:
            record["answers"] = with_answer(known.answers, envelope.request, after.now, answer)
        try:
            self._store.save_attributes(envelope, record)
        except ConflictError:
            raise
        except PersistenceException as error:
            self._tell(envelope, f"not saved: {error}", error)
            return None
        return answer

    def answer(
        self,
        envelope: RequestEnvelope,
        known: Known,
        after: Moment,
        response: Response,
        revision: int | None = None,
    ) -> Answer:
        """`response`, with session attributes that carry the state of `after`.

        revision: of the record that is stored with it; else nothing is. A session that was opened in another
        voice goes on carrying that person's.
        """
        if self.session.voice(envelope) not in (None, voice_key(envelope)):
            return Answer(response, None)
        return Answer(response, self.session.written(envelope, after, revision or known.revision))

    def forget(self, envelope: RequestEnvelope) -> bool:
        """Delete all that is stored of the person; returns whether that was done, as far as can be told."""
        try:
            if whose(envelope):
                self._store.delete_attributes(envelope)
        except PersistenceException as error:
            self._tell(envelope, f"not deleted, as far as can be told: {error}")
            return False
        return True

    def note_goodbye(self, envelope: RequestEnvelope, answer: Answer) -> None:
        """Keep in this process what somebody was answered who was forgotten."""
        self._goodbyes[whose(envelope)] = _Goodbye(envelope.request.request_id, answer)
        while len(self._goodbyes) > _MOST_GOODBYES:
            self._goodbyes.popitem(last=False)

    def _load(self, envelope: RequestEnvelope) -> Json | None:
        if not whose(envelope):
            return None
        try:
            return dict(self._store.get_attributes(envelope) or {})
        except UnreadableRecordError as error:
            self._tell(envelope, f"not readable and taken for none: {error}")
            return {"revision": error.revision}
        except (TypeError, ValueError) as error:
            self._tell(envelope, f"no record at all: {type(error).__name__}")
            return None
        except PersistenceException as error:
            self._tell(envelope, f"not loaded, going on with the session's: {error}", error)
            return None

    def _session(self, envelope: RequestEnvelope) -> Json:
        """What the session carries of this person."""
        try:
            ours = self.session.read(envelope)
        except ValueError as error:
            self._tell(envelope, f"in the session, and of no use: {error}")
            return {}
        return ours if ours.get("voice", "") == voice_key(envelope) else {}

    def _tell(self, envelope: RequestEnvelope, what: str, error: Exception | None = None) -> None:
        """Tell the log. That the store rests, it tells by itself."""
        if not isinstance(error, RestingError):
            _log.error("the record of %s is %s", pseudonym(self._secret, whose(envelope)), what)


def _with(blank: Moment, stored: Stored) -> Moment:
    moment = replace(blank, state=stored.without_place, elsewhere=stored.elsewhere)
    return replace(moment, state=stored.state(moment.timeline))


def _revision(record: Json | None) -> int:
    """The revision of a record, or of a session; 0 where it has none."""
    revision = (record or {}).get("revision")
    return revision if isinstance(revision, int) else 0


def _belongs(session: Json, record: Json) -> bool:
    """Whether what the session carries is of this very record, not of one that was deleted since."""
    carried = _revision(session)
    return not carried or 0 <= _revision(record) - carried < _MOST_SAVES


def _merged(session: Json, record: Json | None) -> Json:
    """What the session carries, with what the person has said elsewhere since. No all-clear is lent.

    What was done and waits in the session may have been kept then: it is not counted again.
    """
    if not session or not record or _revision(record) == _revision(session) or "settings" not in record:
        return session
    cleared = bool(session.get("cleared")) and bool(record.get("cleared"))
    return {**session, "settings": record["settings"], "cleared": cleared, "did": {}}


def _at_the_stored_place(carried: Moment, stored: Moment, session: Json) -> Moment:
    """`carried`; where its session began while the store did not answer, it knows no place but its own."""
    begun_blind = bool(session) and not _revision(session)
    if not begun_blind or carried.playback.state is not PlaybackState.IDLE:
        return carried
    state = replace(carried.state, playback=stored.playback, visit_leg=stored.state.visit_leg)
    return replace(carried, state=state, elsewhere=stored.elsewhere)


def _record(before: Json, after: Moment, device: str) -> Json:
    """The person's record after a turn; where that before cannot be read, anew."""
    try:
        return person_record(before, after.state, after.timeline, device)
    except _UNREADABLE:
        return person_record({}, after.state, after.timeline, device)
