"""The database keeps what was promised, on SQLite and on PostgreSQL: one writer, one schema."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from desk import audit, conversations
from desk.settings import Settings
from desk.storage.base import UtcDateTime
from desk.storage.database import Database
from desk.storage.migrate import assert_tables_match, upgrade
from desk.storage.tables import AuditRow, ConversationRow, HandoffKeyRow, HandoffRow
from tests.desk.databases import Databases

pytestmark = pytest.mark.every_database
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def test_writers_come_one_by_one_even_when_they_read_first(
    database: Database, settings: Settings
) -> None:
    """Within a process, and as from two: without a lock at their start they would fail."""
    another = Database(settings.database_url)
    with database.write() as session:
        opened = conversations.create(session, now=NOW)

    def add(number: int) -> None:
        with (another if number % 2 else database).write() as session:
            assert conversations.get(session, opened.id)
            conversations.append(session, opened.id, author="patient", text="x", now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    another.close()
    with database.read() as session:
        events = conversations.events_after(session, opened.id)
    assert [event.seq for event in events] == list(range(1, 41))


def test_a_block_that_raises_leaves_nothing_and_wakes_nobody(database: Database) -> None:
    woken: list[frozenset[str]] = []
    database.after_commit.append(woken.append)
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012
        conversations.create(session, now=NOW, conversation_id="c")
        raise ZeroDivisionError
    with database.read() as session:
        assert session.get(ConversationRow, "c") is None
    assert woken == []


def test_readers_are_woken_after_the_commit_not_before(database: Database) -> None:
    seen: list[int] = []

    def look(ids: frozenset[str]) -> None:
        for name in ids:
            with database.read() as session:
                seen.append(len(conversations.events_after(session, name)))

    database.after_commit.append(look)
    with database.write() as session:
        opened = conversations.create(session, now=NOW)
        conversations.append(session, opened.id, author="patient", text="x", now=NOW)
    assert seen == [1]


def test_the_newest_migration_equals_the_tables(settings: Settings) -> None:
    assert_tables_match(settings.database_url)


def test_migrating_twice_changes_nothing_and_keeps_the_rows(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        conversations.create(session, now=NOW, conversation_id="c")
    upgrade(settings.database_url)
    with database.read() as session:
        assert session.get(ConversationRow, "c") is not None


def test_later_migrations_keep_what_the_first_tables_held(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With call-backs and the keys that lead to them, on connections that check foreign keys."""
    url = databases.new(tmp_path)
    with monkeypatch.context() as old:
        old.setattr(command, "upgrade", lambda config, _, up=command.upgrade: up(config, "0001"))
        upgrade(url)
    database = Database(url)
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO conversations (id, token_hash, origin, created_at, last_seq, "
                "erased_at) VALUES ('c', 'x', 'web', '2026-11-24 12:00:00.000000', 0, NULL), "
                "('gone', 'y', 'web', '2026-11-24 12:00:00.000000', 0, "
                "'2026-11-24 12:00:00.000000')"
            )
        )
        session.execute(
            text(
                "INSERT INTO handoffs (id, conversation_id, reference, kind, urgency, state, "
                "reason, name, phone, best_time, consent_at, created_at) VALUES (1, 'c', "
                "'AAA-AAA', 'callback', 'routine', 'waiting', 'sore', 'Kim', '+1', 'any', "
                "'2026-11-24 12:00:00.000000', '2026-11-24 12:00:00.000000')"
            )
        )
        session.execute(text("INSERT INTO handoff_keys VALUES ('k', 1, NULL, 'soon')"))
    upgrade(url)
    assert_tables_match(url)
    with database.read() as session:
        row = session.get_one(HandoffRow, 1)
        assert (row.name, row.consent_at, row.alarm_seq) == ("Kim", NOW, None)
        assert session.get_one(HandoffKeyRow, "k").handoff_id == 1
        floors = {row.id: row.floor for row in session.scalars(select(ConversationRow))}
        assert floors == {"c": "assistant", "gone": "ended"}
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text(
                "INSERT INTO handoffs (id, conversation_id, reference, kind, urgency, state, "
                "reason, name, phone, best_time, created_at) SELECT 2, conversation_id, "
                "'BBB-BBB', kind, urgency, state, reason, name, phone, best_time, created_at "
                "FROM handoffs"
            )
        )
    database.close()


def test_a_migration_that_breaks_leaves_the_database_as_it_was(
    tmp_path: Path, databases: Databases
) -> None:
    url = databases.new(tmp_path)
    database = Database(url)
    with database.write() as session:  # in the way of the first migration
        session.execute(text("CREATE TABLE handoffs (id INTEGER)"))
    with pytest.raises(DBAPIError, match="handoffs"):
        upgrade(url)
    assert inspect(database.engine).get_table_names() == ["handoffs"]
    database.close()


def test_audit_rows_cannot_be_changed(database: Database) -> None:
    with database.write() as session:
        audit.record(
            session,
            actor="nurse:1",
            action="queue.read",
            object_kind="queue",
            object_id="open",
            now=NOW,
        )
    with (
        pytest.raises(IntegrityError, match="never changed"),
        database.write() as session,
    ):
        session.execute(text("UPDATE audit SET actor = 'nurse:2'"))
    with database.read() as session:
        row = session.get_one(AuditRow, 1)
        assert (row.actor, row.at) == ("nurse:1", NOW)


def test_instants_keep_their_place_in_time_and_naive_ones_are_refused(database: Database) -> None:
    west = timezone(timedelta(hours=-6))
    column = UtcDateTime()
    dialect = database.engine.dialect
    stored = column.process_bind_param(datetime(2026, 1, 1, 6, tzinfo=west), dialect)
    assert stored == datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
    read = column.process_result_value(datetime(2026, 1, 1, 12), dialect)  # noqa: DTZ001
    assert read == stored
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001
