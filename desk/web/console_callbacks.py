"""The console's forms of call-backs: a call that was tried, and the second nurse's word."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from desk import attempts, second_nurse
from desk.errors import Unprocessable
from desk.web.access import CurrentDesk, CurrentNurse, require_same_origin
from desk.web.handoff_page import OUTCOMES, changed, short_note
from desk.web.nurse import HandoffId

__all__ = ["router"]

router = APIRouter(
    prefix="/nurse/handoffs/{handoff_id}",
    include_in_schema=False,
    dependencies=[Depends(require_same_origin)],
)
_LONGEST_KEY: Final = 40


@router.post("/attempts")
def record_attempt(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
) -> Response:
    """Keep one call."""
    chosen = next((known for known in AttemptOutcome if known.value == outcome), None)

    def change(session: Session) -> None:
        if chosen is None:
            raise Unprocessable("Please choose how the call went.")
        attempts.record(
            session,
            handoff_id,
            nurse=nurse,
            clinic=desk.clinic,
            outcome=chosen,
            note=short_note(note),
            key=f"form-{key[:_LONGEST_KEY]}" if key else None,
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change, note=note)


@router.post("/closing")
def ask_second_nurse(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Ask a second nurse to agree that the patient is given up."""
    chosen = next((known for known in OUTCOMES if known == outcome), None)

    def change(session: Session) -> None:
        if chosen is None:
            raise Unprocessable("Please choose how it ended.")
        second_nurse.ask(
            session,
            handoff_id,
            nurse=nurse,
            clinic=desk.clinic,
            outcome=chosen,
            note=short_note(note),
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change, note=note)


@router.post("/closing/confirm")
def confirm_closing(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, handoff_id: HandoffId
) -> Response:
    """Agree, and so close it."""

    def change(session: Session) -> None:
        second_nurse.confirm(session, handoff_id, nurse=nurse, clinic=desk.clinic, now=desk.clock())

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/closing/refuse")
def refuse_closing(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, handoff_id: HandoffId
) -> Response:
    """Do not agree, or take the own question back."""

    def change(session: Session) -> None:
        second_nurse.refuse(session, handoff_id, nurse=nurse, now=desk.clock())

    return changed(request, desk, nurse, handoff_id, change)
