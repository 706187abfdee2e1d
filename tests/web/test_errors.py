"""What goes wrong: the caller gets its name, the log its kind and place, and neither a person's words."""

import sqlite3
from collections.abc import Callable

import pytest
from ask_sdk_core.exceptions import PersistenceException
from flask import Flask

from skill.config import Config
from skill.intents.faults import told
from skill.store.sqlite import SqliteStore
from skill.web import create_app
from skill.web.app import App
from tests.intents.alexa import Clock, Echo, skill_on

WORDS = "it hurts me amzn1.ask.account.A"


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """`error` as it is once it has been raised."""
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def failing_in_ours() -> BaseException:
    """An error from within a function of ours, and of somebody else's called by it."""
    try:
        SqliteStore(f"/dev/null/{WORDS}").ping()
    except PersistenceException as error:
        return error
    raise AssertionError("a store in /dev/null")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError(WORDS), "ValueError"),
        (raised(ValueError(WORDS)), "ValueError"),
        (
            raised(PersistenceException(WORDS), sqlite3.OperationalError(WORDS)),
            "PersistenceException from OperationalError",
        ),
        (KeyError(WORDS, "\n"), "KeyError"),
    ],
)
def test_an_error_is_told_by_its_kind(error: BaseException, line: str) -> None:
    assert told(error) == line


def test_and_by_the_last_line_of_ours_that_it_passed() -> None:
    line = told(failing_in_ours())
    assert line.startswith("PersistenceException")
    assert " at skill/store/sqlite/__init__.py:" in line
    assert WORDS not in line


def app_that(fails: Callable[[], None]) -> Flask:
    """An application with a route that fails, hardened as ours is."""
    app = App("skill.web")

    @app.get("/fails/<words>")
    def route(words: str) -> str:
        fails()
        return words

    return app


def fails_with(error: Exception) -> Callable[[], None]:
    """Raises `error`."""

    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (ValueError(WORDS), 500, "internal server error"),
        (RecursionError(WORDS), 500, "internal server error"),
        (PersistenceException(WORDS), 500, "internal server error"),
    ],
    ids=repr,
)
def test_a_caller_learns_nothing(
    error: Exception, status: int, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = app_that(fails_with(error)).test_client().get(f"/fails/{WORDS}?{WORDS}")
    assert (answer.status_code, answer.json) == (status, {"error": body})
    assert "hurts" not in caplog.text
    assert [record for record in caplog.records if record.exc_info] == []
    if status == 500:
        assert [record.getMessage() for record in caplog.records] == [
            f"a request failed: {type(error).__name__}"
        ]


def test_a_failure_after_the_answer_is_made_is_told_of_the_same_way(caplog: pytest.LogCaptureFixture) -> None:
    app = app_that(lambda: None)
    app.after_request(lambda response: fails_with(ValueError(WORDS))())  # type: ignore[arg-type]
    answer = app.test_client().get(f"/fails/{WORDS}")
    assert (answer.status_code, answer.json) == (500, {"error": "internal server error"})
    assert "hurts" not in caplog.text


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/", "/no-such", "/alexa/x", "/audio/", "/static/x", "/..", "/%00", "/console"]
)
def test_what_is_not_there(store: SqliteStore, method: str, path: str) -> None:
    answer = create_app(Config(), store=store).test_client().open(path, method=method)
    assert (answer.status_code, answer.json) == (404, {"error": "not found"})


def test_nothing_is_ever_debugged(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert not create_app(Config(), store=store).debug


def test_a_turn_that_fails_is_logged_without_what_was_said(
    store: SqliteStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(WORDS)

    monkeypatch.setattr("skill.intents.turn.respond", fail)
    clock = Clock()
    echo = Echo(skill_on(store, clock), clock)
    assert "Sorry" in echo.launches()
    failures = [record for record in caplog.records if record.name == "skill.intents.handlers"]
    assert [record.getMessage().partition(" at ")[0] for record in failures] == ["a turn failed: ValueError"]
    assert "skill/intents/turn.py:" in failures[0].getMessage()
    assert "hurts" not in caplog.text
