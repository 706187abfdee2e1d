"""AWS Lambda and DynamoDB: the template, the handler, and the conversation through both."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from skill.aws import Handler, TurnError, lambda_handler
from skill.config import Config
from skill.store.dynamodb import DynamodbStore
from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from skill.web import create_app
from tests.conversations.client import Ask, Device, MovableClock, over_http, serving
from tests.conversations.script import SCRIPT, hold
from tests.deploy.template import TEMPLATE, table_properties, template
from tests.intents.alexa import SKILL_ID, Clock, Echo, parsed
from tests.store.dynamodb_server import DynamodbTable, running
from tests.store.speakers import speaks

Json = dict[str, Any]
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


def test_the_function_may_do_with_the_table_what_the_store_does_and_no_more(table: DynamodbTable) -> None:
    with closing(table.open()) as store:
        done: set[str] = set()
        store._table._connected().meta.events.register(
            "before-call.dynamodb", lambda model, **_: done.add(f"dynamodb:{model.name}")
        )
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


def test_alexa_alone_may_call_it_and_for_this_skill_only() -> None:
    triggers = [
        each for each in template()["Resources"].values() if each["Type"] == "AWS::Lambda::Permission"
    ]
    assert [each["Properties"] for each in triggers] == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": "Function.Arn"},
            "Principal": "alexa-appkit.amazon.com",
            "EventSourceToken": {"Ref": "SkillId"},
        }
    ]


def test_the_table_is_kept_and_forgets() -> None:
    assert template()["Resources"]["Table"]["DeletionPolicy"] == "Retain"
    properties = table_properties()
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_the_function_is_given_settings_that_there_are() -> None:
    variables = template()["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    settings = {name: "" for name in variables if name.startswith("SCIATICA_")}
    Config.from_environment(settings)
    assert {"SCIATICA_STORE", "SCIATICA_SKILL_ID", "SCIATICA_SECRET"} <= set(settings)
    assert template()["Parameters"]["Secret"]["NoEcho"] is True


def test_the_conversation_is_the_same_as_with_the_webhook(store: DynamodbStore, tmp_path: Path) -> None:
    clock, config = MovableClock(), Config(secret=SECRET)
    handle = lambda_handler(config, clock, store)
    by_lambda = _held(lambda envelope: handle(envelope, None), clock, store)
    clock, sqlite = MovableClock(), SqliteStore(f"{tmp_path}/coach.sqlite3")
    with closing(sqlite), serving(create_app(config, clock=clock, store=sqlite, verify=False)) as url:
        by_webhook = _held(over_http(url), clock, sqlite)
    assert len(by_lambda) == len(SCRIPT)
    for number, (one, other) in enumerate(zip(by_lambda, by_webhook, strict=True), 1):
        assert one == other, f"turn {number}"


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
    with pytest.raises(TurnError, match=r"^AskSdkException at skill/aws.py:\d+$"):
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
