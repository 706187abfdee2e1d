"""What is said while something is broken, and the moments it is said in."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from skill.intents.streams import Streams
from skill.store.sqlite import SqliteStore
from tests.intents.alexa import Clock, Echo, Json, intent, matched, number, skill_on
from tests.intents.audio_device import AudioEcho, begin
from tests.intents.recorded import recordings_in
from tests.intents.situations import SITUATIONS

URL = "https://coach.example.com"
LAUNCH = {"type": "LaunchRequest"}
STREAMS = "streaming"
"""The moment in which a recording plays on the device, with no session open."""


@dataclass(frozen=True)
class Said:
    """A request, and the moment it comes in. fresh: in a new session."""

    moment: str
    request: Json
    fresh: bool = False


SAID: Mapping[str, Said] = {
    "Launch": Said("paused", LAUNCH, fresh=True),
    "StartRoutine": Said("paused", intent("StartRoutineIntent")),
    "Yes": Said("waiting", intent("AMAZON.YesIntent")),
    "No": Said("asked_about_safety", intent("AMAZON.NoIntent")),
    **{
        name: Said("in_hold", intent(f"AMAZON.{name}Intent"))
        for name in ("Next", "Previous", "Repeat", "Pause")
    },
    "Resume": Said("paused", intent("AMAZON.ResumeIntent")),
    "Stretch": Said("in_hold", intent("StretchIntent", {"stretch": matched("hamstring", "hamstring")})),
    "TimeLeft": Said("in_hold", intent("TimeLeftIntent")),
    "WhereAmI": Said("in_hold", intent("WhereAmIIntent")),
    "SetHold": Said("in_hold", intent("SetHoldIntent", {"seconds": number("30")})),
    "Pain": Said("in_hold", intent("PainIntent", {"pain": matched("sharp", "sharp")})),
    "ForgetMe": Said("paused", intent("ForgetMeIntent")),
    "Help": Said("in_hold", intent("AMAZON.HelpIntent")),
    "Stop": Said("in_hold", intent("AMAZON.StopIntent")),
    "SessionEnded": Said("in_hold", {"type": "SessionEndedRequest", "reason": "USER_INITIATED"}),
}
TOLD: Mapping[str, Said] = {
    "stopped": Said(STREAMS, {"type": "AudioPlayer.PlaybackStopped"}),
    "finished": Said(STREAMS, {"type": "AudioPlayer.PlaybackFinished"}),
    "button pause": Said(STREAMS, {"type": "PlaybackController.PauseCommandIssued"}),
    "button play": Said(STREAMS, {"type": "PlaybackController.PlayCommandIssued"}),
    "button next": Said(STREAMS, {"type": "PlaybackController.NextCommandIssued"}),
    "Pause stream": Said(STREAMS, intent("AMAZON.PauseIntent"), fresh=True),
    "WhereAmI stream": Said(STREAMS, intent("WhereAmIIntent"), fresh=True),
}
"""What a device tells of a stream, and what is said while it plays: in no open session."""


@dataclass(frozen=True)
class Place:
    """A moment: the file that tells of it, and a device in it."""

    file: bytes
    echo: Echo

    def stored_at(self, path: Path) -> Echo:
        """The device, with a clock of its own, and its file at `path`."""
        path.parent.mkdir(parents=True)
        path.write_bytes(self.file)
        echo = replace(self.echo, session=deepcopy(self.echo.session), clock=replace(self.echo.clock))
        if isinstance(echo, AudioEcho) and echo.stream:
            echo.stream = replace(echo.stream)
        return echo


@cache
def place(moment: str, recorded: Path) -> Place:
    """The moment, reached once by talking."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "coach.sqlite3"
        store, clock = SqliteStore(str(path)), Clock()
        if moment == STREAMS:
            skill = skill_on(store, clock, streams=Streams(recordings_in(recorded), URL))
            echo: Echo = AudioEcho(skill, clock, user="amzn1.ask.account.streaming")
            begin(echo)
            clock.after(60)
        else:
            echo = Echo(skill_on(store, clock), clock, user=f"amzn1.ask.account.{moment}")
            SITUATIONS[moment](echo)
        connection = store._connection()
        connection.execute("delete from person where key <> ?", (echo.user,))
        connection.execute("vacuum")
        connection.close()
        return Place(path.read_bytes(), echo)
