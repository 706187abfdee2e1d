"""The process's configuration: SCIATICA_* environment variables, and nothing else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from skill.routine.marks import Marks
from skill.routine.units import DurationMs, seconds


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and what is allowed."""


def data_folder() -> Path:
    """The coach's folder in the user's data folder (XDG_DATA_HOME, or ~/.local/share)."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "sciatica-coach"


@dataclass(frozen=True)
class Config:
    """Each field is the environment variable of the same name, in capitals, after SCIATICA_."""

    store: str = ""
    """Where places are kept: the URL of a file, of PostgreSQL or of DynamoDB. Empty: a file of ours."""
    routine: str = "sciatica"
    """The routine to lead: the name of a file in `skill/content/en/routines`."""
    locale: str = "en-US"
    """How the local speaker speaks: en-US, en-GB, en-AU, en-CA or en-IN."""
    skill_id: str = ""
    """Answer only this Alexa skill: `amzn1.ask.skill....` Empty: any."""
    pause_seconds: int = 120
    """How long a paused session is kept open in silence: 0 to 600."""
    voice: str = "espeak"
    """Whose recordings are played: espeak or gtts."""
    marks: str = "bell"
    """What a recording marks its holds with: bell, tick or silence."""
    audio: str = ""
    """The folder of the recordings. Empty: one in the user's data folder."""
    url: str = ""
    """Where Alexa's devices fetch recordings: this host, as in `https://coach.example.com`."""
    secret: str = field(default="", repr=False)
    """What addresses and sessions are signed with. Empty: one made once, kept beside the recordings."""

    log: str = "text"
    """How the log is written: text, for people, or json."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """The configuration that `environment` asks for. Raises ConfigError."""
        known = {f"SCIATICA_{field.name.upper()}": field for field in fields(cls)}
        for name in environment:
            if name.startswith("SCIATICA_") and name not in known:
                raise ConfigError(f"{name} is not a setting; allowed: {', '.join(sorted(known))}")
        given = {field.name: environment[name] for name, field in known.items() if environment.get(name)}
        pause = _whole("SCIATICA_PAUSE_SECONDS", given.pop("pause_seconds", "120"), 0, 600)
        for name, allowed in _CHOICES.items():
            if given.get(name, allowed[0]) not in allowed:
                wrong = f"SCIATICA_{name.upper()} is {given[name]!r}"
                raise ConfigError(f"{wrong}; allowed: {', '.join(allowed)}")
        _check_url("SCIATICA_URL", given.get("url", ""))
        return cls(**given, pause_seconds=pause)

    @property
    def pause(self) -> DurationMs:
        """`pause_seconds` as a duration."""
        return seconds(self.pause_seconds)

    @property
    def store_url(self) -> str:
        """The store to open."""
        return self.store or f"sqlite:///{data_folder() / 'coach.sqlite3'}"

    @property
    def base_url(self) -> str:
        """`url`, to put a path behind."""
        return self.url.rstrip("/")

    @property
    def audio_folder(self) -> Path:
        """The folder of the recordings."""
        return Path(self.audio) if self.audio else data_folder() / "audio"


LOCALES = ("en-US", "en-GB", "en-AU", "en-CA", "en-IN")
VOICES = ("espeak", "gtts")
LOGS = ("text", "json")
_CHOICES = {"locale": LOCALES, "voice": VOICES, "marks": tuple(Marks), "log": LOGS}


def _check_url(name: str, value: str) -> None:
    """Alexa plays streams over https on port 443 only, and the webhook answers at the root of its host."""
    try:
        host = urlsplit(value.lower()).hostname
    except ValueError:
        host = None
    if value and not (host and value.lower().removesuffix("/") == f"https://{host}"):
        raise ConfigError(
            f"{name} is {value!r}; allowed: https://host, on port 443, as Alexa plays nothing else"
        )


def _whole(name: str, value: str, least: int, most: int) -> int:
    short = value.isascii() and value.isdigit() and len(value) < 10
    if not short or not least <= int(value) <= most:
        raise ConfigError(f"{name} is {value!r}; allowed: whole numbers from {least} to {most}")
    return int(value)
