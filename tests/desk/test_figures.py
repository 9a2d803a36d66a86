"""The figures count what really happened in chats and queue, and stay when the words go."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event, select

from clinic.figures import Figures, Opinions, Period, WishKind
from clinic.settings import Retention
from clinic.turn import Kind
from desk import figures
from desk.accounts import Nurse
from desk.retention import apply
from desk.storage.database import Database
from desk.storage.figure_tables import ChatCountsRow
from desk.storage.migrate import assert_tables_match, upgrade
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk, wait_until

DAY = timedelta(days=1)
KEPT = Retention(conversations=90 * DAY, handoffs=365 * DAY, audit=2190 * DAY)
LEA = Nurse(id=1, email="lea@clinic.example", name="Lea", role="lead", available=False)


def read(desk: RunningDesk, *, days: int = 3, since: Clock | None = None) -> Figures:
    clinic = desk.app.state.desk.clinic
    now = (since or desk.clock)()
    today = now.astimezone(clinic.time_zone).date()
    period = Period(today - days * DAY, today + DAY)
    return figures.read(desk.database, clinic, period, nurse=LEA, now=now)


def test_what_happens_in_a_chat_is_counted(desk: RunningDesk, internal: dict[str, str]) -> None:
    desk.chat()  # opened, and nothing written
    chat = desk.chat()
    for number, text in enumerate(["Does it hurt?", "decline: swim?", "urgent: swollen"], 1):
        chat.send(text)
        chat.wait_for(number, author="assistant")
    for seq, helpful in ((2, True), (4, False), (2, False), (4, False)):
        body = {"seq": seq, "helpful": helpful}
        desk.http.post(f"{chat.path}/feedback", json=body, headers=chat.headers)
    found = read(desk)
    assert found.chats == 1
    assert {kind: count for kind, count in found.kinds.items() if count} == {
        Kind.ANSWER: 1,
        Kind.DECLINE: 1,
        Kind.URGENT: 1,
    }
    assert (found.answers, found.without_answer) == (Opinions(0, 1), Opinions(0, 1))
    assert found.assistant.count == 1
    assert (sum(s.answered for s in found.spans), sum(s.handed_over for s in found.spans)) == (1, 0)
    callback(desk, internal, chat.id)
    assert sum(span.handed_over for span in read(desk).spans) == 1


def test_waiting_ends_with_the_first_claim_and_the_first_call(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    chat = desk.chat()
    callback(desk, internal, chat.id)
    clock.ahead += timedelta(minutes=10)
    assert ada.http.post("/api/nurse/handoffs/1/claim").status_code == 200
    assert ada.http.post("/api/nurse/handoffs/1/release").status_code == 200
    clock.ahead += timedelta(minutes=4)
    attempt = {"outcome": "no_answer", "note": ""}
    for _ in range(2):
        assert ada.http.post("/api/nurse/handoffs/1/attempts", json=attempt).status_code < 300
        clock.ahead += timedelta(minutes=9)
    found = read(desk)
    taken, answered = (times[WishKind.CALLBACK].median for times in (found.taken, found.answered))
    assert taken is not None
    assert answered is not None
    assert timedelta(minutes=10) <= taken < timedelta(minutes=14)
    assert timedelta(minutes=14) <= answered < timedelta(minutes=20)


def test_who_takes_the_wish_back_has_left_before_a_nurse_came(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    chat = desk.chat()
    callback(desk, internal, chat.id)
    body = {"conversation": chat.id}
    answer = desk.http.post("/internal/callback/cancel", json=body, headers=internal)
    assert answer.json()["state"] == "closed", answer.text
    found = read(desk)
    assert (found.wishes[WishKind.CALLBACK], found.abandoned[WishKind.CALLBACK]) == (1, 1)


def test_an_emergency_is_one_however_it_came(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("chest pain")
    chat.wait_for(2)
    found = read(desk)
    assert (found.wishes[WishKind.EMERGENCY], found.kinds[Kind.EMERGENCY]) == (1, 1)


def test_the_numbers_stay_when_words_and_call_backs_are_gone(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    erased, aged = desk.chat(), desk.chat()
    for chat in (erased, aged):
        chat.send("Does it hurt?")
        chat.wait_for(2)
        body = {"seq": 2, "helpful": True}
        desk.http.post(f"{chat.path}/feedback", json=body, headers=chat.headers)
    callback(desk, internal, aged.id)
    resolved = ada.http.post(
        "/api/nurse/handoffs/1/resolve", json={"outcome": "other", "note": "done"}
    )
    assert resolved.status_code == 200, resolved.text
    before, then = read(desk), Clock()
    assert erased.erase().status_code == 200
    clock.ahead += 400 * DAY
    apply(desk.database, KEPT, now=clock())
    wait_until(lambda: _no_handoffs(desk.database))
    assert read(desk, since=then) == before
    assert before.wishes[WishKind.CALLBACK] == 1
    assert before.answers == Opinions(2, 0)
    apply(desk.database, KEPT, now=clock() + 2190 * DAY)
    assert read(desk, since=then).chats == 0, "they go with the audit of that time"


def _no_handoffs(database: Database) -> bool:
    with database.read() as session:
        return session.connection().exec_driver_sql("SELECT count(*) FROM handoffs").scalar() == 0


@pytest.mark.sqlite  # whose query plan is read
def test_no_text_is_read_and_an_index_is_used(desk: RunningDesk) -> None:
    asked: list[str] = []
    engine = desk.database.engine

    def listen(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", listen)
    read(desk)
    event.remove(engine, "before_cursor_execute", listen)
    # The desk's own tidying may run at the same time, and deletes.
    tables = ("chat_counts", "past_handoffs")
    counting = [one for one in asked if one.startswith("SELECT") and any(t in one for t in tables)]
    assert len(counting) == 2
    with engine.connect() as connection:
        for statement in counting:
            for column in ("text", "reason", "name", "phone", "note", "question"):
                assert f".{column}" not in statement
            values = tuple("2026-01-01" for _ in range(statement.count("?")))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            scans = [str(step[3]) for step in plan if str(step[3]).startswith("SCAN")]
            assert scans == [], plan


OLD = "2026-11-20 12:00:0{}.000000"


def test_what_was_said_before_this_version_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.sqlite3"
    url = f"sqlite:///{path}"
    with monkeypatch.context() as old:
        old.setattr(command, "upgrade", lambda config, _, up=command.upgrade: up(config, "0008"))
        upgrade(url)
    said = [
        ("patient", None),
        ("assistant", '{"kind": "answer"}'),
        ("patient", None),
        ("assistant", '{"kind": "decline"}'),
        ("system", '{"kind": "handoff"}'),
        ("system", '{"kind": "emergency"}'),
    ]
    with sqlite3.connect(path) as raw:
        for name in ("talked", "empty"):
            raw.execute(
                "INSERT INTO conversations (id, token_hash, origin, created_at, last_seq) "
                "VALUES (?, '', 'web', ?, 0)",
                (name, OLD.format(0)),
            )
        for seq, (author, turn) in enumerate(said, 1):
            raw.execute(
                "INSERT INTO events (conversation_id, seq, at, author, text, buttons, turn) "
                "VALUES ('talked', ?, ?, ?, 'x', '[]', ?)",
                (seq, OLD.format(seq), author, turn),
            )
        raw.executemany(
            "INSERT INTO feedback (conversation_id, seq, at, helpful) VALUES ('talked', ?, ?, ?)",
            [(2, OLD.format(9), 1), (4, OLD.format(9), 0)],
        )
        raw.execute(
            "INSERT INTO nurses (id, email, name, role, password_hash, active, available, "
            "created_at) VALUES (1, 'a', 'A', 'nurse', '', 1, 0, ?)",
            (OLD.format(0),),
        )
        raw.execute(
            "INSERT INTO handoffs (conversation_id, reference, kind, urgency, state, reason, name, "
            "phone, best_time, created_at, claimed_at, assigned_to) VALUES ('talked', 'R', "
            "'callback', 'routine', 'claimed', '', '', '', '', ?, ?, 1)",
            (OLD.format(1), OLD.format(5)),
        )
        raw.execute(
            "INSERT INTO attempts (handoff_id, nurse_id, at, outcome) VALUES (1, 1, ?, 'reached')",
            (OLD.format(8),),
        )
    upgrade(url)
    assert_tables_match(url)
    database = Database(url)
    with database.read() as session:
        talked, empty = session.scalars(
            select(ChatCountsRow).order_by(ChatCountsRow.conversation_id.desc())
        )
        wishes = list(
            figures._wishes(
                session,
                datetime(2026, 1, 1, tzinfo=timezone.utc),
                datetime(2027, 1, 1, tzinfo=timezone.utc),
            )
        )
    database.close()
    assert (talked.messages, talked.answer, talked.decline, talked.handoff) == (2, 1, 1, 0)
    assert (talked.emergency, talked.helpful, talked.unhelpful_without_answer) == (1, 1, 1)
    assert (talked.handed_over, empty.handed_over, empty.messages) == (True, False, 0)
    assert talked.first_reply_at == datetime(2026, 11, 20, 12, 0, 2, tzinfo=timezone.utc)
    (wish,) = wishes
    assert wish.taken_at is not None
    assert wish.answered_at is not None
    assert (wish.taken_at.second, wish.answered_at.second) == (5, 8)
    assert date(2026, 11, 20) == wish.asked_at.date()
