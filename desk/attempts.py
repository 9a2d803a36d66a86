"""A nurse calls: the attempt is kept, the next step falls due, the patient's chat says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from clinic.due import due_after
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import audit, callback_lines, nurse_work
from desk.accounts import Nurse
from desk.errors import Conflict
from desk.nurse_queue import Handoff, view
from desk.storage.callback_tables import AttemptRow, ClosingRequestRow
from desk.storage.database import touch
from desk.storage.tables import HandoffRow

__all__ = ["record"]


def record(
    session: Session,
    handoff_id: int,
    *,
    nurse: Nurse,
    clinic: Clinic,
    outcome: AttemptOutcome,
    note: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Handoff:
    """Keep one call. One that nobody has becomes the nurse's own; the same `key` is one attempt.

    What was asked of a second nurse is off: after another call she would have to judge anew.
    Raises `Conflict` when another nurse has it, when it is closed or has no number, and `NotFound`.
    """
    row = nurse_work.lock(session, handoff_id)
    if key is not None and session.scalar(select(AttemptRow.id).where(AttemptRow.key == key)):
        return view(session, row)
    _check_hers(session, row, nurse)
    if not row.phone:
        raise Conflict("There is no phone number to call. Ask the patient for it in the chat.")
    if row.state == "waiting":
        nurse_work.claim(session, handoff_id, nurse=nurse, now=now)
    session.add(
        AttemptRow(
            handoff_id=row.id,
            nurse_id=nurse.id,
            at=now,
            outcome=outcome.value,
            note=note,
            key=key,
        )
    )
    session.execute(delete(ClosingRequestRow).where(ClosingRequestRow.handoff_id == row.id))
    row.first_answered_at = row.first_answered_at or now
    urgency = Urgency(row.urgency)
    wait = clinic.attempts.again_after[urgency]
    row.due_at = due_after(clinic.schedule, urgency, wait, now=now)
    session.flush()
    callback_lines.tried(session, clinic, row, outcome, now=now)
    touch(session, row.conversation_id)
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action="handoff.attempted",
        object_kind="handoff",
        object_id=row.id,
        detail=outcome.value,
        now=now,
    )
    return view(session, row)


def _check_hers(session: Session, row: HandoffRow, nurse: Nurse) -> None:
    free = row.state == "waiting"
    hers = row.state == "claimed" and (row.assigned_to == nurse.id or nurse.role != "nurse")
    if not free and not hers:
        raise nurse_work.taken(session, row)
