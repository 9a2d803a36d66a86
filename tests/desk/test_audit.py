"""The audit trail cannot be changed in silence: refused by the database, found by the check."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk import audit
from desk.settings import Settings
from desk.storage.database import Database
from desk.storage.migrate import assert_tables_match, upgrade
from desk.storage.tables import AuditRow
from desk.verify_audit import main
from tests.desk.databases import Databases
from tests.desk.running import RunningDesk

pytestmark = pytest.mark.every_database

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def write(session: Session, number: int = 1, *, now: datetime = NOW) -> None:
    audit.record(
        session,
        actor=f"nurse:{number}",
        action="handoff.read",
        object_kind="handoff",
        object_id=number,
        now=now,
    )


@pytest.fixture
def written(database: Database) -> Database:
    """A trail of ten entries, in transactions of one and of three."""
    for number in (1, 2, 3, 4, 5, 6, 7):
        with database.write() as session:
            write(session, number)
    with database.write() as session:
        for number in (8, 9, 10):
            write(session, number)
    return database


def breaks(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        return [(one.id, one.what) for one in audit.verify(session).breaks]


_TRIGGERS = {
    True: "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'",
    False: "SELECT 'ALTER TABLE ' || tgrelid::regclass || ' DISABLE TRIGGER ' || tgname "
    "FROM pg_trigger WHERE NOT tgisinternal",
}


def behind_its_back(settings: Settings, *statements: str) -> None:
    """As somebody would who owns the database and knows of the triggers."""
    owned = Database(settings.database_url)
    with owned.write() as session:
        against_triggers = session.scalars(text(_TRIGGERS[owned.is_sqlite])).all()
        for statement in (*against_triggers, *statements):
            session.execute(text(statement))
    owned.close()


def test_what_was_written_verifies(written: Database) -> None:
    with written.read() as session:
        verdict = audit.verify(session)
    assert (verdict.entries, verdict.end.id, verdict.breaks) == (10, 10, ())


def test_an_act_that_is_undone_leaves_no_entry_and_no_gap(written: Database) -> None:
    with pytest.raises(ZeroDivisionError), written.write() as session:  # noqa: PT012
        write(session, 11)
        raise ZeroDivisionError
    with written.write() as session:
        write(session, 12)
    with written.read() as session:
        last = session.get_one(AuditRow, 11)
        verdict = audit.verify(session)
    assert last.actor == "nurse:12"
    assert (verdict.end.id, verdict.breaks) == (11, ())


def test_many_writers_at_once_make_one_chain(database: Database) -> None:
    def one(number: int) -> None:
        with database.write() as session:
            write(session, number)
            write(session, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    with database.read() as session:
        verdict = audit.verify(session)
        numbers = session.scalars(select(AuditRow.id).order_by(AuditRow.id)).all()
    assert (verdict.entries, verdict.breaks) == (80, ())
    assert list(numbers) == list(range(1, 81))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nurse:2' WHERE id = 3",
        "DELETE FROM audit WHERE id = 10",
        "DELETE FROM audit",
        "DELETE FROM audit_chain",
        "UPDATE audit_chain SET last_id = 4",
        "UPDATE audit_chain SET cut_id = 11",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(
    written: Database, statement: str
) -> None:
    with pytest.raises(IntegrityError, match="audit rows"), written.write() as session:
        session.execute(text(statement))
    assert breaks(written) == []


@pytest.mark.parametrize(
    ("statement", "at", "what"),
    [
        ("UPDATE audit SET actor = 'nurse:9' WHERE id = 3", 3, "was changed"),
        ("UPDATE audit SET at = '2026-11-24 12:00:01.000000' WHERE id = 3", 3, "was changed"),
        ("DELETE FROM audit WHERE id = 5", 6, "does not follow entry 4"),
        ("DELETE FROM audit WHERE id = 1", 2, "does not follow entry 0"),
        ("DELETE FROM audit WHERE id = 10", 10, "should be the last entry, but that is 9"),
        (
            (
                "INSERT INTO audit SELECT 11, at, actor, action, object_kind, object_id, detail, "
                "previous, hash FROM audit WHERE id = 10"
            ),
            11,
            "does not follow entry 10",
        ),
    ],
    ids=["actor", "time", "in the middle", "the first", "the last", "put in"],
)
def test_what_is_done_behind_its_back_is_found_where_it_was_done(
    written: Database, settings: Settings, statement: str, at: int, what: str
) -> None:
    behind_its_back(settings, statement)
    found = breaks(written)
    assert found[0][0] == at
    assert what in found[0][1]


def test_the_retention_takes_from_the_front_and_the_rest_still_verifies(
    written: Database, settings: Settings
) -> None:
    later = NOW + timedelta(days=10)
    with written.write() as session:
        write(session, 11, now=later)
    with written.write() as session:
        assert audit.remove_before(session, NOW + timedelta(days=1), now=later) == 10
    with written.write() as session:
        assert audit.remove_before(session, NOW + timedelta(days=1), now=later) == 0
    with written.read() as session:
        verdict = audit.verify(session)
        kept = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.id, row.action, row.detail) for row in kept] == [
        (11, "handoff.read", ""),
        (12, "audit.removed_by_age", "10"),
    ]
    assert (verdict.start.id, verdict.end.id, verdict.breaks) == (10, 12, ())
    behind_its_back(settings, "DELETE FROM audit WHERE id = 11")
    assert breaks(written)[0][0] == 12


def test_entries_from_before_the_chain_are_taken_into_it(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.new(tmp_path)
    with monkeypatch.context() as old:
        old.setattr(command, "upgrade", lambda config, _, up=command.upgrade: up(config, "0002"))
        upgrade(url)
    database = Database(url)
    with database.write() as session:
        for number in (1, 2, 5):
            session.execute(
                text(
                    "INSERT INTO audit (id, at, actor, action, object_kind, object_id) VALUES "
                    f"({number}, '2026-11-24 12:00:00.12{number}000', 'nurse:1', 'x.y', 'q', '1')"
                )
            )
    upgrade(url)
    assert_tables_match(url)
    with database.write() as session:
        write(session)
    with database.read() as session:
        verdict = audit.verify(session)
    assert (verdict.entries, verdict.end.id, verdict.breaks) == (4, 6, ())
    database.close()


def test_the_command_says_that_the_trail_is_whole_or_where_it_breaks(
    written: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CLINIC_VAR", str(settings.var))
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert "10 entries" in printed
    head = printed.split("Head: ")[1].strip()
    assert main(["--head", head]) == 0
    behind_its_back(settings, "UPDATE audit SET object_id = '8' WHERE id = 7")
    capsys.readouterr()
    assert main([]) == 1
    assert "BROKEN at entry 7: it was changed after it was written." in capsys.readouterr().out


def test_a_trail_that_was_rewritten_as_a_whole_does_not_match_the_head_that_was_noted(
    written: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever can write the file can make every hash anew; a head kept elsewhere tells."""
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CLINIC_VAR", str(settings.var))
    main([])
    head = capsys.readouterr().out.split("Head: ")[1].strip()
    behind_its_back(
        settings,
        "DELETE FROM audit",
        f"UPDATE audit_chain SET last_id = 0, last_hash = '{'0' * 64}'",
    )
    for number in range(1, 11):
        with written.write() as session:
            write(session, number + 1)
    assert main([]) == 0
    assert main(["--head", head]) == 1
    assert "Entry 10 is not the one noted before." in capsys.readouterr().out


def test_an_erased_chat_leaves_the_chain_whole_and_no_word_in_it(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("zebra-canary-7391")
    chat.wait_for(2)
    chat.erase()
    with desk.database.read() as session:
        verdict = audit.verify(session)
        rows = session.execute(text("SELECT * FROM audit")).all()
    assert verdict.breaks == ()
    assert "canary" not in repr(rows)
    assert [row.action for row in rows][-1] == "conversation.erased"


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_its_network_alone(peer: str, network: str) -> None:
    assert audit.network_of(peer) == network
