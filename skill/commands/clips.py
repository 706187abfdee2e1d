"""The clips that commands look at: a voice's, and those there should be."""

from skill.audio.library import Library
from skill.audio.texts import all_texts
from skill.config import Config
from skill.content import load_content


def library_of(voice: str, config: Config) -> Library:
    """The clips of `voice`."""
    return Library(config.audio_folder, voice, load_content().language)


def texts_to_record(config: Config) -> tuple[str, ...]:
    """Every text that the routine may need recorded."""
    content = load_content()
    return all_texts(content, content.routine(config.routine))
