"""Alembic's environment: runs the migrations on the database that :mod:`cim_core.store.database` hands in."""

from alembic import context

from cim_core.store.tables import metadata

database = context.config.attributes["database"]
with database.write() as connection:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True)
    context.run_migrations()
