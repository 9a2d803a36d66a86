"""What nurses do with the queue: read it, claim a patient, give one back, close with an outcome.

Claim, release and resolve are single conditional updates, so exactly one of several nurses wins and
the others are told who did. Called by the nurse's API and the console; everything is audited.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from clinic.settings import Clinic
from clinic.turn import Handoff as HandoffTurn
from clinic.turn import HandoffState, Kind, Turn, Urgency
from desk import audit, conversations
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound
from desk.nurse_queue import Handoff, place, view
from desk.storage.tables import ConversationRow, HandoffRow, NurseRow

__all__ = [
    "OUTCOMES",
    "Outcome",
    "QueueFilter",
    "claim",
    "count_open",
    "queue",
    "read",
    "release",
    "resolve",
]

QueueFilter = Literal["open", "waiting", "claimed", "resolved"]
Outcome = Literal["reached", "no_answer", "voicemail", "wrong_number", "other"]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "reached",
    "no_answer",
    "voicemail",
    "wrong_number",
    "other",
)


def queue(
    session: Session, *, nurse: Nurse, now: datetime, state: QueueFilter = "open"
) -> tuple[Handoff, ...]:
    """The handoffs of that state, the one to call first in front; audited, needs a write session.

    Emergencies, then urgent ones and routine ones past their promise, then the rest; within each
    the earliest due. Resolved ones: the latest first, at most 200.
    """
    query = select(HandoffRow)
    if state == "resolved":
        query = query.where(HandoffRow.state == "resolved")
        query = query.order_by(HandoffRow.resolved_at.desc()).limit(200)
    elif state == "open":
        query = query.where(HandoffRow.state != "resolved")
    else:
        query = query.where(HandoffRow.state == state)
    found = [view(session, row) for row in session.scalars(query)]
    if state != "resolved":
        found.sort(key=lambda handoff: place(handoff, now=now))
    _audit(session, nurse, "queue.read", state, now=now)
    return tuple(found)


def read(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """One handoff with everything the nurse needs; audited. Raises `NotFound`."""
    handoff = view(session, _row(session, handoff_id))
    _audit(session, nurse, "handoff.read", handoff_id, now=now)
    return handoff


def claim(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """Make it the nurse's own. Again by herself changes nothing.

    Raises `Conflict`, which says who has it or who closed it, and `NotFound`.
    """
    won = session.scalar(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.state == "waiting")
        .values(state="claimed", assigned_to=nurse.id, claimed_at=now)
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = _row(session, handoff_id)
    if won is None and (row.state, row.assigned_to) != ("claimed", nurse.id):
        raise _taken(session, row)
    if won is not None:
        _audit(session, nurse, "handoff.claimed", handoff_id, now=now)
    return view(session, row)


def release(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """Give it back to the queue; the nurse who has it may, and a lead or admin.

    Raises `Conflict` when somebody else has it or nobody does, and `NotFound`.
    """
    let_go = session.scalar(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.state == "claimed", _hers(nurse))
        .values(state="waiting", assigned_to=None, claimed_at=None)
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = _row(session, handoff_id)
    if let_go is None:
        raise _taken(session, row)
    _audit(session, nurse, "handoff.released", handoff_id, now=now)
    return view(session, row)


def resolve(
    session: Session,
    handoff_id: int,
    *,
    nurse: Nurse,
    clinic: Clinic,
    outcome: Outcome,
    note: str | None = None,
    now: datetime,
) -> Handoff:
    """Close it with its outcome; one that nobody claimed counts as the nurse's own.

    A patient who waits in the chat is told there. When the patient has erased the conversation,
    what was kept for the call goes now.
    Raises `Conflict` when another nurse has it or it is closed, and `NotFound`.
    """
    closed = session.scalar(
        update(HandoffRow)
        .where(
            HandoffRow.id == handoff_id,
            HandoffRow.state != "resolved",
            HandoffRow.assigned_to.is_(None) | _hers(nurse),
        )
        .values(
            state="resolved",
            assigned_to=func.coalesce(HandoffRow.assigned_to, nurse.id),
            resolved_by=nurse.id,
            resolved_at=now,
            outcome=outcome,
            note=note,
        )
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = _row(session, handoff_id)
    if closed is None:
        raise _taken(session, row)
    if session.get_one(ConversationRow, row.conversation_id).erased_at:
        row.reason = row.name = row.phone = row.best_time = ""
        row.note = None
    elif row.kind == "chat":
        _tell_patient(session, row, clinic, now=now)
    _audit(session, nurse, "handoff.resolved", handoff_id, now=now)
    return view(session, row)


def count_open(session: Session) -> dict[Urgency, int]:
    """How many wait, by urgency; every urgency has its number."""
    found = session.execute(
        select(HandoffRow.urgency, func.count())
        .where(HandoffRow.state != "resolved")
        .group_by(HandoffRow.urgency)
    ).all()
    counted = {row[0]: row[1] for row in found}
    return {urgency: counted.get(urgency.value, 0) for urgency in Urgency}


def _row(session: Session, handoff_id: int) -> HandoffRow:
    row = session.get(HandoffRow, handoff_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such call-back in the queue.")
    return row


def _tell_patient(session: Session, row: HandoffRow, clinic: Clinic, *, now: datetime) -> None:
    closed = HandoffTurn(HandoffState.CLOSED, reference=row.reference)
    conversations.append(
        session,
        row.conversation_id,
        author="system",
        text=(
            f"A nurse has looked at this chat and closed it in the nurses' queue (reference "
            f"{row.reference}). You can go on writing here. If you are in danger, or it gets "
            f"worse, call {clinic.emergency_number} now."
        ),
        turn=Turn(kind=Kind.HANDOFF, handoff=closed).to_json(),
        now=now,
    )


def _hers(nurse: Nurse) -> ColumnElement[bool]:
    # Leads and admins may act for a nurse who has gone home.
    return HandoffRow.assigned_to == nurse.id if nurse.role == "nurse" else true()


def _taken(session: Session, row: HandoffRow) -> Conflict:
    if row.state == "waiting":
        return Conflict("Nobody has this call-back now. Claim it first.")
    holder = row.resolved_by if row.state == "resolved" else row.assigned_to
    nurse = session.get(NurseRow, holder) if holder else None
    name = nurse.name if nurse else "Another nurse"
    if row.state == "resolved":
        return Conflict(f"{name} has already closed this call-back.")
    return Conflict(f"{name} already has this call-back.")


def _audit(
    session: Session, nurse: Nurse, action: str, object_id: int | str, *, now: datetime
) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=action,
        object_kind="queue" if action == "queue.read" else "handoff",
        object_id=object_id,
        now=now,
    )
