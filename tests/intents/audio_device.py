"""An Echo with an AudioPlayer, which does what a device does with a stream: asks, tells and goes on."""

from dataclasses import dataclass, field
from typing import Any

from tests.intents.alexa import Echo, Json, invoke, matched


@dataclass
class Streaming:
    """A stream on a device."""

    token: str
    url: str
    offset_ms: int
    begun: float
    """When it was at `offset_ms`, by the clock; it plays since, if it plays."""
    activity: str = "PLAYING"


@dataclass
class AudioEcho(Echo):
    """A device that plays streams. What it tells of them is sent at once, as Alexa sends it."""

    stream: Streaming | None = None
    told: list[str] = field(default_factory=list)

    @property
    def playing(self) -> bool:
        """Whether a stream sounds."""
        return self.stream is not None and self.stream.activity == "PLAYING"

    @property
    def offset_ms(self) -> int:
        """Where the stream is."""
        assert self.stream
        since = self.clock().timestamp() - self.stream.begun if self.playing else 0
        return self.stream.offset_ms + round(since * 1000)

    def body(self, request: Json) -> Json:
        """The envelope, with what the device can play and what it plays."""
        body = super().body(request)
        body["context"]["System"]["device"]["supportedInterfaces"] = {"AudioPlayer": {}}
        player: Json = {"playerActivity": "IDLE"}
        if self.stream:
            player = {
                "token": self.stream.token,
                "offsetInMilliseconds": self.offset_ms,
                "playerActivity": self.stream.activity,
            }
        body["context"]["AudioPlayer"] = player
        if request["type"].partition(".")[0] in ("AudioPlayer", "PlaybackController", "System"):
            del body["session"]
        return body

    def sends(self, request: Json) -> str:
        """One turn: a stream that sounds is interrupted by it, and goes on after it unless told otherwise."""
        interrupted = self.playing
        if interrupted:
            self._stop("PAUSED")
        speech = super().sends(request)
        obeyed = self._obey(self.answer["response"].get("directives", []))
        if interrupted and not obeyed and self.session is None:
            self._start()
        return speech

    def presses(self, button: str) -> Json:
        """A button of the player."""
        before = self.session
        self.answer = invoke(self.skill, self.body({"type": f"PlaybackController.{button}CommandIssued"}))
        self.session = before
        assert set(self.answer["response"]) <= {"directives"}, "nothing may be said to a button"
        self._obey(self.answer["response"].get("directives", []))
        return self.answer

    def tells(self, event: str, **more: Any) -> None:
        """Send what became of the stream; the answer must be empty."""
        assert self.stream
        told = {"token": self.stream.token, "offsetInMilliseconds": self.offset_ms, **more}
        self.told.append(event)
        before = self.session
        answer = invoke(self.skill, self.body({"type": f"AudioPlayer.{event}", **told}))
        self.session = before
        assert answer["response"] == {}

    def stops(self) -> None:
        """Something else takes the speaker."""
        self._stop("STOPPED")

    def finishes(self) -> None:
        """The stream plays to its end."""
        assert self.stream
        self.tells("PlaybackNearlyFinished")
        self._freeze("FINISHED")
        self.tells("PlaybackFinished")

    def fails(self, kind: str = "MEDIA_ERROR_SERVICE_UNAVAILABLE") -> None:
        """The stream cannot be fetched any further."""
        assert self.stream
        self._freeze("STOPPED")
        state = {
            "token": self.stream.token,
            "offsetInMilliseconds": self.offset_ms,
            "playerActivity": "STOPPED",
        }
        self.tells("PlaybackFailed", error={"type": kind, "message": "x"}, currentPlaybackState=state)

    def _obey(self, directives: list[Json]) -> bool:
        for directive in directives:
            if self.playing:
                self._stop("STOPPED")
            if directive["type"] == "AudioPlayer.Play":
                assert directive["playBehavior"] == "REPLACE_ALL"
                stream = directive["audioItem"]["stream"]
                now = self.clock().timestamp()
                self.stream = Streaming(stream["token"], stream["url"], stream["offsetInMilliseconds"], now)
                self.tells("PlaybackStarted")
            else:
                assert directive == {"type": "AudioPlayer.Stop"}
                if self.stream and self.stream.activity == "PAUSED":
                    self._stop("STOPPED")
        return bool(directives)

    def _start(self) -> None:
        assert self.stream
        self.stream.activity, self.stream.begun = "PLAYING", self.clock().timestamp()
        self.tells("PlaybackStarted")

    def _stop(self, activity: str) -> None:
        self._freeze(activity)
        self.tells("PlaybackStopped")

    def _freeze(self, activity: str) -> None:
        assert self.stream
        self.stream.offset_ms = self.offset_ms
        self.stream.activity = activity


def begin(echo: AudioEcho) -> None:
    """The recording plays from the start, for a sore left leg."""
    echo.asks("GuidedAudioIntent")
    echo.asks("No")
    echo.asks("SideIntent", side=matched("left", "left"))
    assert echo.playing, echo.answer
