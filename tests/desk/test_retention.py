"""What is too old goes by itself, and only that; an open call-back keeps what it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text

from clinic.settings import Retention
from desk import audit, conversations, retention
from desk.retention import Removed, apply
from desk.settings import Settings
from desk.storage.database import Database
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Clock, RunningDesk, running, wait_until

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
KEPT = Retention(
    conversations=timedelta(days=90), handoffs=timedelta(days=365), audit=timedelta(days=2190)
)
CANARY = "zebra-canary-7391"


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def talk(database: Database, name: str, *moments: datetime) -> None:
    with database.write() as session:
        conversations.create(session, now=moments[0], conversation_id=name)
        for moment in moments:
            conversations.append(session, name, author="patient", text=CANARY, now=moment)


def count(database: Database, table: str) -> int:
    with database.read() as session:
        found: int = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def erased(database: Database) -> set[str]:
    with database.read() as session:
        rows = session.execute(text("SELECT id FROM conversations WHERE erased_at IS NOT NULL"))
        return {row.id for row in rows}


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        datetime(2026, 11, 24, 23, 59, tzinfo=timezone.utc),
        datetime(2026, 11, 25, 0, 1, tzinfo=timezone.utc),
        datetime(2026, 11, 1, 7, 30, tzinfo=timezone.utc),  # the night when clocks go back
        datetime(
            2027, 3, 14, 8, 0, tzinfo=timezone.utc
        ),  # and when they go forward, in the Midwest
    ],
    ids=str,
)
def test_exactly_what_is_older_than_the_clinic_keeps_it_goes(
    database: Database, now: datetime
) -> None:
    second = timedelta(seconds=1)
    limit = now - KEPT.conversations
    talk(database, "due", limit - second)
    talk(database, "begun long ago, gone on since", limit - 99 * KEPT.audit / 100, limit + second)
    talk(database, "at the limit", limit)
    talk(database, "young", now)
    assert apply(database, KEPT, now=now) == Removed(conversations=1, handoffs=0, audit=0)
    assert erased(database) == {"due"}
    assert apply(database, KEPT, now=now) == Removed(0, 0, 0), "a second look finds nothing"


def test_a_chat_in_which_nobody_ever_wrote_goes_too(database: Database) -> None:
    with database.write() as session:
        conversations.create(session, now=NOW - timedelta(days=91), conversation_id="empty")
    assert apply(database, KEPT, now=NOW).conversations == 1


@pytest.mark.sqlite  # of PostgreSQL, docs/postgresql.md says how long it keeps erased rows
def test_a_quiet_desk_tidies_by_itself(settings: Settings, clock: Clock, rasa: FakeRasa) -> None:
    """No request comes; the words are gone from the disk, and from the assistant's memory."""
    with running(settings, clock=clock) as desk:
        chat = desk.chat()
        chat.send(CANARY)
        chat.wait_for(2)
    assert CANARY.encode() in bytes_on_disk(settings.var)
    clock.ahead += timedelta(days=91)
    with running(settings, clock=clock):
        wait_until(lambda: CANARY.encode() not in bytes_on_disk(settings.var))
        wait_until(lambda: rasa.forgotten == [chat.id])


def test_it_looks_again_while_it_runs(settings: Settings, clock: Clock) -> None:
    with running(settings, clock=clock) as desk:
        chat = desk.chat()
        chat.send("hello")
        chat.wait_for(2)
        clock.ahead += timedelta(days=91)
        events = f"{chat.path}/events"
        wait_until(lambda: desk.http.get(events, headers=chat.headers).status_code == 410)


def test_an_open_call_back_keeps_its_conversation_however_old(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    chat = desk.chat()
    chat.send(CANARY)
    chat.wait_for(2)
    callback(desk, internal, chat.id)
    clock.ahead += timedelta(days=400)
    with desk.database.read() as session:
        assert len(conversations.events_after(session, chat.id)) >= 2
    assert apply(desk.database, KEPT, now=clock()) == Removed(0, 0, 0)
    with desk.database.write() as session:
        row = session.get_one(HandoffRow, 1)
        row.state, row.outcome, row.resolved_at = "resolved", "reached", clock()
    clock.ahead += timedelta(days=91)  # from here the desk itself may have been first
    wait_until(lambda: erased(desk.database) == {chat.id})
    assert chat.post("again").status_code == 410


def test_a_closed_call_back_outlives_its_conversation_and_then_goes_with_all_of_it(
    desk: RunningDesk, settings: Settings, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)
    callback(desk, internal, chat.id, name=f"Kim {CANARY}")
    ada.http.post("/api/nurse/handoffs/1/claim")
    attempt = {"outcome": "reached", "note": CANARY}
    assert ada.http.post("/api/nurse/handoffs/1/attempts", json=attempt).status_code < 300
    closed = ada.http.post(
        "/api/nurse/handoffs/1/resolve", json={"outcome": "reached", "note": CANARY}
    )
    assert closed.status_code == 200, closed.text
    clock.ahead += timedelta(days=91)
    wait_until(lambda: erased(desk.database) == {chat.id})
    with desk.database.read() as session:
        assert session.execute(text("SELECT name FROM handoffs")).scalar_one() == f"Kim {CANARY}"
    clock.ahead += timedelta(days=275)
    wait_until(lambda: count(desk.database, "handoffs") == 0)
    with desk.database.read() as session:
        for table in ("handoffs", "handoff_keys", "attempts", "callback_requests", "notes"):
            assert session.execute(text(f"SELECT * FROM {table}")).all() == [], table
    if desk.database.is_sqlite:  # of PostgreSQL, docs/postgresql.md says how long it keeps them
        wait_until(lambda: CANARY.encode() not in bytes_on_disk(settings.var))


def test_the_audit_is_cut_off_in_front_and_says_so(database: Database) -> None:
    talk(database, "due", NOW - timedelta(days=100))
    apply(database, KEPT, now=NOW)
    later = NOW + timedelta(days=2191)
    assert apply(database, KEPT, now=later).audit == 1
    with database.read() as session:
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
        assert audit.verify(session).breaks == ()
    assert actions == ["audit.removed_by_age"]


def test_what_a_crash_leaves_is_done_by_the_next_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        talk(database, f"due {number}", NOW - timedelta(days=100))
    take, calls = retention.take_words, iter(range(9))

    def crash(*arguments: object, **named: object) -> None:
        take(*arguments, **named)  # type: ignore[arg-type]
        if next(calls) == 2:
            raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(retention, "take_words", crash)
        with pytest.raises(MemoryError):
            apply(database, KEPT, now=NOW)
    assert len(erased(database)) == 2
    assert apply(database, KEPT, now=NOW).conversations == 2
    with database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.action == "conversation.erased_by_age")
        ).all()
    assert len(rows) == 4


def test_who_writes_at_the_last_moment_keeps_her_chat(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(database, "due", NOW - timedelta(days=100))
    find = retention._due_conversations

    def find_and_write(*arguments: object) -> list[str]:
        found = find(*arguments)  # type: ignore[arg-type]
        with database.write() as session:
            conversations.append(session, "due", author="patient", text="x", now=NOW)
        return found

    monkeypatch.setattr(retention, "_due_conversations", find_and_write)
    assert apply(database, KEPT, now=NOW).conversations == 0
    assert erased(database) == set()


def test_shorter_times_take_more(database: Database) -> None:
    talk(database, "a", NOW - timedelta(days=2))
    assert apply(database, KEPT, now=NOW).conversations == 0
    short = replace(KEPT, conversations=timedelta(days=1))
    assert apply(database, short, now=NOW).conversations == 1
