"""Alembic's entry: runs migrations on the connection it is given."""

from alembic import context
from sqlalchemy import text

from service.adapters.storage.schema import metadata

MIGRATION_LOCK = 0x0DE7E47F
connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
context.run_migrations()
