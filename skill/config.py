"""The process's configuration: SCIATICA_* environment variables, and nothing else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from skill.routine.units import DurationMs, seconds


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and what is allowed."""


def default_store() -> str:
    """SQLite under the user's data folder (XDG_DATA_HOME, or ~/.local/share)."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return f"sqlite:///{Path(data) / 'sciatica-coach' / 'coach.sqlite3'}"


@dataclass(frozen=True)
class Config:
    """Each field is the environment variable of the same name, in capitals, after SCIATICA_."""

    store: str = ""
    """Where places are kept: `sqlite:///path`. Empty: a file in the user's data folder."""
    routine: str = "sciatica"
    """The routine to lead: the name of a file in `skill/content/en/routines`."""
    locale: str = "en-US"
    """How the local speaker speaks: en-US, en-GB, en-AU, en-CA or en-IN."""
    skill_id: str = ""
    """Answer only this Alexa skill: `amzn1.ask.skill....` Empty: any."""
    pause_seconds: int = 120
    """How long a paused session is kept open in silence: 0 to 600."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """The configuration that `environment` asks for. Raises ConfigError."""
        known = {f"SCIATICA_{field.name.upper()}": field for field in fields(cls)}
        for name in environment:
            if name.startswith("SCIATICA_") and name not in known:
                raise ConfigError(f"{name} is not a setting; allowed: {', '.join(sorted(known))}")
        given = {field.name: environment[name] for name, field in known.items() if environment.get(name)}
        pause = _whole("SCIATICA_PAUSE_SECONDS", given.pop("pause_seconds", "120"), 0, 600)
        locale = given.get("locale", cls.locale)
        if locale not in LOCALES:
            raise ConfigError(f"SCIATICA_LOCALE is {locale!r}; allowed: {', '.join(LOCALES)}")
        return cls(**given, pause_seconds=pause)

    @property
    def pause(self) -> DurationMs:
        """`pause_seconds` as a duration."""
        return seconds(self.pause_seconds)

    @property
    def store_url(self) -> str:
        """The store to open."""
        return self.store or default_store()


LOCALES = ("en-US", "en-GB", "en-AU", "en-CA", "en-IN")


def _whole(name: str, value: str, least: int, most: int) -> int:
    short = value.isascii() and value.isdigit() and len(value) < 10
    if not short or not least <= int(value) <= most:
        raise ConfigError(f"{name} is {value!r}; allowed: whole numbers from {least} to {most}")
    return int(value)
