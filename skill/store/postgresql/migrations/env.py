"""Run by alembic: carries out the migrations, on the connection and in the transaction of the caller."""

from alembic import context

from skill.store.postgresql.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
context.run_migrations()
