"""The kinds of store that the conformance suite runs against."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.conftest import RAN
from tests.store import dynamodb_server
from tests.store.dynamodb_server import DynamodbServer, DynamodbTable
from tests.store.storage import Server, Storage

SERVERS = {
    "sqlite": "tests.store.sqlite_files",
    "postgresql": "tests.store.postgresql_storage",
    "dynamodb": "tests.store.dynamodb_server",
}
"""The module of each; its `running()` gives a Server for the whole session."""


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One that runs."""
    with import_module(SERVERS[request.param]).running() as server:
        request.config.stash.setdefault(RAN, []).append(server.name)
        yield server


@pytest.fixture
def storage(server: Server) -> Iterator[Storage]:
    """An empty storage."""
    with server.fresh() as storage:
        yield storage


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[DynamodbServer]:
    """One that runs."""
    with dynamodb_server.running() as server:
        yield server


@pytest.fixture
def table(dynamodb: DynamodbServer) -> Iterator[DynamodbTable]:
    """An empty table."""
    with dynamodb.fresh() as table:
        yield table
