"""The service: one skill with its store and its recordings, as the webhook and AWS Lambda run it."""

from dataclasses import dataclass

from ask_sdk_core.skill_builder import CustomSkillBuilder

from skill.audio.library import Library
from skill.audio.recorded_voices import RecordedVoices
from skill.audio.recordings import Recordings
from skill.config import Config
from skill.content import load_content
from skill.intents.streams import Streams
from skill.intents.turn import Clock, utc_now
from skill.routine.marks import Marks
from skill.secret import secret_of
from skill.skill import skill_builder
from skill.store import open_store
from skill.store.guard import Guard
from skill.store.store import Store


@dataclass(frozen=True, slots=True)
class Service:
    """What every way to host the skill shares.

    builder: the skill, complete. language: of its texts, as in "en".
    """

    builder: CustomSkillBuilder
    store: Guard
    recordings: Recordings
    language: str


def build_service(config: Config, clock: Clock = utc_now, store: Store | None = None) -> Service:
    """The service that `config` asks for. store: kept open by the caller; else config.store is opened.

    Raises StoreUrlError, and ContentError where there is no such routine.
    """
    guard = Guard(store or open_store(config.store_url))
    secret, content = secret_of(config), load_content()
    library = Library(config.audio_folder, config.voice, content.language)
    recordings = Recordings(RecordedVoices(library, Marks(config.marks)), content, secret)
    streams = Streams(recordings, config.base_url)
    builder = skill_builder(
        content, config.routine, guard, clock, config.pause, secret, config.skill_id or None, streams
    )
    return Service(builder, guard, recordings, content.language)
