"""What SQLite has to be told, connection by connection, so that it keeps what the desk promises."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from desk import conversations
from desk.settings import Settings
from desk.storage import database as database_module
from desk.storage.database import Database, DatabaseError

pytestmark = pytest.mark.sqlite
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
EXPECTED = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "busy_timeout": 10_000,
}


def test_every_connection_is_durable_and_overwrites_what_it_deletes(database: Database) -> None:
    """All at once, so that each is a connection of its own."""
    together = threading.Barrier(12)

    def look(_: int) -> dict[str, object]:
        with database.engine.connect() as connection:
            together.wait(timeout=10)
            return {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in EXPECTED
            }

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(look, range(12))) == [EXPECTED] * 12


@pytest.mark.parametrize("name", EXPECTED)
def test_a_connection_without_such_a_setting_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As if SQLite had not done what it was told."""
    wrong = {**database_module._PRAGMAS, name: (database_module._PRAGMAS[name][0], "other")}
    monkeypatch.setattr(database_module, "_PRAGMAS", wrong)
    with pytest.raises(DatabaseError, match=name):
        Database(settings.database_url).ping()


def test_a_full_disk_gives_no_promise(database: Database) -> None:
    """`max_page_count` makes a true SQLITE_FULL: reads go on, and later writes work again."""
    with database.write() as session:
        opened = conversations.create(session, now=NOW)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(OperationalError, match="full"), database.write() as session:  # noqa: PT012
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        for _ in range(20):
            conversations.append(session, opened.id, author="patient", text="x" * 4000, now=NOW)
    database.engine.dispose()
    with database.write() as session:
        assert conversations.events_after(session, opened.id) == ()
        conversations.append(session, opened.id, author="patient", text="x", now=NOW)
