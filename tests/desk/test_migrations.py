"""The newest migration keeps every row of every table that the version before had."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    insert,
    select,
)

from desk.storage.database import Database
from desk.storage.migrate import _MIGRATIONS, assert_tables_match, upgrade
from tests.desk.databases import Databases

pytestmark = pytest.mark.every_database
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
# Made by the migrations themselves; `audit_chain` holds its one row for good.
_GIVEN = ("alembic_version", "audit_chain")


def test_what_the_version_before_held_is_kept(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, before = databases.new(tmp_path), _version_before()
    with monkeypatch.context() as old:
        old.setattr(command, "upgrade", lambda config, _, up=command.upgrade: up(config, before))
        upgrade(url)
    database = Database(url)
    with database.connect_for_migration() as connection:
        held = _fill(connection)
    upgrade(url)
    assert_tables_match(url)
    with database.connect_for_migration() as connection:
        now_there = MetaData()
        now_there.reflect(connection)
        for name, row in held.items():
            table = now_there.tables[name]
            kept = [table.c[column] for column in row if column in table.c]
            (found,) = connection.execute(select(*kept)).mappings()
            assert dict(found) == {column.name: row[column.name] for column in kept}, name
    database.close()
    assert len(held) > 15


def _version_before() -> str:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_revision(scripts.get_current_head())
    assert isinstance(newest.down_revision, str)
    return newest.down_revision


def _fill(connection: Connection) -> dict[str, dict[str, Any]]:
    """One row in each table, as it is read back."""
    there = MetaData()
    there.reflect(connection)
    tables = [table for table in there.sorted_tables if table.name not in _GIVEN]
    for table in tables:
        connection.execute(insert(table).values(_row(table)))
    return {
        table.name: dict(connection.execute(select(table)).mappings().one()) for table in tables
    }


def _row(table: Table) -> dict[str, object]:
    return {column.name: _value(column) for column in table.columns}


def _value(column: Column[Any]) -> object:
    for kind, value in ((Boolean, True), (Integer, 1), (DateTime, NOW), (JSON, {})):
        if isinstance(column.type, kind):
            return value
    return "x"
