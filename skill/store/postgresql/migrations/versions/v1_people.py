"""Records of persons, and what they have done."""

from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


_STATEMENTS = (
    """create table person (
        key text collate "C" primary key,
        account text collate "C" not null,
        record text not null,
        updated date not null,
        revision bigint not null
    ) with (fillfactor = 70)""",  # room for the next version of a row beside it, so that no index is touched
    # What is too long for its page is mostly sealed and gets no smaller: trying costs more than writing.
    "alter table person alter record set storage external",
    "create index person_account on person (account)",
    "create index person_updated on person (updated)",
    """create table did (
        key text collate "C" not null references person (key) on delete cascade,
        day date not null,
        name text collate "C" not null,
        count integer not null,
        primary key (key, day, name)
    )""",
    "create index did_day on did (day)",
)
