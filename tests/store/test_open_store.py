"""Which URL opens what, and what is told of the others."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from skill.store import StoreUrlError, open_store
from skill.store.dynamodb import DynamodbStore
from skill.store.postgresql import PostgresqlStore
from skill.store.sqlite import SqliteStore
from skill.store.store import Store


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///coach.sqlite3", SqliteStore),
        ("sqlite:////srv/coach.sqlite3", SqliteStore),
        ("postgresql://coach@db/coach", PostgresqlStore),
        ("postgres://coach:hush@db:5433/coach?sslmode=require", PostgresqlStore),
        ("postgresql://coach@one:5432,two:5433/coach?target_session_attrs=read-write", PostgresqlStore),
        ("postgresql:///coach?host=/var/run/postgresql", PostgresqlStore),
        ("dynamodb://coach?region=eu-west-1", DynamodbStore),
        ("dynamodb://coach", DynamodbStore),
    ],
)
def test_each_kind_of_store_has_its_url(
    url: str, kind: type[Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with closing(open_store(url)) as store:
        assert type(store) is kind


@pytest.mark.parametrize(
    "url",
    [
        "",
        "coach.sqlite3",
        "sqlite://",
        "sqlite:///",
        "sqlite://coach.sqlite3",
        "mysql://coach:hush@db/coach",
        "postgresql:coach:hush@db",
        "postgresql+psycopg://coach:hush@db/coach",
        "postgresql://coach:hush@db/coach?ssl=yes",
        "postgresql://coach:hush@[db/coach",
        "dynamodb://",
        "dynamodb://coach/x",
        "dynamodb://KEY:hush@coach",
        "dynamodb://coach:8000",
        "dynamodb://coach?region=eu-west-1&password=hush",
        "dynamodb://coach?region",
        "dynamodb://[coach",
    ],
)
def test_what_is_no_store_is_told_with_what_is_allowed_and_no_password(url: str) -> None:
    with pytest.raises(StoreUrlError) as wrong:
        open_store(url)
    assert str(wrong.value).startswith(f"SCIATICA_STORE is '{url[:8].partition(':')[0]}")
    assert "sqlite:///path/to/file, postgresql://user@host/database, dynamodb://table" in str(wrong.value)
    assert "hush" not in str(wrong.value)
    assert wrong.value.__cause__ is None


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:///./:memory:"])
def test_memory_is_no_place(url: str) -> None:
    with pytest.raises(StoreUrlError, match="what is kept in memory is lost: name a file"):
        open_store(url)


@pytest.mark.parametrize(
    ("url", "library", "extra"),
    [
        ("postgresql://coach:hush@db/coach", "psycopg", "postgresql"),
        ("postgres://coach:hush@db/coach", "sqlalchemy", "postgresql"),
        ("dynamodb://coach", "boto3", "dynamodb"),
    ],
)
def test_a_library_that_is_missing_is_told_by_what_installs_it(url: str, library: str, extra: str) -> None:
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from skill.store import StoreUrlError, open_store\n"
        f"try: open_store({url!r})\n"
        "except StoreUrlError as wrong: print(wrong)\n"
    )
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told == f"SCIATICA_STORE is '{url.replace('hush', '***')}'; install sciatica-coach[{extra}]\n"


def test_what_one_kind_needs_is_imported_for_that_kind_alone() -> None:
    program = (
        "import sys; from skill.store import open_store; open_store('sqlite:///x')\n"
        "print({'sqlalchemy', 'psycopg', 'alembic', 'boto3'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


def test_what_aws_has_not_been_told_is_told_with_where_to_set_it(tmp_path: Path) -> None:
    program = (
        "from ask_sdk_core.exceptions import PersistenceException\n"
        "from skill.store import open_store\n"
        "for url in ('dynamodb://coach', 'dynamodb://coach?region=eu-west-1'):\n"
        "    try: open_store(url).ping()\n"
        "    except PersistenceException as wrong: print(wrong)\n"
    )
    environment = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    region, credentials = told.stdout.splitlines()
    assert "AWS_DEFAULT_REGION, or add ?region=" in region
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in credentials
