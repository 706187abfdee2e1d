"""The function on AWS Lambda: it answers what Alexa's trigger hands over, which lets nobody else in.

Everything is made once, when an instance starts, and the connection to the store with it: a turn waits for
its store for less time than the first connection may take.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ask_sdk_core.exceptions import PersistenceException

from skill.config import Config
from skill.intents.faults import tells_no_words, told
from skill.intents.turn import Clock, utc_now
from skill.service import build_service
from skill.store import open_store
from skill.store.store import Store

Handler: TypeAlias = Callable[[dict[str, Any], object], dict[str, Any]]
"""A request and Lambda's context to the response, both plain JSON."""

_log = logging.getLogger(__name__)


class TurnError(Exception):
    """A request that could not be carried out; the message has kind and line, and nothing that was said."""


def start(settings: Mapping[str, str]) -> Handler:
    """A new instance, with these environment variables. In its log no exception says a word of anybody's.

    Lambda has put a handler of its own on the root of the log by then.
    """
    for handler in logging.getLogger().handlers:
        handler.addFilter(tells_no_words)
    return lambda_handler(Config.from_environment(settings))


def lambda_handler(config: Config, clock: Clock = utc_now, store: Store | None = None) -> Handler:
    """What answers requests. store: kept open by the caller; else config.store is opened, and connected.

    It raises TurnError: Lambda then tells whoever called, and its own log, that nothing was carried out.
    """
    service = build_service(config, clock, store or _connected(open_store(config.store_url)))
    answer = service.builder.lambda_handler()

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        try:
            response: dict[str, Any] = answer(event, context)
        except Exception as error:
            raise TurnError(told(error)) from None
        return response

    return handle


def _connected(store: Store) -> Store:
    """`store`, once it has answered. Where it does not, turns are answered all the same."""
    try:
        store.ping()
    except PersistenceException as error:
        _log.error("the store was not reached at the start: %s", error)
    return store
