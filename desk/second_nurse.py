"""The second nurse: an urgent patient who was not reached is given up by two, never by one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from clinic.attempts import Objection
from clinic.settings import Clinic
from desk import audit, closing, nurse_work
from desk.accounts import Nurse
from desk.errors import Conflict
from desk.nurse_queue import Handoff, view
from desk.nurse_work import Outcome
from desk.storage.callback_tables import ClosingRequestRow
from desk.storage.database import touch
from desk.storage.tables import HandoffRow

__all__ = ["ask", "confirm", "refuse"]


def ask(
    session: Session,
    handoff_id: int,
    *,
    nurse: Nurse,
    clinic: Clinic,
    outcome: Outcome,
    note: str | None = None,
    now: datetime,
) -> Handoff:
    """Ask the others to agree; it stays in the queue, and with the nurse who has it.

    Asked again, it is the newer question. Raises `Conflict` when nobody needs to agree, when more
    calls have to be tried first, or when it is not hers; `Unprocessable`, `NotFound`.
    """
    row = nurse_work.lock(session, handoff_id)
    if row.state != "claimed" or (row.assigned_to != nurse.id and nurse.role == "nurse"):
        raise nurse_work.taken(session, row)
    found = closing.find_objection(session, clinic, row, outcome=outcome, note=note)
    if found is None:
        raise Conflict("This one needs no second nurse. Close it yourself.")
    if found is not Objection.NEEDS_SECOND_NURSE:
        raise closing.refusal(found, clinic.attempts)
    session.merge(
        ClosingRequestRow(
            handoff_id=row.id,
            asked_by=nurse.id,
            asked_at=now,
            outcome=outcome,
            note=note,
            confirmed_by=None,
            confirmed_at=None,
        )
    )
    session.flush()
    touch(session, row.conversation_id)
    _audit(session, nurse, "handoff.closing_asked", row, now=now)
    return view(session, row)


def confirm(
    session: Session, handoff_id: int, *, nurse: Nurse, clinic: Clinic, now: datetime
) -> Handoff:
    """Agree, and so close it, with the outcome and the note of the nurse who asked.

    Raises `Conflict` for the nurse who asked, when nobody asked, when it is closed, or when more
    calls have to be tried after all; `NotFound`.
    """
    row, asked = _asked(session, handoff_id)
    if asked.asked_by == nurse.id:
        raise Conflict("You asked for this yourself. Another nurse has to agree.")
    closing.check(session, clinic, row, outcome=asked.outcome, note=asked.note, confirmed=True)
    asked.confirmed_by, asked.confirmed_at = nurse.id, now
    row.state, row.outcome, row.note = "resolved", asked.outcome, asked.note
    row.resolved_by, row.resolved_at = nurse.id, now
    session.flush()
    _audit(session, nurse, "handoff.closing_confirmed", row, now=now)
    return nurse_work.finish(session, row, nurse=nurse, clinic=clinic, now=now)


def refuse(session: Session, handoff_id: int, *, nurse: Nurse, now: datetime) -> Handoff:
    """Do not agree, or take the own question back: the patient is called again.

    Raises `Conflict` when nobody asked or it is closed, and `NotFound`.
    """
    row, asked = _asked(session, handoff_id)
    action = (
        "handoff.closing_withdrawn" if asked.asked_by == nurse.id else "handoff.closing_refused"
    )
    session.execute(delete(ClosingRequestRow).where(ClosingRequestRow.handoff_id == row.id))
    touch(session, row.conversation_id)
    _audit(session, nurse, action, row, now=now)
    return view(session, row)


def _asked(session: Session, handoff_id: int) -> tuple[HandoffRow, ClosingRequestRow]:
    row = nurse_work.lock(session, handoff_id)
    if row.state == "resolved":
        raise nurse_work.taken(session, row)
    asked = session.get(ClosingRequestRow, handoff_id, populate_existing=True)
    if asked is None:
        raise Conflict("Nobody asks for a second nurse here now. Load the page again.")
    return row, asked


def _audit(session: Session, nurse: Nurse, action: str, row: HandoffRow, *, now: datetime) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=action,
        object_kind="handoff",
        object_id=row.id,
        now=now,
    )
