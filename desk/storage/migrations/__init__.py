"""Alembic's environment; run by `desk.storage.migrate`."""
