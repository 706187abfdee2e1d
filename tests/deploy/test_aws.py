"""AWS Lambda and DynamoDB: the template, the handler, and the conversation through both."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from skill.config import Config
from skill.function import Handler, TurnError, lambda_handler
from skill.store.dynamodb import DynamodbStore
from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from skill.web import create_app
from tests.conversations.client import Ask, Device, MovableClock, over_http, serving
from tests.conversations.script import SCRIPT, hold
from tests.deploy.template import TEMPLATE, table_properties, template
from tests.intents.alexa import SKILL_ID, Clock, Echo, parsed
from tests.store.dynamodb_server import DynamodbTable, on_the_wire, running
from tests.store.speakers import ANNA, VOICE, speaks
from tests.store.test_conformance import save

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent.parent
SECRET = "a secret of thirty-two signs, or more"
CONFIG = Config(secret=SECRET, skill_id=SKILL_ID)
REGIONS = ["eu-west-1", "us-east-1", "us-west-2", "ap-northeast-1"]
"""Alexa's."""


@pytest.fixture(scope="module")
def table() -> Iterator[DynamodbTable]:
    """A table on a server."""
    with running() as server, server.fresh() as table:
        yield table


@pytest.fixture
def store(table: DynamodbTable) -> Iterator[DynamodbStore]:
    """A store on the table."""
    with closing(table.open()) as store:
        yield store


@pytest.fixture
def handler(store: DynamodbStore) -> Handler:
    """What Lambda calls, on that store."""
    return lambda_handler(CONFIG, store=store)


def policies() -> list[Json]:
    """What the function may do."""
    role = template()["Resources"]["Role"]["Properties"]
    statements: list[Json] = role["Policies"][0]["PolicyDocument"]["Statement"]
    return statements


def test_the_template_is_one_that_cloudformation_takes() -> None:
    arguments = ManualArgs(regions=REGIONS, include_checks=["I"])
    assert [str(match) for match in lint_file(TEMPLATE, config=arguments)] == []


def test_a_template_with_a_fault_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "template.yaml"
    broken.write_text(TEMPLATE.read_text("utf-8").replace("KeyType: RANGE", "KeyType: SORT"), "utf-8")
    assert lint_file(broken)


def test_the_function_may_do_with_the_table_what_the_store_does_and_no_more(
    table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: set[str] = set()
    with closing(table.open()) as store, monkeypatch.context() as patch:
        on_the_wire(patch, lambda action, _: done.add(f"dynamodb:{action}"))
        _use_all(store)
    allowed, logging = policies()
    assert set(allowed["Action"]) == done
    assert allowed["Resource"] == {"Fn::GetAtt": "Table.Arn"}
    assert set(logging["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert logging["Resource"] == {"Fn::GetAtt": "Log.Arn"}


def _use_all(store: DynamodbStore) -> None:
    """All that a store can do, a voice and a day that is moved among it."""
    store.ping()
    for voice in ("", "amzn1.ask.person.1"):
        envelope = speaks("amzn1.ask.account.A", voice)
        store.save_attributes(envelope, {"upon": 0, "revision": 1})
        store.save_attributes(envelope, {"upon": 1, "revision": 2, "did": {"2026-01-01": {"hamstring": 1}}})
        store.save_attributes(envelope, {"did": {"2026-01-01": {"hamstring": 1}}})
        store.get_attributes(envelope)
    store.delete_attributes(speaks("amzn1.ask.account.A"))


def test_whatever_is_stored_expires_by_the_attribute_that_the_table_looks_at(table: DynamodbTable) -> None:
    with closing(table.open()) as store:
        for upon in (0, 1):
            save(store, upon, {"2026-01-01": {"hamstring": 1}}, voice=VOICE)
    expiry = table_properties()["TimeToLiveSpecification"]["AttributeName"]
    items = [item for item in table.items() if item["person"]["S"] in (ANNA, VOICE)]
    assert len(items) == 3
    assert all(int(item[expiry]["N"]) > time.time() for item in items)


def test_the_function_is_given_settings_that_there_are() -> None:
    variables = template()["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    settings = {name: "" for name in variables if name.startswith("SCIATICA_")}
    Config.from_environment(settings)
    assert {"SCIATICA_STORE", "SCIATICA_SKILL_ID", "SCIATICA_SECRET"} <= set(settings)
    assert template()["Parameters"]["Secret"]["NoEcho"] is True


def test_the_conversation_is_the_same_as_with_the_webhook(table: DynamodbTable, tmp_path: Path) -> None:
    clock, config = MovableClock(), Config(secret=SECRET)
    with closing(table.open(partial(_seconds, clock))) as store:
        handle = lambda_handler(config, clock, store)
        by_lambda = _held(lambda envelope: handle(envelope, None), clock, store)
    clock, sqlite = MovableClock(), SqliteStore(f"{tmp_path}/coach.sqlite3")
    with closing(sqlite), serving(create_app(config, clock=clock, store=sqlite, verify=False)) as url:
        by_webhook = _held(over_http(url), clock, sqlite)
    assert len(by_lambda) == len(SCRIPT)
    for number, (one, other) in enumerate(zip(by_lambda, by_webhook, strict=True), 1):
        assert one == other, f"turn {number}"


def _seconds(clock: MovableClock) -> float:
    return clock().timestamp()


def _held(ask: Ask, clock: MovableClock, store: Store) -> list[tuple[Json, Json]]:
    """Each answer of the conversation, and what was stored with it."""
    stored: list[Json] = []

    def noting(envelope: Json) -> Json:
        answer = ask(envelope)
        record = store.get_attributes(parsed(envelope))
        stored.append({name: value for name, value in record.items() if name not in ("answers", "revision")})
        return answer

    answers = hold(Device(noting, clock))
    for answer in answers:
        for name in ("revision", "seal"):
            (answer["sessionAttributes"] or {}).pop(name, None)
    return list(zip(answers, stored, strict=True))


def test_a_request_for_another_skill_is_not_answered(handler: Handler) -> None:
    body = Echo(skill=None, clock=Clock()).body({"type": "LaunchRequest"})  # type: ignore[arg-type]
    assert handler(body, None)["response"]["outputSpeech"]
    body["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    with pytest.raises(TurnError, match=r"^AskSdkException at skill/function.py:\d+$"):
        handler(body, None)


def disabled(user: str) -> Json:
    """The skill was disabled."""
    system = {"application": {"applicationId": SKILL_ID}, "user": {"userId": user}}
    times = {"timestamp": "2026-11-23T08:00:00Z", "eventCreationTime": "2026-11-23T08:00:00Z"}
    request = {"type": "AlexaSkillEvent.SkillDisabled", "requestId": "r", **times}
    return {"version": "1.0", "context": {"System": system}, "request": request}


def test_who_disables_the_skill_is_forgotten(handler: Handler, store: DynamodbStore) -> None:
    user = "amzn1.ask.account.leaves"
    store.save_attributes(speaks(user), {"a": 1})
    assert json.loads(json.dumps(handler(disabled(user), None)))["response"] == {}
    assert store.get_attributes(speaks(user)) == {}


def test_a_skill_event_that_cannot_be_carried_out_fails(
    table: DynamodbTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    with closing(table.open()) as store, pytest.raises(TurnError) as failed:
        lambda_handler(CONFIG, store=store)(disabled("amzn1.ask.account.A"), None)
    assert re.fullmatch(r"PersistenceException from PersistenceException at skill/.*", str(failed.value))
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("wrong", [{}, {"request": {"type": "hush"}}, {"request": {"timestamp": "hush"}}, []])
def test_what_is_no_request_fails_and_its_words_are_not_told(wrong: Any, handler: Handler) -> None:
    with pytest.raises(TurnError) as failed:
        handler(wrong, None)
    assert "hush" not in str(failed.value)


def test_a_store_that_is_not_there_at_the_start_costs_no_turn(
    monkeypatch: pytest.MonkeyPatch, table: DynamodbTable, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(secret=SECRET, store=f"dynamodb://{table.name}-not-made?region=eu-west-1")
    handle = lambda_handler(config)
    assert "was not reached at the start: store: no table" in caplog.text
    body = Echo(skill=None, clock=Clock()).body({"type": "LaunchRequest"})  # type: ignore[arg-type]
    assert handle(body, None)["response"]["outputSpeech"]


INSTANCE = """
import json, logging, os, sys
import tests.deploy.test_aws

told, settings, body = json.load(sys.stdin)
logging.getLogger().addHandler(logging.StreamHandler())
os.environ.update(settings)
from skill.aws import handler

try:
    raise ValueError(told)
except ValueError:
    logging.getLogger("somebody.elses").exception("she said: %s", told)
print(json.dumps(handler(body, None)))
"""
"""What Lambda does with it, after what a test does."""


def test_an_instance_answers_and_in_its_log_an_exception_is_told_by_its_kind(
    table: DynamodbTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "SCIATICA_STORE": f"dynamodb://{table.name}?region=eu-west-1",
        "SCIATICA_SECRET": SECRET,
        "SCIATICA_SKILL_ID": SKILL_ID,
    }
    body = Echo(skill=None, clock=Clock()).body({"type": "LaunchRequest"})  # type: ignore[arg-type]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    ran = subprocess.run(
        [sys.executable, "-c", INSTANCE],
        input=json.dumps(["it hurts", settings, body]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == "a request failed: ValueError\n"
    assert json.loads(ran.stdout)["response"]["outputSpeech"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_the_same_sources_give_the_same_package_wherever_they_are(tmp_path: Path) -> None:
    assert _built(tmp_path / "here") == _built(tmp_path / "over" / "there")


def _built(root: Path) -> tuple[str, bytes]:
    """The name and the digest of a package that is built from a copy of the sources."""
    for name in ("skill", "deploy/aws"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, root / name)
    subprocess.run([sys.executable, root / "deploy/aws/build.py"], check=True, capture_output=True)
    [package] = (root / "dist").glob("lambda-*.zip")
    return package.name, sha256(package.read_bytes()).digest()
