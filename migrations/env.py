"""Alembic's way in: our metadata, our engine, all guards renewed at the end."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from portal.ground import search
from portal.ground.guards import install, remove
from portal.tables import metadata

config = context.config
engine = config.attributes["engine"]

with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # a batch rebuild would cascade deletes; must be set outside a transaction
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True,
        include_name=search.apart,
    )
    with context.begin_transaction():
        remove(connection)  # a rebuilt table must not meet the guards of the old shape
        context.run_migrations()
        if context.get_context().get_current_revision() == context.get_head_revision():
            install(connection)
            search.install(connection)
        if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
            raise RuntimeError("the migration left rows that point nowhere; it was rolled back")
    connection.commit()
    if sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
