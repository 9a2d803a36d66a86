"""Runs migrations on the connection that `desk.storage.migrate` opened."""

from __future__ import annotations

from alembic import context

from desk.storage import (  # noqa: F401 (their tables belong to the metadata)
    callback_tables,
    console_tables,
    figure_tables,
    notice_tables,
    staff_tables,
    tables,
)
from desk.storage.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can; all or nothing
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
