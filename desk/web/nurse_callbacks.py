"""The nurse's API of call-backs: attempts, and the second nurse who agrees to give up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict

from clinic.attempts import AttemptOutcome
from desk import attempts, nurse_work, second_nurse
from desk.web.access import CurrentDesk, CurrentNurse
from desk.web.nurse import HandoffBody, HandoffId, Note, ResolveBody, handoff_body

__all__ = ["router"]

router = APIRouter(prefix="/api/nurse/handoffs/{handoff_id}", tags=["nurse"])
Key = Annotated[str | None, Header(min_length=1, max_length=64)]


class AttemptBody(BaseModel):
    """How one call went."""

    model_config = ConfigDict(extra="forbid")

    outcome: AttemptOutcome
    note: Note | None = None


@router.post("/attempts", status_code=201)
def record_attempt(
    handoff_id: HandoffId,
    body: AttemptBody,
    nurse: CurrentNurse,
    desk: CurrentDesk,
    idempotency_key: Key = None,
) -> HandoffBody:
    """Keep one call; `due_at` says by when the next step is due. The same key is one call."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            attempts.record(
                session,
                handoff_id,
                nurse=nurse,
                clinic=desk.clinic,
                outcome=body.outcome,
                note=body.note,
                key=f"{nurse.id}:{idempotency_key}" if idempotency_key else None,
                now=desk.clock(),
            ),
        )


@router.get("/attempts")
def list_attempts(
    handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk
) -> list[dict[str, Any]]:
    """Every call, the first one first."""
    with desk.database.write() as session:  # reading is audited
        found = nurse_work.read(session, handoff_id, nurse=nurse, now=desk.clock())
    return [made.to_json() for made in found.attempts]


@router.post("/closing", status_code=201)
def ask_second_nurse(
    handoff_id: HandoffId, body: ResolveBody, nurse: CurrentNurse, desk: CurrentDesk
) -> HandoffBody:
    """Ask a second nurse to agree that an urgent patient is given up."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            second_nurse.ask(
                session,
                handoff_id,
                nurse=nurse,
                clinic=desk.clinic,
                outcome=body.outcome,
                note=body.note,
                now=desk.clock(),
            ),
        )


@router.get("/closing")
def show_closing(
    handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk
) -> dict[str, Any] | None:
    """What is asked of a second nurse, or null."""
    with desk.database.write() as session:  # reading is audited
        found = nurse_work.read(session, handoff_id, nurse=nurse, now=desk.clock())
    return found.closing.to_json() if found.closing else None


@router.post("/closing/confirm")
def confirm_closing(handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk) -> HandoffBody:
    """Agree, and so close it; never by the nurse who asked."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            second_nurse.confirm(
                session, handoff_id, nurse=nurse, clinic=desk.clinic, now=desk.clock()
            ),
        )


@router.delete("/closing")
def refuse_closing(handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk) -> HandoffBody:
    """Do not agree, or take the own question back."""
    with desk.database.write() as session:
        return handoff_body(
            desk, second_nurse.refuse(session, handoff_id, nurse=nurse, now=desk.clock())
        )
