"""Stores, chosen by a URL. What one kind alone needs is imported once that kind is asked for."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from skill.store.sqlite import SqliteStore
from skill.store.store import Store
from skill.store.url import file_of, told_url

_ALLOWED = "sqlite:///path/to/file, postgresql://user@host/database, dynamodb://table?region=eu-west-1"
_EXTRAS = {"postgresql": "postgresql", "postgres": "postgresql", "dynamodb": "dynamodb"}
"""What to install for a kind of URL."""
_TABLE = re.compile(r"[\w.-]+", re.ASCII)


class StoreUrlError(ValueError):
    """A store URL that names no store we have, or one that this host cannot open."""


def open_store(url: str) -> Store:
    """The store at `url`: a file, a PostgreSQL database or a DynamoDB table. Nothing is connected yet.

    Raises StoreUrlError, which tells no password.
    """
    scheme = url.partition("://")[0]
    if file_of(url) == Path(":memory:"):
        raise _wrong(url, "what is kept in memory is lost: name a file")
    try:
        if file := file_of(url):
            return SqliteStore(str(file))
        if scheme in ("postgresql", "postgres"):
            return _postgresql(url)
        if scheme == "dynamodb":
            return _dynamodb(url)
    except ImportError:
        raise _wrong(url, f"install sciatica-coach[{_EXTRAS[scheme]}]") from None
    except ValueError:  # it quotes what is wrong, and that may be the password
        pass
    raise _wrong(url, f"allowed: {_ALLOWED}")


def _postgresql(url: str) -> Store:
    from skill.store.postgresql import PostgresqlStore

    return PostgresqlStore(url)


def _dynamodb(url: str) -> Store:
    from skill.store.dynamodb import DynamodbStore

    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    region = options.pop("region", None)
    if not _TABLE.fullmatch(parts.netloc) or parts.path.strip("/") or parts.fragment or options:
        raise ValueError
    return DynamodbStore(parts.netloc, region or None)


def _wrong(url: str, why: str) -> StoreUrlError:
    return StoreUrlError(f"SCIATICA_STORE is {told_url(url)!r}; {why}")
