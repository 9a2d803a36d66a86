"""Notices: each cause writes one, in the transaction of the change itself, and none twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from clinic.escalation import Cause, Notifications, Step
from clinic.turn import Urgency
from desk import (
    attempts,
    chat_requests,
    conversations,
    escalation,
    handoffs,
    live_chat,
    nurse_work,
    outbox,
    promise_watch,
    retention,
)
from desk.accounts import Nurse, set_presence
from desk.chat_requests import ChatRequest
from desk.handoffs import CallbackRequest
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.notice_tables import DeliveryRow, NoticeRow
from desk.storage.tables import HandoffRow
from tests.desk.receivers import MINUTE, NOTIFICATIONS
from tests.desk.test_promise_watch import CLINIC as PLAIN
from tests.desk.test_promise_watch import TUESDAY

CLINIC = replace(PLAIN, notifications=NOTIFICATIONS)


def ask(
    session: Session,
    *,
    urgency: Urgency = Urgency.ROUTINE,
    key: str = "one",
    conversation_id: str = "",
    now: datetime = TUESDAY,
) -> HandoffRow:
    """A patient asks for a call."""
    chat = conversation_id or conversations.create(session, now=now).id
    wanted = CallbackRequest(
        conversation_id=chat,
        reason="canary words",
        name="Kim Canary",
        phone="+16085550134",
        best_time="any",
        consent=True,
        urgency=urgency,
    )
    told = handoffs.request_callback(session, CLINIC, wanted, key=key, now=now)
    return session.get_one(HandoffRow, told.handoff_id)


def nurse(session: Session, *, there: bool = False, now: datetime = TUESDAY) -> Nurse:
    made = make_nurse(session, email="ada@clinic.example", role="nurse", now=now).nurse
    if there:
        return set_presence(session, nurse_id=made.id, state="available", now=now)
    return made


def causes(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(NoticeRow).order_by(NoticeRow.id))
        return [(row.cause, row.urgency) for row in rows]


def told(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))
        return [(row.step, row.address) for row in rows]


@pytest.fixture
def asked(database: Database) -> HandoffRow:
    """A patient who waits for a call, with nobody there."""
    with database.write() as session:
        return ask(session, urgency=Urgency.URGENT)


def test_a_patient_who_waits_is_one_notice_however_often_she_asks(database: Database) -> None:
    with database.write() as session:
        row = ask(session)
        ask(session, conversation_id=row.conversation_id)
        ask(session, conversation_id=row.conversation_id, key="two")
    assert causes(database) == [("waits", "routine")]


def test_a_graver_wish_is_another_one(database: Database) -> None:
    with database.write() as session:
        row = ask(session)
        ask(session, conversation_id=row.conversation_id, key="two", urgency=Urgency.URGENT)
        for seq in (1, 2):
            handoffs.raise_alarm(
                session, CLINIC, row.conversation_id, message_seq=seq, by="system", now=TUESDAY
            )
    assert causes(database) == [
        ("waits", "routine"),
        ("graver", "urgent"),
        ("graver", "emergency"),
    ]


def test_an_alarm_and_a_worry_are_noticed(database: Database) -> None:
    with database.write() as session:
        one, other = (conversations.create(session, now=TUESDAY).id for _ in range(2))
        handoffs.raise_alarm(session, CLINIC, one, message_seq=1, by="assistant", now=TUESDAY)
        handoffs.put_worry(session, CLINIC, other, "canary words", now=TUESDAY)
    assert causes(database) == [("waits", "emergency"), ("waits", "urgent")]


def test_a_chat_is_noticed_when_it_waits_when_nobody_comes_and_when_its_nurse_is_gone(
    database: Database,
) -> None:
    with database.write() as session:
        ada = nurse(session, there=True)
        chat = conversations.create(session, now=TUESDAY)
        wanted = ChatRequest(chat.id, "")
        chat_requests.request_chat(session, CLINIC, wanted, key="k", now=TUESDAY)
    with database.write() as session:
        nurse_work.claim(session, 1, nurse=ada, now=TUESDAY + MINUTE)
    with database.write() as session:
        row = session.get_one(HandoffRow, 1)
        live_chat.lost(session, CLINIC, row, nurse_id=ada.id, now=TUESDAY + 2 * MINUTE)
    with database.write() as session:
        row = session.get_one(HandoffRow, 1)
        live_chat.nobody_comes(session, CLINIC, row, closed=False, now=TUESDAY + 9 * MINUTE)
    assert [cause for cause, _ in causes(database)] == ["waits", "returned", "unclaimed"]


def test_half_and_end_of_a_promise_are_noticed_also_where_a_nurse_has_claimed_it(
    database: Database, asked: HandoffRow
) -> None:
    join = [escalation.note_promises(CLINIC, lambda: TUESDAY)]
    with database.write() as session:
        nurse_work.claim(session, asked.id, nurse=nurse(session), now=TUESDAY)
    for minutes in (0, 15, 16, 30, 31):
        now = TUESDAY + minutes * MINUTE
        promise_watch.look(database, CLINIC, now=now, on_passed=join)
    assert causes(database) == [("waits", "urgent"), ("half", "urgent"), ("end", "urgent")]


def test_a_change_that_is_undone_leaves_no_notice(database: Database) -> None:
    def undone() -> None:
        with database.write() as session:
            ask(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert causes(database) == []


def test_a_clinic_that_names_nobody_keeps_no_notices(database: Database) -> None:
    quiet = replace(CLINIC, notifications=Notifications())
    with database.write() as session:
        chat = conversations.create(session, now=TUESDAY).id
        handoffs.raise_alarm(session, quiet, chat, message_seq=1, by="system", now=TUESDAY)
    assert causes(database) == []


def test_each_step_and_its_messages_are_one_transaction_and_come_once(
    database: Database, asked: HandoffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "put", crash)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                escalation.look(database, CLINIC, now=TUESDAY)
    first = [(0, "duty-mail"), (0, "system")]
    for minutes, expected in ((0, first), (4, first), (5, [*first, (1, "lead-mail")])):
        for _ in range(2):
            escalation.look(database, CLINIC, now=TUESDAY + minutes * MINUTE)
        assert told(database) == expected
    with database.read() as session:
        assert session.get_one(NoticeRow, 1).ended_as == "told"


def test_one_that_fails_keeps_none_of_the_others(
    database: Database, asked: HandoffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        session.get_one(HandoffRow, asked.id).phone = "+16085550199"
        session.flush()
        ask(session, key="other")
    put = outbox.put

    def crash_for_the_first(session: Session, row: NoticeRow, step: Step, *, now: datetime) -> None:
        if row.id == 1:
            raise ZeroDivisionError
        put(session, row, step, now=now)

    monkeypatch.setattr(outbox, "put", crash_for_the_first)
    with pytest.raises(ZeroDivisionError):
        escalation.look(database, CLINIC, now=TUESDAY)
    assert told(database) == [(0, "duty-mail"), (0, "system")]


def test_nobody_is_told_while_a_nurse_is_there_and_takes_the_patient_in_time(
    database: Database,
) -> None:
    with database.write() as session:
        ada = nurse(session, there=True)
        ask(session)
    assert escalation.look(database, CLINIC, now=TUESDAY + MINUTE) == 0
    with database.write() as session:
        nurse_work.claim(session, 1, nurse=ada, now=TUESDAY + MINUTE)
    escalation.look(database, CLINIC, now=TUESDAY + 10 * MINUTE)
    assert told(database) == []
    with database.read() as session:
        assert session.get_one(NoticeRow, 1).ended_as == "answered"


def test_a_nurse_who_gives_the_patient_back_leaves_her_to_the_others(
    database: Database, asked: HandoffRow
) -> None:
    with database.write() as session:
        ada = nurse(session)
        nurse_work.claim(session, asked.id, nurse=ada, now=TUESDAY)
    with database.write() as session:
        nurse_work.release(session, asked.id, nurse=ada, clinic=CLINIC, now=TUESDAY + MINUTE)
    escalation.look(database, CLINIC, now=TUESDAY + MINUTE)
    assert causes(database) == [("waits", "urgent"), ("returned", "urgent")]
    assert (0, "duty-mail") in told(database)


def test_a_call_answers_the_notice_of_a_time_that_passed(
    database: Database, asked: HandoffRow
) -> None:
    join = [escalation.note_promises(CLINIC, lambda: TUESDAY + 30 * MINUTE)]
    with database.write() as session:
        ada = nurse(session)
        nurse_work.claim(session, asked.id, nurse=ada, now=TUESDAY)
    promise_watch.look(database, CLINIC, now=TUESDAY, on_passed=join)
    promise_watch.look(database, CLINIC, now=TUESDAY + 30 * MINUTE, on_passed=join)
    with database.write() as session:
        attempts.record(
            session,
            asked.id,
            nurse=ada,
            clinic=CLINIC,
            outcome=AttemptOutcome.NO_ANSWER,
            now=TUESDAY + 30 * MINUTE,
        )
    escalation.look(database, CLINIC, now=TUESDAY + 31 * MINUTE)
    assert causes(database)[-1] == (Cause.END.value, "urgent")
    assert told(database) == []


def test_notices_go_with_their_handoff(database: Database, asked: HandoffRow) -> None:
    escalation.look(database, CLINIC, now=TUESDAY)
    with database.write() as session:
        ada = nurse(session)
        nurse_work.resolve(
            session, asked.id, nurse=ada, clinic=CLINIC, outcome="reached", now=TUESDAY
        )
    later = TUESDAY + CLINIC.retention.handoffs + MINUTE
    assert retention.apply(database, CLINIC.retention, now=later).handoffs == 1
    assert (causes(database), told(database)) == ([], [])
