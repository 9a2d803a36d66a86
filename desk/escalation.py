"""Escalation: takes each open notice up the clinic's steps until a nurse has taken the patient.

Looks once a second, and after a restart goes on from the database. A step and the messages that it
asks for are one transaction (`desk.outbox`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.escalation import Move, next_move, steps_of
from clinic.settings import Clinic
from desk import accounts, handoffs, notices, outbox
from desk.in_thread import in_thread
from desk.logs import describe
from desk.promise_watch import OnPassed, Passed
from desk.storage.database import Database
from desk.storage.notice_tables import NoticeRow
from desk.storage.tables import HandoffRow

__all__ = ["look", "note_promises", "run"]

_log = logging.getLogger(__name__)


async def run(
    database: Database, clinic: Clinic, *, every: timedelta, clock: Callable[[], datetime]
) -> None:
    """Look until cancelled."""
    while True:
        try:
            await in_thread(lambda: look(database, clinic, now=clock()))
        except Exception as error:  # noqa: BLE001 (one bad moment must not end the watch)
            _log.error("escalation.look_failed %s", describe(error))
        await asyncio.sleep(every.total_seconds())


def look(database: Database, clinic: Clinic, *, now: datetime) -> int:
    """Do what is due for every open notice; for how many that was something.

    One that fails keeps none of the others; the first error is raised at the end.
    """
    with database.read() as session:
        found = _to_act_on(session, clinic, now=now)
    errors = [_try(database, clinic, notice_id, now=now) for notice_id in found]
    for error in filter(None, errors):
        raise error
    return len(found)


def note_promises(clinic: Clinic, clock: Callable[[], datetime]) -> OnPassed:
    """What `desk.promise_watch` calls in its transaction when a promised time passes."""

    def note(session: Session, passed: Passed) -> None:
        row = session.get_one(HandoffRow, passed.handoff_id)
        notices.promise_passed(session, clinic, row, passed.mark, due_at=passed.due_at, now=clock())

    return note


def _to_act_on(session: Session, clinic: Clinic, *, now: datetime) -> list[int]:
    rows = session.execute(
        select(NoticeRow, HandoffRow)
        .join(HandoffRow, HandoffRow.id == NoticeRow.handoff_id)
        .where(NoticeRow.ended_at.is_(None))
        .order_by(NoticeRow.id)
    ).all()
    nurse_there = bool(rows) and accounts.nurse_present(session, now=now)
    return [
        row.id
        for row, handoff in rows
        if _move(session, clinic, row, handoff, nurse_there=nurse_there, now=now) is not Move.WAIT
    ]


def _move(
    session: Session,
    clinic: Clinic,
    row: NoticeRow,
    handoff: HandoffRow,
    *,
    nurse_there: bool,
    now: datetime,
) -> Move:
    return next_move(
        clinic.notifications,
        notices.view(row),
        now=now,
        answered=notices.answered(session, row, handoff, now=now),
        nurse_there=nurse_there,
        unreached=outbox.is_unreached(session, row),
    )


def _try(database: Database, clinic: Clinic, notice_id: int, *, now: datetime) -> Exception | None:
    try:
        with database.write() as session:
            _act(session, clinic, notice_id, now=now)
    except Exception as error:  # noqa: BLE001 (the caller raises it)
        return error
    return None


def _act(session: Session, clinic: Clinic, notice_id: int, *, now: datetime) -> None:
    row = session.get(NoticeRow, notice_id)
    if row is None:
        return
    handoff = session.get_one(HandoffRow, row.handoff_id)
    handoffs.wait_for_turn(session, handoff.conversation_id)
    # Somebody may have acted since: everything is read again under the lock.
    session.expire_all()
    if row.ended_at is not None:
        return
    nurse_there = accounts.nurse_present(session, now=now)
    move = _move(session, clinic, row, handoff, nurse_there=nurse_there, now=now)
    if move is Move.TELL:
        notice = notices.view(row)
        step = steps_of(clinic.notifications, notice.cause, notice.urgency)[row.told]
        outbox.put(session, row, step, now=now)
        row.told, row.told_at = row.told + 1, now
    elif move is not Move.WAIT:
        row.ended_at, row.ended_as = now, move.value
