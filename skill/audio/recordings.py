"""Recordings: which plans are recorded, and the signed names under which MP3s are asked for.

A token holds all that its MP3 is made of, so nothing is kept on the server for it: it is good for as
long as the recordings in it are, across restarts. Its signature keeps others from making us work.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b, sha256
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from skill.audio.library import SOUNDS
from skill.audio.recorded_voices import RecordedVoices
from skill.coach.content import Content
from skill.coach.record import settings_from, settings_record
from skill.coach.reply import Recording, Reply
from skill.render.audio import Track
from skill.routine.cue import Cue, CueKind, Step
from skill.routine.place import Place, place_of
from skill.routine.plan import make_plan
from skill.routine.settings import Settings
from skill.routine.timeline import Position, TimedCue, Timeline, make_timeline
from skill.routine.units import DurationMs, seconds
from skill.routine.voice import RecordedVoice

Json = dict[str, Any]

_SLACK = seconds(10)
"""A player may say that it is so far beyond the end."""


class UnknownTokenError(Exception):
    """A token that we did not sign."""


class OldEditionError(Exception):
    """A token of ours whose texts or recordings have changed since."""


class Recordings:
    """MP3s of the routines of `content` in the recorded `voices`, by their names.

    secret: what names are signed with.
    """

    def __init__(self, voices: RecordedVoices, content: Content, secret: str) -> None:
        self.voices = voices
        self._library, self._content = voices.library, content
        self._secret = secret

    def stream_token(self, timeline: Timeline) -> str:
        """The name of the whole routine of `timeline`, which must be in a recorded voice."""
        return self._sign(Recording(timeline, Position(0), len(timeline)), (), ())

    def answer_token(self, reply: Reply) -> str:
        """The name of all that sounds in a reply with a recording."""
        return self._sign(_recording(reply), reply.lead, reply.prompt)

    def reprompt_token(self, reply: Reply) -> str:
        """The name of what sounds if nobody answers a reply with a recording."""
        return self._sign(replace(_recording(reply), start=Position(0), end=0), (), reply.reprompt)

    def seal(self, text: str) -> str:
        """`text`, signed, for somebody who hands it back; `unseal` reads it."""
        return str(self._signer.dumps(text, salt="sealed"))

    def unseal(self, sealed: str) -> str:
        """What was sealed. Raises UnknownTokenError."""
        return str(self._read(sealed, salt="sealed"))

    def open(self, token: str) -> Track:
        """The MP3 called `token`. Raises UnknownTokenError and OldEditionError."""
        timeline, cues = self._named(token)
        return Track(cues, self._library, timeline.plan.settings.pace, self.voices.marks)

    def place(self, token: str, offset_ms: int) -> Place:
        """Where the routine called `token` is after `offset_ms`. Raises as `open`."""
        timeline, _ = self._named(token)
        if not 0 <= offset_ms <= timeline.length + _SLACK:
            raise OldEditionError(f"{offset_ms} ms is not in it")
        return place_of(timeline, timeline.at(offset_ms))

    def _named(self, token: str) -> tuple[Timeline, tuple[TimedCue, ...]]:
        """The routine that `token` names, and what of it, with what is said around. Raises as `open`."""
        named: Json = self._read(token)
        try:
            timeline = self._timeline(named)
            cues = _cues(timeline, named["span"], named["lead"], named["prompt"])
        except (AttributeError, LookupError, TypeError, ValueError) as wrong:
            raise OldEditionError(str(wrong)) from None
        if self._edition(timeline, cues) != named["edition"]:
            raise OldEditionError("recorded anew since")
        return timeline, cues

    def _sign(self, recording: Recording, before: Sequence[TimedCue], after: Sequence[TimedCue]) -> str:
        timeline, start = recording.timeline, recording.start
        span = [start.index, start.ms, recording.end]
        lead, prompt = _parts(timeline, before), _parts(timeline, after)
        cues = _cues(timeline, span, lead, prompt)
        named = {
            "routine": timeline.plan.routine.id,
            "settings": _sounding(timeline.plan.settings),
            "span": span,
            "lead": lead,
            "prompt": prompt,
            "edition": self._edition(timeline, cues),
        }
        return str(self._signer.dumps(named))

    def _read(self, signed: str, salt: str | None = None) -> Any:
        try:
            return self._signer.loads(signed, salt=salt)
        except BadData:
            raise UnknownTokenError("not signed here") from None

    def _timeline(self, named: Json) -> Timeline:
        """The routine that a token names. Raises AttributeError, LookupError, TypeError or ValueError."""
        routine = self._content.routine(named["routine"])
        plan = make_plan(routine, settings_from(named["settings"]), self._content.words)
        voice = self.voices.of(plan)
        if voice is None:
            raise ValueError("not recorded any more")
        return make_timeline(plan, voice)

    def _edition(self, timeline: Timeline, cues: Sequence[TimedCue]) -> str:
        """Of one MP3: changes when any of its bytes may."""
        pace = timeline.plan.settings.pace
        sounds = [self._library.sound_digest(name) for name in SOUNDS]
        digests = [(timed.duration, self._library.digest(timed.cue.text, pace)) for timed in cues]
        made_of = repr((self.voices.marks, self._library.voice, sounds, digests))
        return blake2b(made_of.encode(), digest_size=9).hexdigest()

    @cached_property
    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt="audio", signer_kwargs={"digest_method": sha256})


def _sounding(settings: Settings) -> Json:
    """What of `settings` is heard in a recording."""
    record = settings_record(settings)
    return {key: value for key, value in record.items() if key not in ("flow", "guide")}


def _recording(reply: Reply) -> Recording:
    if reply.recording is None:
        raise ValueError("the reply is not in a recorded voice")
    return reply.recording


def _parts(timeline: Timeline, cues: Sequence[TimedCue]) -> list[str | int]:
    """What is said between passages: words that are recorded, and as silence in milliseconds all else."""
    voice, pace = timeline.voice, timeline.plan.settings.pace
    assert isinstance(voice, RecordedVoice)  # noqa: S101  a recording has no other
    return [t.cue.text if voice.has(t.cue.text, pace) else t.duration for t in cues]


def _cues(
    timeline: Timeline, span: list[int], lead: list[str | int], prompt: list[str | int]
) -> tuple[TimedCue, ...]:
    """What an answer is made of: `lead`, the routine from a position to the cue at an index, `prompt`."""
    index, ms, end = span
    passage = timeline.cut(Position(index, DurationMs(ms)), end)
    return (*_said(timeline, lead), *passage, *_said(timeline, prompt))


def _said(timeline: Timeline, parts: list[str | int]) -> tuple[TimedCue, ...]:
    pace = timeline.plan.settings.pace
    return tuple(
        TimedCue(Cue(CueKind.SPEECH, Step.ANSWER, part), timeline.voice.speech_ms(part, pace))
        if isinstance(part, str)
        else TimedCue(Cue(CueKind.WAIT, Step.ANSWER), DurationMs(part))
        for part in parts
    )
