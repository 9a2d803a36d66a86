"""What nurses do with one patient: read, claim, give back, close with an outcome.

Claim, release and resolve are single conditional updates, so exactly one of several nurses wins and
the others are told who did. Where the patient waits in the chat, the nurse who claims her has the
floor (`desk.live_chat`). Called by the nurse's API and the console; everything is audited.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import ColumnElement, delete, func, literal, select, true, update
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import (
    audit,
    call_history,
    callback_lines,
    callback_requests,
    closing,
    floor,
    handoffs,
    live_chat,
    notices,
)
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound
from desk.nurse_queue import Handoff, view
from desk.storage.base import UtcDateTime
from desk.storage.database import touch
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import ConversationRow, HandoffRow, NoteRow

__all__ = [
    "OUTCOMES",
    "Outcome",
    "claim",
    "count_open",
    "find_row",
    "finish",
    "hers",
    "lock",
    "read",
    "release",
    "resolve",
    "taken",
]

Outcome = Literal[
    "reached",
    "no_answer",
    "voicemail",
    "wrong_number",
    "helped",  # in the chat
    "handed_back",  # to the assistant
    "patient_left",
    "other",
]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


def read(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """One handoff with everything the nurse needs; audited. Raises `NotFound`."""
    handoff = view(session, find_row(session, handoff_id))
    _audit(session, nurse, "handoff.read", handoff_id, now=now)
    return handoff


def claim(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """Make it the nurse's own. Again by herself changes nothing.

    Raises `Conflict`, which says who has it or who closed it, and `NotFound`.
    """
    lock(session, handoff_id)
    won = session.scalar(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.state == "waiting")
        .values(
            state="claimed",
            assigned_to=nurse.id,
            claimed_at=now,
            first_claimed_at=func.coalesce(
                HandoffRow.first_claimed_at, literal(now, UtcDateTime())
            ),
        )
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = find_row(session, handoff_id)
    if won is None and (row.state, row.assigned_to) != ("claimed", nurse.id):
        raise taken(session, row)
    if won is not None:
        if row.kind == "chat" and callback_lines.reads_the_chat(session, row.conversation_id):
            live_chat.join(session, row, nurse.id, now=now)
        touch(session, row.conversation_id)
        _audit(session, nurse, "handoff.claimed", handoff_id, now=now)
    return view(session, row)


def release(
    session: Session, handoff_id: int, *, nurse: Nurse, clinic: Clinic, now: datetime
) -> Handoff:
    """Give it back to the queue; the nurse who has it may, and a lead or admin.

    A patient in the chat is told, and waits for another nurse at her old place.

    Raises `Conflict` when somebody else has it or nobody does, and `NotFound`.
    """
    lock(session, handoff_id)
    let_go = session.scalar(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.state == "claimed", hers(nurse))
        .values(state="waiting", assigned_to=None, claimed_at=None)
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = find_row(session, handoff_id)
    if let_go is None:
        raise taken(session, row)
    held = floor.read(session, row.conversation_id)
    if held.nurse is not None:
        live_chat.put_back(session, clinic, row, nurse_id=held.nurse, now=now)
    touch(session, row.conversation_id)
    notices.returned(session, clinic, row, now=now)
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

    A patient in the chat is told, and the assistant answers her again. When the patient has erased
    the conversation, what was kept for the call goes now.

    Raises `Conflict` when another nurse has it, it is closed, or the patient was not tried hard
    enough (`desk.closing`), `Unprocessable` when a note is missing, and `NotFound`.
    """
    lock(session, handoff_id)
    closed = session.scalar(
        update(HandoffRow)
        .where(
            HandoffRow.id == handoff_id,
            HandoffRow.state != "resolved",
            HandoffRow.assigned_to.is_(None) | hers(nurse),
        )
        .values(
            state="resolved",
            assigned_to=func.coalesce(HandoffRow.assigned_to, nurse.id),
            first_claimed_at=func.coalesce(
                HandoffRow.first_claimed_at, literal(now, UtcDateTime())
            ),
            resolved_by=nurse.id,
            resolved_at=now,
            outcome=outcome,
            note=note,
        )
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = find_row(session, handoff_id)
    if closed is None:
        raise taken(session, row)
    closing.check(session, clinic, row, outcome=outcome, note=note)
    return finish(session, row, nurse=nurse, clinic=clinic, now=now)


def finish(
    session: Session, row: HandoffRow, *, nurse: Nurse, clinic: Clinic, now: datetime
) -> Handoff:
    """What follows when a handoff was closed: the patient is told, what is not needed goes."""
    callback_requests.forget_erased(session, row.id)
    if session.get_one(ConversationRow, row.conversation_id).erased_at:
        row.reason = row.name = row.phone = row.best_time = ""
        row.triage = {}
        row.note = None
        session.execute(delete(NoteRow).where(NoteRow.conversation_id == row.conversation_id))
        call_history.forget_notes(session, row.id)
    elif row.kind == "chat" or _is_in_the_chat(session, row):
        back = row.outcome == "handed_back"
        live_chat.ended(session, clinic, row, nurse_id=nurse.id, handed_back=back, now=now)
    elif closing.is_unreached(row.outcome or ""):
        tried = len(call_history.attempts_of(session, row.id))
        callback_lines.given_up(session, clinic, row, attempts=tried, now=now)
    touch(session, row.conversation_id)
    _audit(session, nurse, "handoff.resolved", row.id, now=now)
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


def find_row(session: Session, handoff_id: int) -> HandoffRow:
    """The handoff as it stands in the database now. Raises `NotFound`."""
    row = session.get(HandoffRow, handoff_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such call-back in the queue.")
    return row


def lock(session: Session, handoff_id: int) -> HandoffRow:
    """The handoff; whoever else wants to change it waits. Raises `NotFound`."""
    # The conversation first, as everywhere, so that two never wait for each other.
    handoffs.wait_for_turn(session, find_row(session, handoff_id).conversation_id)
    session.execute(select(HandoffRow.id).where(HandoffRow.id == handoff_id).with_for_update())
    return find_row(session, handoff_id)


def _is_in_the_chat(session: Session, row: HandoffRow) -> bool:
    return floor.read(session, row.conversation_id).holder in {Holder.WAITING, Holder.NURSE}


def hers(nurse: Nurse) -> ColumnElement[bool]:
    """Handoffs that are the nurse's to act on; leads and admins act for one who has gone home."""
    return HandoffRow.assigned_to == nurse.id if nurse.role == "nurse" else true()


def taken(session: Session, row: HandoffRow) -> Conflict:
    """The refusal that says who has it, or who closed it."""
    if row.state == "waiting":
        return Conflict("Nobody has this call-back now. Claim it first.")
    if row.outcome == "cancelled":
        return Conflict("The patient has cancelled this call-back.")
    if row.outcome == "patient_left" and row.resolved_by is None:
        return Conflict("The patient has left in the meantime.")
    holder = row.resolved_by if row.state == "resolved" else row.assigned_to
    nurse = session.get(NurseRow, holder) if holder else None
    name = nurse.name if nurse else "Another nurse"
    if row.state == "resolved":
        return Conflict(f"{name} has already closed this call-back.")
    return Conflict(f"{name} already has this call-back.")


def _audit(session: Session, nurse: Nurse, action: str, object_id: int, *, now: datetime) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=action,
        object_kind="handoff",
        object_id=object_id,
        now=now,
    )
