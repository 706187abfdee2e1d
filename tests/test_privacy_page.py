"""The pages about privacy tell of all that is kept, and of nothing that is not."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import Counter

import skill.metrics
from skill.coach.record import MOST_DEVICES, MOST_WAITING, mirror, person_record
from skill.intents.device import LATE_MS
from skill.intents.replays import MOST_ANSWERS, TOLERANCE_MS
from skill.routine.playback import play
from skill.routine.timeline import Position
from skill.store.sqlite import SqliteStore
from skill.understanding.understand import understand
from tests.coach.people import CONTENT, ROUTINE, START, Person
from tests.coach.test_record import longest_state
from tests.intents.alexa import Clock, Echo, parsed, skill_on

ROOT = Path(__file__).parent.parent
FOR_HOSTS = (ROOT / "docs/privacy.md").read_text("utf-8")
POLICY = (ROOT / "skill/content/en/privacy.md").read_text("utf-8")
NAMED = set(re.findall(r"`([^`]+)`", FOR_HOSTS))
STRETCHES = {stretch.id for stretch in ROUTINE.stretches}
NUMBER = CONTENT.words.number
DEVICE = "6a1f00c0ffee"


def keys(record: object) -> Iterator[str]:
    """Every key in `record`, but for those that are data themselves: stretches, devices, what was done."""
    if isinstance(record, Mapping):
        for key, value in record.items():
            if key not in STRETCHES and not re.fullmatch(r"[0-9a-f]{12}", key):
                yield str(key)
            yield from () if key == "did" else keys(value)


def kept(folder: Path) -> set[str]:
    """All keys of the fullest records, of what a turn really stores and hands to Alexa, and of the tables."""
    state = replace(longest_state(), playback=play(Position(5), 9, START))
    timeline = Person(state=state).moment().timeline
    store = SqliteStore(str(folder / "coach.sqlite3"))
    clock = Clock()
    echo = Echo(skill_on(store, clock), clock)
    echo.launches()
    stored = store.get_attributes(parsed(echo.body({"type": "LaunchRequest"})))
    with closing(sqlite3.connect(folder / "coach.sqlite3")) as file:
        tables = file.execute("select name from sqlite_master where type = 'table'").fetchall()
        columns = [
            row for table in tables for row in file.execute("select * from pragma_table_info(?)", table)
        ]
    records = (person_record({}, state, timeline, DEVICE), mirror(state, timeline))
    records = (*records, stored, echo.answer["sessionAttributes"])
    return {str(column[1]) for column in columns} | {key for record in records for key in keys(record)}


def test_the_hosts_page_names_every_key_that_is_kept_or_travels(tmp_path: Path) -> None:
    found = kept(tmp_path) | {LATE_MS}
    assert {"holds", "question", "stream", "account", "devices", "device", "did", "day"} <= found
    assert found - NAMED == set()


def test_the_hosts_page_names_no_key_that_is_gone(tmp_path: Path) -> None:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", FOR_HOSTS, re.MULTILINE)
    told = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert len(told) > 20
    assert told - kept(tmp_path) == set()


def test_the_hosts_page_names_everything_that_is_counted() -> None:
    counters = [value for value in vars(skill.metrics).values() if isinstance(value, Counter)]
    assert counters
    assert {f"{counter.describe()[0].name}_total" for counter in counters} - NAMED == set()


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (POLICY, "two years"),
        (POLICY, f"answers of the last {NUMBER(2 * TOLERANCE_MS // 60_000)} minutes"),
        (
            FOR_HOSTS,
            f"answers of the last {NUMBER(2 * TOLERANCE_MS // 60_000)} minutes, at most {MOST_ANSWERS}",
        ),
        (POLICY, f"the last {NUMBER(MOST_DEVICES)} devices"),
        (FOR_HOSTS, f"the last {NUMBER(MOST_DEVICES)} used"),
        (POLICY, "once a day while it is in use"),
        (POLICY, "the voice that opened the conversation"),
        (POLICY, "every voice"),
        (POLICY, "It may still be deleted a little later."),
        (POLICY, "stop the coach first"),
        (FOR_HOSTS, "the deletion may still be carried out later"),
        (POLICY, "which leg you said is sore"),
        (POLICY, "how many holds of each stretch you finished on each day"),
        (FOR_HOSTS, f"up to {NUMBER(MOST_WAITING)} of them wait in the session"),
        (POLICY, "not medical advice"),
        (FOR_HOSTS, "https://your.host/privacy"),
    ],
)
def test_what_must_be_said_is_said(page: str, words: str) -> None:
    assert words in " ".join(page.split())


def test_what_the_policy_tells_people_to_say_is_understood() -> None:
    said = re.findall(r'"([^"]+)"', " ".join(POLICY.partition("## How to have it deleted")[2].split()))
    assert len(said) >= 4
    assert {understand(text).intent for text in said} == {"ForgetMeIntent"}


@pytest.mark.parametrize("page", [POLICY, FOR_HOSTS], ids=["policy", "for hosts"])
def test_nothing_is_promised_that_we_cannot_keep(page: str) -> None:
    promises = r"\b(guarantee[ds]?|fully secure|completely|GDPR.compliant|anonymous|never lost)\b"
    assert re.findall(promises, page, re.IGNORECASE) == []
