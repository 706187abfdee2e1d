"""Records: a state as plain JSON, and back.

Two shapes of the same values. The stored record of a person holds the settings once and what
belongs to a device per device. The session mirror is the record of one device, small enough
(under 1 KB) to travel with every response, so that a session outlives a store that is down. What was
done and could not be kept waits there; what is kept of it is no part of a record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from skill.coach.state import Question, State, Stream
from skill.routine.cue import Step
from skill.routine.history import History, added, history_from
from skill.routine.pace import LearnedPace, Sounding
from skill.routine.place import Place, find, place_of
from skill.routine.playback import Playback, PlaybackState
from skill.routine.settings import Flow, Guide, Leg, Pace, Settings, Talk
from skill.routine.timeline import Position, Timeline
from skill.routine.units import DurationMs, EpochMs, Side

VERSION = 1
"""Of both shapes. What a newer version wrote is neither read nor overwritten."""
MOST_DEVICES = 8
"""Devices remembered for one person; the one unused for longest goes first."""

MOST_WAITING = 8
"""Kinds of holds, by day, that wait in a session to be kept."""

Json = dict[str, Any]


class NewerRecordError(ValueError):
    """A record that a newer version wrote."""


def person_record(before: Mapping[str, Any], state: State, timeline: Timeline, device: str) -> Json:
    """The stored record after a turn on `device`; other devices keep what they had."""
    others = {key: value for key, value in before.get("devices", {}).items() if key != device}
    kept = dict(list(others.items())[-(MOST_DEVICES - 1) :])
    return {
        "version": VERSION,
        "settings": settings_record(state.settings),
        "cleared": state.cleared,
        "devices": {**kept, device: _device_record(state, timeline)},
    }


def mirror(state: State, timeline: Timeline) -> Json:
    """The record of one device, for the session attributes."""
    return {
        "version": VERSION,
        "settings": settings_record(state.settings),
        "cleared": state.cleared,
        "device": _device_record(state, timeline),
        **({"did": _waiting(state.did)} if state.did else {}),
    }


def _waiting(did: History) -> History:
    kinds = [{day: {name: count}} for day, counts in did.items() for name, count in counts.items()]
    return added(*kinds[-MOST_WAITING:])


def from_person_record(record: Mapping[str, Any], device: str) -> "Stored":
    """What is stored for `device`; the place of the device used last, where this one has none."""
    _check_version(record)
    devices = record.get("devices", {})
    own = devices.get(device, {})
    last: Json = max(devices.values(), key=_used, default={})
    place = own if own.get("state") in _BEGUN else last
    gone = _PLACE_KEYS if place is own else (*_PLACE_KEYS, "stream")
    apart = {key: value for key, value in own.items() if key not in gone}
    here = {**apart, **{key: place[key] for key in _PLACE_KEYS if key in place}}
    return Stored({**record, "did": {}}, here, elsewhere=place is not own)


def _used(device: Json) -> int:
    """When a device last answered; the order of keys is not kept by every store."""
    return int((device.get("sounding") or (0,))[0])


def from_mirror(record: Mapping[str, Any]) -> "Stored":
    """What the session attributes hold."""
    _check_version(record)
    return Stored(record, record.get("device", {}))


def _check_version(record: Mapping[str, Any]) -> None:
    version = record.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise NewerRecordError(f"the record is of version {version}")


_BEGUN = {PlaybackState.PLAYING, PlaybackState.WAITING, PlaybackState.PAUSED}
_PLACE_KEYS = ("state", "at", "end", "since", "visit_leg")


class Stored:
    """A record read back; the place needs a timeline to be found on. elsewhere: as in Moment."""

    def __init__(
        self, person: Mapping[str, Any], device: Mapping[str, Any], *, elsewhere: bool = False
    ) -> None:
        self._device, self.elsewhere = device, elsewhere
        leg = device.get("visit_leg")
        question = device.get("question")
        sounding = device.get("sounding")
        stream = device.get("stream")
        did = person.get("did")
        self.without_place = State(
            settings=settings_from(person.get("settings", {})),
            visit_leg=Leg(leg) if leg else None,
            question=Question(question) if question else None,
            wish=bool(device.get("wish")),
            cleared=bool(person.get("cleared")),
            misses=int(device.get("misses", 0)),
            turn=int(device.get("turn", 0)),
            pace=_pace(device.get("pace", ())),
            sounding=_sounding(sounding) if sounding else None,
            stream=_stream(stream) if stream else None,
            did=history_from(did) if isinstance(did, Mapping) else {},
        )

    def state(self, timeline: Timeline) -> State:
        """The state, with its place found on `timeline`, which must be that of `without_place`."""
        device = self._device
        playback = Playback(
            state=PlaybackState(device.get("state", PlaybackState.IDLE)),
            position=_position(timeline, device.get("at")),
            end=_position(timeline, device.get("end")).index,
            since=EpochMs(max(int(device.get("since", 0)), 0)),
        )
        return replace(self.without_place, playback=playback)


def _device_record(state: State, timeline: Timeline) -> Json:
    playback = state.playback
    record: Json = {
        "state": str(playback.state),
        "at": _place_record(place_of(timeline, playback.position)),
        "end": _place_record(place_of(timeline, Position(playback.end))),
        "since": playback.since,
        "question": state.question and str(state.question),
        "wish": state.wish,
        "visit_leg": state.visit_leg and str(state.visit_leg),
        "misses": state.misses,
        "turn": state.turn,
        "pace": [list(pair) for pair in state.pace.heard],
        "sounding": state.sounding
        and [
            state.sounding.left_at,
            state.sounding.speech,
            state.sounding.reprompt,
            state.sounding.silence,
        ],
        "stream": state.stream and [state.stream.number, state.stream.interrupted, int(state.stream.started)],
    }
    return {key: value for key, value in record.items() if value}


def _place_record(place: Place) -> list[Any]:
    side = str(place.side) if place.side else ""
    return [place.stretch, side, place.repetition, str(place.step), place.nth, place.ms]


def _position(timeline: Timeline, record: Any) -> Position:
    if record is None:
        return Position(0)
    stretch, side, repetition, step, nth, ms = record
    place = Place(
        str(stretch),
        Side(side) if side else None,
        int(repetition),
        Step(step),
        int(nth),
        DurationMs(max(int(ms), 0)),
    )
    return find(timeline, place)


def _pace(record: Iterable[tuple[int, int]]) -> LearnedPace:
    """Through `after`, so that a pace no voice has cannot make a passage without end."""
    pace = LearnedPace()
    for took, plain in record:
        pace = pace.after(int(took), int(plain))
    return pace


def _stream(record: list[int]) -> Stream:
    number, interrupted, started = (int(value) for value in record)
    return Stream(EpochMs(number), EpochMs(interrupted), bool(started))


def _sounding(record: list[int]) -> Sounding:
    left_at, *lengths = (int(value) for value in record)
    return Sounding(EpochMs(left_at), *(DurationMs(length) for length in lengths))


def settings_record(settings: Settings) -> Json:
    """`settings` as plain JSON; what is as usual is left out where that is nothing."""
    record: Json = {
        "holds": dict(settings.holds),
        "repetitions": dict(settings.repetitions),
        "leg": settings.leg and str(settings.leg),
        "pace": str(settings.pace),
        "talk": str(settings.talk),
        "flow": str(settings.flow),
        "guide": settings.guide and str(settings.guide),
    }
    return {key: value for key, value in record.items() if value}


def settings_from(record: Mapping[str, Any]) -> Settings:
    """The settings in a record. Raises ValueError, TypeError or AttributeError where it holds no settings."""
    usual = Settings()
    leg, guide = record.get("leg"), record.get("guide")
    return Settings(
        holds=_counts(record.get("holds", {})),
        repetitions=_counts(record.get("repetitions", {})),
        leg=Leg(leg) if leg else None,
        pace=Pace(record.get("pace", usual.pace)),
        talk=Talk(record.get("talk", usual.talk)),
        flow=Flow(record.get("flow", usual.flow)),
        guide=Guide(guide) if guide else None,
    )


def _counts(record: Mapping[str, Any]) -> dict[str, int]:
    return {str(stretch): int(count) for stretch, count in record.items()}
