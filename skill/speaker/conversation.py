"""A conversation with the local speaker: what Alexa's cloud does between a person and a skill."""

import json
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import uuid4

from ask_sdk_core.dispatch_components import AbstractResponseInterceptor
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_core.skill import CustomSkill
from ask_sdk_model import RequestEnvelope, Response

from skill.audio.recordings import Recordings
from skill.coach.content import Content
from skill.coach.reply import Reply
from skill.intents.device import LATE_MS, SPEAKER_DEVICE
from skill.intents.turn import REPLY, Clock
from skill.render.screen import Frame, Screen
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.settings import Pace
from skill.routine.timeline import TimedCue
from skill.routine.voice import ModelledVoice
from skill.speaker.envelopes import (
    Json,
    envelope,
    intent_request,
    launch_request,
    session_ended_request,
)
from skill.understanding.heard import Heard
from skill.understanding.understand import understand

UNANSWERED, LEFT = "EXCEEDED_MAX_REPROMPTS", "USER_INITIATED"
LISTENING_MS = 8_000
"""How long a device listens after a prompt, and again after the reprompt."""

_OPENING = {"open sciatica coach", "sciatica coach", "launch sciatica coach", "start sciatica coach"}


@dataclass(frozen=True)
class Answer:
    """One answer of the skill, as a device gets it and as a screen shows it.

    heard: what was understood, None for a launch. ends: whether the session is over.
    situation, then: as in Reply.
    sound, reprompt_sound: the tokens of the recordings of either's frames, "" where there is none.
    """

    heard: Heard | None
    frames: tuple[Frame, ...]
    reprompt: tuple[Frame, ...]
    ends: bool
    situation: str
    then: str
    response: Json
    sound: str = ""
    reprompt_sound: str = ""


class FrameTap(AbstractResponseInterceptor):  # type: ignore[misc]
    """Keeps the reply behind the response of this thread's turn, so that a screen can be drawn."""

    def __init__(self) -> None:
        self._reply: ContextVar[Reply | None] = ContextVar("reply", default=None)

    def process(self, handler_input: HandlerInput, response: Response) -> None:
        """Called by ASK after each turn."""
        self._reply.set(handler_input.attributes_manager.request_attributes.get(REPLY))

    def take(self) -> Reply | None:
        """The reply of the last turn in this thread, once; None where the turn failed."""
        reply = self._reply.get()
        self._reply.set(None)
        return reply


@dataclass
class Speaker:
    """Talks to `skill` in this process, through whole Alexa envelopes."""

    skill: CustomSkill
    screen: Screen
    clock: Clock
    recordings: Recordings | None = None
    tap: FrameTap = field(default_factory=FrameTap)

    @classmethod
    def leading(
        cls,
        skill: CustomSkill,
        content: Content,
        routine_id: str,
        clock: Clock,
        recordings: Recordings | None = None,
    ) -> "Speaker":
        """A speaker for `skill`, which leads `routine_id`."""
        return cls(skill, Screen(content.routine(routine_id), content.words), clock, recordings)

    def __post_init__(self) -> None:
        self.skill.request_dispatcher.response_interceptors.append(self.tap)
        self._serializer = DefaultSerializer()

    def send(self, request: Json) -> tuple[Json, Reply]:
        """What the skill answers to an envelope, and the reply behind it."""
        parsed = self._serializer.deserialize(json.dumps(request), RequestEnvelope)
        answer: Json = self._serializer.serialize(self.skill.invoke(parsed, None))
        return answer, self.tap.take() or _apology(answer)

    def sounds(self, reply: Reply) -> tuple[str, str]:
        """The tokens of the recordings of `reply` and of its reprompt; "" for what has none."""
        if not self.recordings or not reply.recording:
            return "", ""
        again = self.recordings.reprompt_token(reply) if reply.reprompt else ""
        return self.recordings.answer_token(reply), again


@dataclass
class Conversation:
    """One device's sessions, one after the other."""

    speaker: Speaker
    locale: str = "en-US"
    device: str = SPEAKER_DEVICE
    understand: Callable[[str], Heard] = understand
    _session: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def carried_on(cls, speaker: Speaker, locale: str) -> "Conversation":
        """A conversation whose session is open already, from a process that has ended since."""
        return cls(speaker, locale, _session={"sessionId": _new_session_id(), "attributes": {}})

    def say(self, text: str, late_ms: int = 0) -> Answer:
        """What the skill answers to `text`, opening a session if none is open.

        late_ms: how much later than planned the answer before is sounding; see Moment.late_ms.
        """
        if _is_opening(text):
            return self.launch()
        heard = self.understand(text)
        with self._lock:
            if self._session:
                self._session["attributes"][LATE_MS] = late_ms
            return self._turn(intent_request(heard), heard)

    def launch(self) -> Answer:
        """What the skill answers to being opened."""
        with self._lock:
            return self._turn(launch_request(), None)

    def end(self, reason: str) -> None:
        """Tell the skill that the session is over, as `UNANSWERED` or `LEFT`."""
        with self._lock:
            if self._session:
                self._turn(session_ended_request(reason), None)
                self._session = {}

    def _turn(self, request: Json, heard: Heard | None) -> Answer:
        new = not self._session
        if new:
            self._session = {"sessionId": _new_session_id(), "attributes": {}}
        session = {**self._session, "new": new}
        when = self.speaker.clock()
        answer, reply = self.speaker.send(envelope(request, session, self.device, self.locale, when))
        self._session["attributes"] = answer.get("sessionAttributes") or {}
        if reply.ends:
            self._session = {}
        screen, (sound, reprompt_sound) = self.speaker.screen, self.speaker.sounds(reply)
        return Answer(
            heard=heard,
            frames=screen.frames(reply),
            reprompt=screen.reprompt(reply),
            ends=reply.ends,
            situation=reply.situation,
            then=reply.then,
            response=answer,
            sound=sound,
            reprompt_sound=reprompt_sound,
        )


def _apology(answer: Json) -> Reply:
    """The reply behind a response that no reply is behind: its words, and nothing else."""
    response = answer["response"]

    def words(speech: Json) -> tuple[TimedCue, ...]:
        text = _TAG.sub(" ", speech.get("outputSpeech", {}).get("ssml", "")).strip()
        cue = Cue(CueKind.SPEECH, Step.PROMPT, text)
        return (TimedCue(cue, ModelledVoice().speech_ms(text, Pace.NORMAL)),) if text else ()

    return Reply(prompt=words(response), reprompt=words(response.get("reprompt", {})))


_TAG = re.compile(r"<[^>]+>")


def _new_session_id() -> str:
    return f"amzn1.echo-api.session.{uuid4()}"


def _is_opening(text: str) -> bool:
    words = text.lower().removeprefix("alexa").strip(" ,.!")
    return words.removesuffix("please").strip(" ,") in _OPENING
