"""What brings a PostgreSQL database up to date, run by alembic."""
