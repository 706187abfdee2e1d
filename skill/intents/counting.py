"""Counting turns, by intent and by what they came to. What hurts somebody is not counted apart."""

from enum import StrEnum

from ask_sdk_model import IntentRequest, RequestEnvelope, Response
from ask_sdk_model.interfaces.audioplayer import PlayDirective

from skill.coach.events import Event, StreamChanged
from skill.intents import safety
from skill.intents.families import intents
from skill.metrics import STREAMS, TURNS

TYPES = frozenset(
    (
        *("LaunchRequest", "SessionEndedRequest", "AlexaSkillEvent.SkillDisabled"),
        *(f"AudioPlayer.Playback{what}" for what in ("Started", "Stopped", "Finished", "Failed")),
        *(f"PlaybackController.{what}CommandIssued" for what in ("Play", "Pause", "Next", "Previous")),
        "System.ExceptionEncountered",
    )
)
"""Requests without an intent that mean something to us."""

_INTENTS = frozenset(intents())


class TurnOutcome(StrEnum):
    """What a turn came to; the label of its metric."""

    KEPT = "kept"
    """Answered, and stored."""
    UNKEPT = "unkept"
    """Answered, but the store did not take it: the session alone carries the place."""
    UNCHANGED = "unchanged"
    """Answered, and there was nothing to store."""
    REPLAYED = "replayed"
    """Asked before, and answered the same."""
    FORGOTTEN = "forgotten"
    """The person is forgotten."""
    IGNORED = "ignored"
    """Of a type that means nothing to us."""
    FAILED = "failed"
    """An apology, or nothing at all: a bug, or a store that deletes nothing."""


def count(envelope: RequestEnvelope, outcome: TurnOutcome) -> None:
    """One turn more."""
    TURNS.labels(name_of(envelope), outcome).inc()


def count_turn(envelope: RequestEnvelope, event: Event, outcome: TurnOutcome, response: Response) -> None:
    """One turn more, what `event` tells of a stream, and the stream that `response` begins."""
    count(envelope, outcome)
    if outcome == TurnOutcome.REPLAYED:
        return
    if isinstance(event, StreamChanged):
        STREAMS.labels(event.to).inc()
    if any(isinstance(directive, PlayDirective) for directive in response.directives or ()):
        STREAMS.labels("begun").inc()


def name_of(envelope: RequestEnvelope) -> str:
    """The intent, if it is one of ours; `safety` for one that tells of a pain or a warning sign; else the
    type of the request, or `other`.
    """
    request = envelope.request
    if not isinstance(request, IntentRequest):
        return request.object_type if request.object_type in TYPES else "other"
    name = request.intent.name if request.intent else ""
    if name in safety.FAMILY:
        return "safety"
    return name if name in _INTENTS else "other"
