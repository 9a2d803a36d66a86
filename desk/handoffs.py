"""Handoffs: patients who wait for a nurse, in the order in which they should be called.

A conversation has at most one open handoff. Claim, release and resolve are single conditional
updates, so exactly one of several nurses wins and the others are told who did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from clinic.hours import add_staffed_time
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import audit, conversations
from desk.accounts import Nurse
from desk.errors import Conflict, Gone, NotFound, Unprocessable
from desk.nurse_queue import Handoff, new_reference, place, view
from desk.promises import promise_of
from desk.storage.tables import ConversationRow, HandoffKeyRow, HandoffRow, NurseRow

__all__ = [
    "OUTCOMES",
    "CallbackRequest",
    "Handoff",
    "Outcome",
    "QueueFilter",
    "Requested",
    "claim",
    "count_open",
    "due_time",
    "queue",
    "read",
    "release",
    "request_callback",
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

_URGENCIES: Final = tuple(Urgency)


@dataclass(frozen=True)
class CallbackRequest:
    """What a patient gave for being called back; values are already checked (`desk.callbacks`)."""

    conversation_id: str
    reason: str
    name: str
    phone: str
    best_time: str
    consent: bool
    urgency: Urgency = Urgency.ROUTINE


@dataclass(frozen=True)
class Requested:
    """What the patient is told; `created` is false when this handoff was there before."""

    handoff_id: int
    reference: str
    due_at: datetime | None
    promise: str
    created: bool


def due_time(clinic: Clinic, urgency: Urgency, *, now: datetime) -> datetime | None:
    """By when a nurse calls: wall-clock time for emergencies, else counted in staffed time.

    None when the clinic's schedule has no staffed time for that within the next 400 days.
    """
    target = clinic.callback_targets[urgency]
    if urgency is Urgency.EMERGENCY:
        return _whole_minute(now + target)
    due = add_staffed_time(clinic.schedule, start=now, duration=target)
    return _whole_minute(due) if due else None


def request_callback(
    session: Session, clinic: Clinic, wanted: CallbackRequest, *, key: str, now: datetime
) -> Requested:
    """Put the patient into the queue, once.

    The same `key` gets the same answer again. A second request of a conversation whose handoff is
    still open joins it: both reasons, the newer details, the graver urgency, the earlier time.
    Raises `Unprocessable` without consent, `NotFound` or `Gone` for the conversation.
    """
    # Requests of one conversation come one by one, also where the database has several writers.
    session.execute(
        select(ConversationRow.id)
        .where(ConversationRow.id == wanted.conversation_id)
        .with_for_update()
    )
    known = session.get(HandoffKeyRow, key)
    if known:
        row = session.get_one(HandoffRow, known.handoff_id)
        return Requested(row.id, row.reference, known.due_at, known.promise, created=False)
    if not wanted.consent:
        raise Unprocessable("A nurse may call only if you agree to it. Please say yes or no.")
    _check_conversation(session, wanted.conversation_id)
    due_at = due_time(clinic, wanted.urgency, now=now)
    row_or_none = session.scalar(
        select(HandoffRow).where(
            HandoffRow.conversation_id == wanted.conversation_id, HandoffRow.state != "resolved"
        )
    )
    created = row_or_none is None
    row = row_or_none or _new_row(session, wanted, due_at=due_at, now=now)
    if not created:
        _join(row, wanted, due_at=due_at, now=now)
    session.flush()
    promise = promise_of(clinic, row.due_at, now=now)
    session.add(HandoffKeyRow(key=key, handoff_id=row.id, due_at=row.due_at, promise=promise))
    audit.record(
        session,
        actor="patient",
        action="handoff.created" if created else "handoff.joined",
        object_kind="handoff",
        object_id=row.id,
        now=now,
    )
    return Requested(row.id, row.reference, row.due_at, promise, created=created)


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
    outcome: Outcome,
    note: str | None = None,
    now: datetime,
) -> Handoff:
    """Close it with its outcome; one that nobody claimed counts as the nurse's own.

    When the patient has erased the conversation, what was kept for the call goes now.
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


def _whole_minute(instant: datetime) -> datetime:
    # Patients are told minutes; the promise is kept at its minute, not before it has begun.
    return instant + timedelta(seconds=-instant.second % 60, microseconds=-instant.microsecond)


def _check_conversation(session: Session, conversation_id: str) -> None:
    conversation = conversations.get(session, conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    if conversation.erased_at:
        raise Gone("This chat was erased. Please start a new chat.")


def _new_row(
    session: Session, wanted: CallbackRequest, *, due_at: datetime | None, now: datetime
) -> HandoffRow:
    row = HandoffRow(
        conversation_id=wanted.conversation_id,
        reference=new_reference(session),
        kind="callback",
        urgency=wanted.urgency.value,
        state="waiting",
        reason=wanted.reason,
        name=wanted.name,
        phone=wanted.phone,
        best_time=wanted.best_time,
        consent_at=now,
        created_at=now,
        due_at=due_at,
    )
    session.add(row)
    return row


def _join(
    row: HandoffRow, wanted: CallbackRequest, *, due_at: datetime | None, now: datetime
) -> None:
    if wanted.reason not in row.reason.split("\n"):
        row.reason = f"{row.reason}\n{wanted.reason}"
    row.name, row.phone, row.best_time = wanted.name, wanted.phone, wanted.best_time
    row.consent_at = now
    row.urgency = max(Urgency(row.urgency), wanted.urgency, key=_URGENCIES.index).value
    row.due_at = min((due for due in (row.due_at, due_at) if due), default=None)


def _row(session: Session, handoff_id: int) -> HandoffRow:
    row = session.get(HandoffRow, handoff_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such call-back in the queue.")
    return row


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
