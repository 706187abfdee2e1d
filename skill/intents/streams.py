"""Streams on Alexa's devices: the directives that play them, and what a device tells of its player."""

from dataclasses import dataclass
from typing import NamedTuple

from ask_sdk_model import Directive, RequestEnvelope
from ask_sdk_model.interfaces.audioplayer import (
    AudioItem,
    AudioItemMetadata,
    CaptionData,
    CaptionType,
    PlaybackFailedRequest,
    PlayBehavior,
    PlayDirective,
    Stream,
)
from ask_sdk_model.interfaces.display import Image, ImageInstance

from skill.audio.recordings import OldEditionError, Recordings, UnknownTokenError
from skill.coach.moment import Activity, StreamReport
from skill.coach.reply import Reply
from skill.render.captions import webvtt
from skill.routine.script import sentence_case
from skill.routine.units import EpochMs

MOST_CAPTIONS = 18_000
"""Bytes of captions in one directive: a response must stay under 24 KB."""

ART = "/art.png"
"""Where a screen finds the picture that goes with a stream."""


_ACTIVITIES = {
    "PLAYING": Activity.PLAYING,
    "PAUSED": Activity.PAUSED,
    "BUFFER_UNDERRUN": Activity.PLAYING,
    "FINISHED": Activity.OVER,
}


class _Told(NamedTuple):
    token: str | None
    offset_ms: int | None
    activity: Activity


@dataclass(frozen=True)
class Streams:
    """Streams of `recordings`, which devices fetch from `url`; without one, no device gets any."""

    recordings: Recordings
    url: str

    def played_by(self, envelope: RequestEnvelope) -> bool:
        """Whether the device can play streams and knows where to fetch them."""
        system = envelope.context.system if envelope.context else None
        interfaces = system.device.supported_interfaces if system and system.device else None
        return bool(self.url and interfaces and interfaces.audio_player)

    def play(self, reply: Reply, person: str) -> Directive:
        """The directive that plays the stream of `reply` for `person`: a recognised voice, or ""."""
        assert reply.recording is not None  # noqa: S101  a stream is a recording
        timeline, start = reply.recording.timeline, reply.recording.start
        token = self.recordings.stream_token(timeline)
        offset = timeline.offset(start)
        captions = webvtt(timeline, offset, MOST_CAPTIONS)
        stream = Stream(
            token="~".join((str(reply.stream), self.recordings.seal(person) if person else "", token)),
            url=f"{self.url}/audio/{token}.mp3",
            offset_in_milliseconds=offset,
            caption_data=CaptionData(content=captions, object_type=CaptionType.WEBVTT),
        )
        item = AudioItem(stream=stream, metadata=self._metadata(reply))
        return PlayDirective(play_behavior=PlayBehavior.REPLACE_ALL, audio_item=item)

    def heard(self, envelope: RequestEnvelope) -> StreamReport | None:
        """What a device tells of its player: of the stream a request is about, else of the one it has."""
        told = _told(envelope)
        if told is None:
            return None
        number, _, name = _parts(told.token)
        try:
            known = number and told.offset_ms is not None
            place = self.recordings.place(name, told.offset_ms or 0) if known else None
        except (UnknownTokenError, OldEditionError):
            place = None
        return StreamReport(number, place, told.activity)

    def owner(self, envelope: RequestEnvelope) -> str:
        """Who had the stream played that a request is about, where that is a recognised voice; else "".

        What is said is about a stream only while there is one to be heard.
        """
        told = _told(envelope)
        if told is None or (envelope.session and told.activity not in (Activity.PLAYING, Activity.PAUSED)):
            return ""
        _, sealed, _ = _parts(told.token)
        try:
            return self.recordings.unseal(sealed) if sealed else ""
        except UnknownTokenError:
            return ""

    def _metadata(self, reply: Reply) -> AudioItemMetadata:
        assert reply.recording is not None  # noqa: S101
        plan = reply.recording.timeline.plan
        first = next((cue.stretch for cue in plan.cues[reply.recording.start.index :] if cue.stretch), "")
        subtitle = sentence_case(plan.routine.stretch(first).name) if first else ""
        art = Image(content_description="Sciatica Coach", sources=[ImageInstance(url=self.url + ART)])
        return AudioItemMetadata(title=sentence_case(plan.routine.name), subtitle=subtitle, art=art)


def _told(envelope: RequestEnvelope) -> _Told | None:
    """What a request tells of a stream. What has become of one is told without a person and a session."""
    request = envelope.request
    if isinstance(request, PlaybackFailedRequest):
        now = request.current_playback_state
        same = now is not None and now.token == request.token
        return _Told(request.token, now.offset_in_milliseconds if same else None, Activity.STOPPED)
    if request.object_type.startswith("AudioPlayer."):
        return _Told(request.token, request.offset_in_milliseconds, Activity.PLAYING)
    player = envelope.context.audio_player if envelope.context else None
    if player is None:
        return None
    named = player.player_activity.value if player.player_activity else ""
    activity = _ACTIVITIES.get(named, Activity.STOPPED)
    return _Told(player.token, player.offset_in_milliseconds, activity)


def _parts(token: str | None) -> tuple[EpochMs, str, str]:
    """The number of a stream, its sealed owner and the name of what it plays; 0 where it is none of ours."""
    number, *rest = (token or "").split("~")
    if len(rest) != 2 or not (number.isascii() and number.isdigit() and len(number) < 16):
        return EpochMs(0), "", ""
    return EpochMs(int(number)), rest[0], rest[1]
