"""Streams on Alexa's devices: the directives that play them, and what a device tells of its player."""

from dataclasses import dataclass

from ask_sdk_model import Directive, RequestEnvelope
from ask_sdk_model.interfaces.audioplayer import (
    AudioItem,
    AudioItemMetadata,
    CaptionData,
    CaptionType,
    PlayBehavior,
    PlayDirective,
    Stream,
)
from ask_sdk_model.interfaces.display import Image, ImageInstance

from skill.audio.recordings import OldEditionError, Recordings, UnknownTokenError
from skill.coach.moment import Heard
from skill.coach.reply import Reply
from skill.render.captions import webvtt
from skill.routine.script import sentence_case
from skill.routine.units import EpochMs

MOST_CAPTIONS = 8_000
"""Bytes of captions in one directive: a response must stay under 24 KB."""

ART = "/art.png"
"""Where a screen finds the picture that goes with a stream."""


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

    def play(self, reply: Reply) -> Directive:
        """The directive that plays the stream of `reply`."""
        assert reply.recording is not None  # noqa: S101  a stream is a recording
        timeline, start = reply.recording.timeline, reply.recording.start
        token = self.recordings.stream_token(timeline)
        offset = timeline.offset(start)
        captions = webvtt(timeline, offset, MOST_CAPTIONS)
        stream = Stream(
            token=f"{reply.stream}.{token}",
            url=f"{self.url}/audio/{token}.mp3",
            offset_in_milliseconds=offset,
            caption_data=CaptionData(content=captions, object_type=CaptionType.WEBVTT),
        )
        item = AudioItem(stream=stream, metadata=self._metadata(reply))
        return PlayDirective(play_behavior=PlayBehavior.REPLACE_ALL, audio_item=item)

    def heard(self, token: str | None, offset_ms: int | None) -> Heard | None:
        """What a device tells of its player; None where it is none of our streams."""
        number, _, name = (token or "").partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        stream = EpochMs(int(number))
        try:
            place = None if offset_ms is None else self.recordings.place(name, offset_ms)
        except UnknownTokenError:
            return None
        except OldEditionError:
            place = None
        return Heard(stream, place)

    def _metadata(self, reply: Reply) -> AudioItemMetadata:
        assert reply.recording is not None  # noqa: S101
        plan = reply.recording.timeline.plan
        first = next((cue.stretch for cue in plan.cues[reply.recording.start.index :] if cue.stretch), "")
        subtitle = sentence_case(plan.routine.stretch(first).name) if first else ""
        art = Image(content_description="Sciatica Coach", sources=[ImageInstance(url=self.url + ART)])
        return AudioItemMetadata(title=sentence_case(plan.routine.name), subtitle=subtitle, art=art)
