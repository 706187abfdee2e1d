"""The configuration, and that the pages about settings and commands tell all of it."""

import re
from argparse import _SubParsersAction
from dataclasses import fields
from pathlib import Path

import pytest

from skill.cli import _parser
from skill.config import LOCALES, LOGS, VOICES, Config, ConfigError
from skill.routine.marks import Marks
from skill.routine.units import seconds

DOCS = Path(__file__).parent.parent / "docs"
SETTINGS = [f"SCIATICA_{field.name.upper()}" for field in fields(Config)]


def documented() -> dict[str, list[str]]:
    """The cells of each row of the settings table, by the setting's name."""
    lines = (DOCS / "settings.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def commands() -> list[str]:
    """Every command of the command line."""
    (group,) = (action for action in _parser()._actions if isinstance(action, _SubParsersAction))
    return list(group.choices)


def test_no_settings_are_the_defaults() -> None:
    config = Config.from_environment({"PATH": "/bin", "LANG": "C"})
    assert config == Config()
    assert config.pause == seconds(120)


def test_every_setting_is_read() -> None:
    given = {
        "SCIATICA_STORE": "sqlite:///x",
        "SCIATICA_ROUTINE": "evening",
        "SCIATICA_LOCALE": "en-GB",
        "SCIATICA_SKILL_ID": "amzn1.ask.skill.x",
        "SCIATICA_PAUSE_SECONDS": "30",
        "SCIATICA_VOICE": "gtts",
        "SCIATICA_MARKS": "tick",
        "SCIATICA_AUDIO": "clips",
        "SCIATICA_URL": "https://coach.example.com",
        "SCIATICA_SECRET": "s",
        "SCIATICA_LOG": "json",
    }
    assert set(given) == set(SETTINGS)
    config = Config.from_environment(given)
    person = ("sqlite:///x", "evening", "en-GB", "amzn1.ask.skill.x", 30)
    assert config == Config(*person, "gtts", "tick", "clips", "https://coach.example.com", "s", "json")
    assert config.store_url == "sqlite:///x"
    assert config.audio_folder == Path("clips")
    assert "'s'" not in repr(config)


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_value_is_the_default(name: str) -> None:
    assert Config.from_environment({name: ""}) == Config()


@pytest.mark.parametrize("name", ["SCIATICA_TYPO", "SCIATICA_", "SCIATICA_store"])
def test_an_unknown_setting_is_named_with_the_allowed_ones(name: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        Config.from_environment({name: "1"})
    assert str(wrong.value).startswith(f"{name} is not a setting")
    assert all(each in str(wrong.value) for each in SETTINGS)


@pytest.mark.parametrize("value", ["601", "-1", "1.5", "ten", "１５", " 5", "9" * 5_000])
def test_a_pause_out_of_range_is_refused_with_the_range(value: str) -> None:
    with pytest.raises(
        ConfigError, match=r"SCIATICA_PAUSE_SECONDS is .*allowed: whole numbers from 0 to 600"
    ):
        Config.from_environment({"SCIATICA_PAUSE_SECONDS": value})


@pytest.mark.parametrize("value", ["0", "600"])
def test_the_ends_of_the_range_are_allowed(value: str) -> None:
    assert Config.from_environment({"SCIATICA_PAUSE_SECONDS": value}).pause_seconds == int(value)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("SCIATICA_LOCALE", LOCALES),
        ("SCIATICA_VOICE", VOICES),
        ("SCIATICA_MARKS", tuple(Marks)),
        ("SCIATICA_LOG", LOGS),
    ],
)
def test_an_unknown_choice_is_refused_with_the_known_ones(name: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as wrong:
        Config.from_environment({name: "de-DE"})
    assert all(each in str(wrong.value) for each in (name, "de-DE", *allowed))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "https://a.example:8443",
        "https://me@a.example",
        "a.example",
        "https://",
        "https://a?b",
        "https://a.example/sub",
        "https://a.example//",
        "https://a.example/#",
        "https://[x",
    ],
)
def test_an_address_that_alexa_plays_nothing_from_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"SCIATICA_URL is .*allowed: https://host"):
        Config.from_environment({"SCIATICA_URL": url})


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/", "HTTPS://A.example/"])
def test_an_address_that_alexa_plays_from_is_taken(url: str) -> None:
    assert Config.from_environment({"SCIATICA_URL": url}).url == url


@pytest.mark.parametrize(("given", "folder"), [("/data", "/data"), ("", "/me/.local/share")])
def test_the_usual_store_is_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, given: str, folder: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", given)
    monkeypatch.setenv("HOME", "/me")
    assert Config().store_url == f"sqlite:///{folder}/sciatica-coach/coach.sqlite3"
    assert str(Config().audio_folder) == f"{folder}/sciatica-coach/audio"


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    assert set(documented()) == {*SETTINGS, "HOST", "PORT"}
    assert all(len(cells) == 3 and all(cells) for cells in documented().values())


@pytest.mark.parametrize("field", fields(Config), ids=lambda field: field.name)
def test_the_table_tells_the_default(field: object) -> None:
    name, default = field.name, field.default  # type: ignore[attr-defined]
    told = documented()[f"SCIATICA_{name.upper()}"][0]
    assert f"`{default}`" in told if default else "`" not in told or "XDG_DATA_HOME" in told


def test_the_table_tells_every_locale() -> None:
    assert re.findall(r"`([^`]+)`", documented()["SCIATICA_LOCALE"][1]) == list(LOCALES)


@pytest.mark.parametrize("command", commands())
def test_every_command_has_a_section_with_an_example(command: str) -> None:
    sections = (DOCS / "commands.md").read_text("utf-8").split("\n## ")
    (section,) = (each for each in sections if each.splitlines()[0] == command)
    assert re.search(rf"^    \$ .*sciatica-coach {command}\b", section, re.MULTILINE)


def test_no_section_is_about_a_command_that_is_gone() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert set(re.findall(r"^## (.+)$", page, re.MULTILINE)) == set(commands())
