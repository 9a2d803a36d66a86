"""Notices: what nurses have to know although nobody looks at the console, written with its cause.

Every change that makes a patient wait writes its row in its own transaction, so that a crash
neither loses nor doubles one. `desk.escalation` then tells whom the clinic has named.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.escalation import Cause, Notice, is_answered, steps_of
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk.accounts import is_there
from desk.storage.notice_tables import NoticeRow
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import HandoffRow

__all__ = ["answered", "promise_passed", "returned", "unclaimed", "view", "waits"]

_OF_MARKS: Final = {"half": Cause.HALF, "end": Cause.END}


def waits(session: Session, clinic: Clinic, row: HandoffRow, *, now: datetime) -> None:
    """The patient has come into the queue, or has become more urgent: once for each urgency."""
    session.flush()
    before = select(NoticeRow.id).where(NoticeRow.handoff_id == row.id).limit(1)
    cause = Cause.WAITS if session.scalar(before) is None else Cause.GRAVER
    _add(session, clinic, row, cause, name=f"waits:{row.urgency}", now=now)


def unclaimed(session: Session, clinic: Clinic, row: HandoffRow, *, now: datetime) -> None:
    """Nobody came to her chat in time, and a call was offered."""
    _add(session, clinic, row, Cause.UNCLAIMED, name=f"unclaimed:{now.isoformat()}", now=now)


def returned(session: Session, clinic: Clinic, row: HandoffRow, *, now: datetime) -> None:
    """She was a nurse's, and waits again."""
    _add(session, clinic, row, Cause.RETURNED, name=f"returned:{now.isoformat()}", now=now)


def promise_passed(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    mark: Literal["half", "end"],
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    """Half of the time until the promised `due_at` has gone by, or all of it."""
    name = f"{mark}:{due_at.isoformat()}"
    _add(session, clinic, row, _OF_MARKS[mark], name=name, due_at=due_at, now=now)


def answered(session: Session, row: NoticeRow, handoff: HandoffRow, *, now: datetime) -> bool:
    """Whether a nurse has done what the notice asks for."""
    holder = session.get(NurseRow, handoff.assigned_to) if handoff.assigned_to else None
    return is_answered(
        view(row),
        state=handoff.state,
        claimed_at=handoff.claimed_at,
        holder_there=holder is not None and is_there(holder, now=now),
        due_at=handoff.due_at,
    )


def view(row: NoticeRow) -> Notice:
    """The notice of the row."""
    return Notice(
        cause=Cause(row.cause),
        urgency=Urgency(row.urgency),
        at=row.at,
        due_at=row.due_at,
        told=row.told,
        told_at=row.told_at,
    )


def _add(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    cause: Cause,
    *,
    name: str,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Write it, once for its name. The caller has the handoff's turn (`handoffs.wait_for_turn`)."""
    urgency = Urgency(row.urgency)
    key = f"{row.id}:{name}"
    if not steps_of(clinic.notifications, cause, urgency):
        return
    if session.scalar(select(NoticeRow.id).where(NoticeRow.key == key)) is not None:
        return
    session.add(
        NoticeRow(
            key=key,
            handoff_id=row.id,
            cause=cause.value,
            urgency=urgency.value,
            at=now,
            due_at=due_at if due_at is not None else row.due_at,
            told=0,
            ended_as="",
        )
    )
    session.flush()
