"""The recordings that Alexa's devices play."""

from skill.commands.checks.finding import Finding
from skill.commands.clips import library_of, texts_to_record
from skill.config import Config


def recorded(config: Config) -> Finding:
    """Whether all of them are made."""
    library, texts = library_of(config.voice, config), texts_to_record(config)
    missing = len(library.missing(texts))
    if missing or not library.snapshot.has_sounds:
        what = f"{missing} of {len(texts)} texts are" if missing else "the sounds are"
        found = f"{what} not recorded by {config.voice}"
        return Finding.wrong("recordings", found, f"sciatica-coach audio build --voice {config.voice}")
    return Finding("recordings", f"all {len(texts)} texts, by {config.voice}")
