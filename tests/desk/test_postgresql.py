"""What PostgreSQL has to be told, and what neither its errors nor its address may give away."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from desk import audit, conversations
from desk.settings import Settings, read_settings
from desk.storage import postgresql
from desk.storage.database import Database, DatabaseError
from tests.desk.resetting import Resetting, resetting
from tests.postgresql import server

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
PASSWORD = "known-to-nobody"
ADDRESS = f"postgresql://clinic:{PASSWORD}@127.0.0.1:1/desk"


@pytest.fixture
def kind() -> str:
    """Every test here is about PostgreSQL."""
    return "postgresql"


@pytest.fixture
def breakable(database: Database) -> Iterator[Resetting]:
    """A way to the test's database that can be reset."""
    address = database.engine.url
    with resetting((str(address.host), int(address.port or 0))) as way:
        yield way


def test_every_connection_waits_for_the_disk(database: Database) -> None:
    with database.read() as session:
        said = {
            name: session.scalar(text(f"SHOW {name}"))
            for name in ("synchronous_commit", "fsync", "TimeZone", "lock_timeout")
        }
    assert said == {
        "synchronous_commit": "on",
        "fsync": "on",
        "TimeZone": "UTC",
        "lock_timeout": "10s",
    }


@pytest.mark.parametrize("name", ["fsync", "server_encoding"])
def test_a_server_without_such_a_setting_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As if the server kept another one."""
    monkeypatch.setattr(postgresql, "_EXPECTED", {**postgresql._EXPECTED, name: "other"})
    with pytest.raises(DatabaseError, match=name):
        Database(settings.database_url).ping()


def test_a_reading_session_sees_one_instant_and_cannot_write(database: Database) -> None:
    with database.write() as session:
        opened = conversations.create(session, now=NOW)
    with database.read() as reader:
        assert conversations.events_after(reader, opened.id) == ()
        with database.write() as session:
            conversations.append(session, opened.id, author="patient", text="x", now=NOW)
        assert conversations.events_after(reader, opened.id) == ()
        with pytest.raises(DBAPIError, match="read-only"):
            reader.execute(text("DELETE FROM events"))


def test_an_error_quotes_nobodys_words(database: Database) -> None:
    """The server's detail would show the whole row."""
    with database.write() as session:
        conversations.create(session, now=NOW, conversation_id="c")
        conversations.append(session, "c", author="patient", text="my back hurts", now=NOW)
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(text("UPDATE events SET author = NULL"))
    assert "23502" in str(caught.value)
    assert "back" not in str(caught.value)
    assert "back" not in repr(caught.value.orig)


def test_a_connection_that_the_server_has_ended_is_replaced(database: Database) -> None:
    database.ping()
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with other.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.close()
    database.ping()


def test_a_connection_that_is_reset_while_it_waits_is_replaced(
    database: Database, breakable: Resetting
) -> None:
    """The peer resets once it was asked: the driver passes the system's own error on."""
    other = Database(breakable.instead_of(database.engine.url))
    other.ping()
    breakable.reset_when_asked()
    other.ping()
    assert breakable.resets == 1
    other.close()


def test_a_statement_whose_connection_is_reset_fails_and_the_next_works(
    database: Database, breakable: Resetting
) -> None:
    other = Database(breakable.instead_of(database.engine.url))
    with pytest.raises(DBAPIError) as caught, other.write() as session:
        _write_and_be_cut_off(session, breakable)
    assert caught.value.connection_invalidated
    with other.write() as session:
        conversations.create(session, now=NOW, conversation_id="kept")
    with database.read() as session:
        assert conversations.get(session, "kept") is not None
        assert conversations.get(session, "lost") is None
    other.close()


def _write_and_be_cut_off(session: Session, way: Resetting) -> None:
    conversations.create(session, now=NOW, conversation_id="lost")
    session.flush()
    way.reset_when_asked()
    session.execute(text("SELECT 'my back hurts'"))


def test_no_error_and_no_setting_shows_the_password(tmp_path: Path) -> None:
    with pytest.raises(DBAPIError) as caught:
        Database(ADDRESS).ping()
    settings = read_settings({"CLINIC_VAR": str(tmp_path), "DATABASE_URL": ADDRESS})
    for shown in (str(caught.value), repr(caught.value), repr(settings)):
        assert PASSWORD not in shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"mysql://x:{PASSWORD}@db/desk", "expected sqlite"),
        (f"{PASSWORD}@db", "expected sqlite"),
        (f"{ADDRESS}?sslmode=allow", "sslmode has to be"),
        (f"{ADDRESS}?sslmode=verify-full&sslrootcert=/nowhere", "sslrootcert cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_is_expected(url: str, expected: str) -> None:
    with pytest.raises(DatabaseError, match=expected) as caught:
        Database(url)
    assert PASSWORD not in str(caught.value)


def test_a_server_without_tls_is_refused_where_tls_is_required(database: Database) -> None:
    address = database.engine.url.set(query={"sslmode": "require"})
    with pytest.raises(DBAPIError, match="SSL"):
        Database(address.render_as_string(hide_password=False)).ping()


def test_a_migration_keeps_writers_and_a_second_migration_away(database: Database) -> None:
    with database.connect_for_migration() as connection:
        held = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        ).scalar()
    assert held == 1


def test_a_dump_restores_every_row_and_the_audit_trail(database: Database, tmp_path: Path) -> None:
    """As docs/postgresql.md says."""
    with database.write() as session:
        conversations.create(session, now=NOW, conversation_id="c")
        conversations.append(session, "c", author="patient", text="my back hurts", now=NOW)
        audit.record(
            session, actor="nurse:1", action="x.y", object_kind="q", object_id="c", now=NOW
        )
    tools, dump = server().programs, tmp_path / "desk.dump"
    url, empty = (
        make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
        for address in (database.engine.url, server().new())
    )
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", url], check=True)
    restore = ["--exit-on-error", "--no-owner", f"--dbname={empty}", dump]
    subprocess.run([tools / "pg_restore", *restore], check=True)
    restored = Database(empty)
    with restored.write() as session:
        assert [event.text for event in conversations.events_after(session, "c")] == [
            "my back hurts"
        ]
        assert audit.verify(session).breaks == ()
        audit.record(
            session, actor="nurse:1", action="x.y", object_kind="q", object_id="c", now=NOW
        )
    with restored.read() as session:
        assert audit.verify(session).entries == 2
    restored.close()
    server().drop(empty)
