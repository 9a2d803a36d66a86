"""Attendance: what time does to a live chat, so that no patient waits without knowing.

Looks once a second, and after a restart goes on from the database: a nurse who is gone, a patient
whom nobody took in time, an office that has closed (`clinic.floor.due`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from clinic.floor import Due, Floor, Holder, due
from clinic.hours import is_open
from clinic.settings import Clinic
from desk import accounts, audit, floor, handoffs, live_chat
from desk.logs import describe
from desk.sessions import ABSOLUTE_LIFE, IDLE_LIFE
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from desk.storage.tables import ConversationRow, EventRow, HandoffRow

__all__ = ["look", "run"]

_log = logging.getLogger(__name__)
_ACTIONS = {
    Due.NURSE_GONE: "handoff.nurse_lost",
    Due.NURSE_SILENT: "handoff.nurse_silent",
    Due.NOBODY_CAME: "handoff.nobody_came",
    Due.OFFICE_CLOSED: "handoff.office_closed",
}


async def run(
    database: Database, clinic: Clinic, *, every: timedelta, clock: Callable[[], datetime]
) -> None:
    """Look until cancelled."""
    while True:
        try:
            await asyncio.to_thread(look, database, clinic, now=clock())
        except Exception as error:  # noqa: BLE001 (one bad moment must not end the watch)
            _log.error("attendance.look_failed %s", describe(error))
        await asyncio.sleep(every.total_seconds())


def look(database: Database, clinic: Clinic, *, now: datetime) -> int:
    """Do what is due in every conversation; how many that were."""
    with database.read() as session:
        found = [row.id for row in _attended(session) if _due(session, clinic, row, now=now)]
    for conversation_id in found:
        with database.write() as session:
            # Somebody may have acted since: the floor is read again under the lock.
            floor.read(session, conversation_id)
            row = session.get_one(ConversationRow, conversation_id)
            what = _due(session, clinic, row, now=now)
            if what is not None:
                _act(session, clinic, conversation_id, floor.view(row), what, now=now)
    return len(found)


def _attended(session: Session) -> list[ConversationRow]:
    holders = (Holder.WAITING.value, Holder.NURSE.value)
    return list(session.scalars(select(ConversationRow).where(ConversationRow.floor.in_(holders))))


def _due(session: Session, clinic: Clinic, row: ConversationRow, *, now: datetime) -> Due | None:
    held = floor.view(row)
    return due(
        held,
        now=now,
        times=clinic.chat,
        office_open=is_open(clinic.schedule, now=now),
        office_was_open=is_open(clinic.schedule, now=held.since),
        nurse_heard_of=held.nurse is not None
        and _heard_of(session, held.nurse, within=clinic.chat.nurse_gone_after, now=now),
        nurse_present=accounts.nurse_present(session, now=now),
        unanswered_since=_unanswered_since(session, row.id) if held.nurse is not None else None,
    )


def _unanswered_since(session: Session, conversation_id: str) -> datetime | None:
    """When the patient wrote the first message after the last that was said to her."""
    said = (
        select(func.max(EventRow.seq))
        .where(EventRow.conversation_id == conversation_id, EventRow.author != "patient")
        .scalar_subquery()
    )
    return session.scalar(
        select(EventRow.at)
        .where(
            EventRow.conversation_id == conversation_id,
            EventRow.seq > func.coalesce(said, 0),
        )
        .order_by(EventRow.seq)
        .limit(1)
    )


def _heard_of(session: Session, nurse_id: int, *, within: timedelta, now: datetime) -> bool:
    """Signed in, in a session that has not run out, and heard of lately."""
    signed_in = exists().where(
        NurseSessionRow.nurse_id == NurseRow.id,
        NurseSessionRow.used_at > now - IDLE_LIFE,
        NurseSessionRow.created_at > now - ABSOLUTE_LIFE,
    )
    found = session.scalar(
        select(NurseRow.id).where(
            NurseRow.id == nurse_id,
            NurseRow.active.is_(True),
            NurseRow.seen_at > now - within,
            signed_in,
        )
    )
    return found is not None


def _act(
    session: Session, clinic: Clinic, conversation_id: str, held: Floor, what: Due, *, now: datetime
) -> None:
    row = handoffs.open_handoff(session, conversation_id)
    if row is None:
        # The queue does not know of it any more, so nobody would ever come.
        floor.give_back(session, conversation_id, now=now)
        return
    if held.nurse is None:
        closed = what is Due.OFFICE_CLOSED
        live_chat.nobody_comes(session, clinic, row, closed=closed, now=now)
    elif what is Due.NURSE_SILENT:
        live_chat.silent(session, clinic, row, nurse_id=held.nurse, now=now)
    elif what is Due.OFFICE_CLOSED:
        live_chat.closing(session, clinic, row, nurse_id=held.nurse, now=now)
    else:
        live_chat.lost(session, clinic, row, nurse_id=held.nurse, now=now)
    _audit(session, row, _ACTIONS[what], now=now)


def _audit(session: Session, row: HandoffRow, action: str, *, now: datetime) -> None:
    audit.record(
        session, actor="system", action=action, object_kind="handoff", object_id=row.id, now=now
    )
