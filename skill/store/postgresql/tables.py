"""The tables of a PostgreSQL store, as the newest migration leaves them."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, MetaData, Table, Text

NEWEST = 1
"""The number of the newest migration."""

VERSION_TABLE = "coach_version"
"""Where alembic keeps the number of the last migration."""

METADATA = MetaData()

PERSON = Table(
    "person",
    METADATA,
    Column("key", Text(collation="C"), primary_key=True),
    Column("account", Text(collation="C"), nullable=False),  # all its voices go with it
    Column("record", Text, nullable=False),  # JSON, byte for byte as it was written
    Column("updated", Date, nullable=False),  # UTC; to the day, so that few turns touch its index
    Column("revision", BigInteger, nullable=False),
    Index("person_account", "account"),
    Index("person_updated", "updated"),
)

DID = Table(
    "did",
    METADATA,
    Column("key", Text(collation="C"), ForeignKey("person.key", ondelete="cascade"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", Text(collation="C"), primary_key=True),
    Column("count", Integer, nullable=False),
    Index("did_day", "day"),
)
