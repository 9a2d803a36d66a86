"""The console's forms of one handoff: take it, answer, note, pass it on, give it back, close it.

Each works without scripts; the page sends some of them by itself where scripts run.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from desk import conversations, nurse_chat, nurse_work, queue_board
from desk.errors import Unprocessable
from desk.turns import LONGEST_TEXT
from desk.web.access import CurrentDesk, CurrentNurse, PollingNurse, require_same_origin
from desk.web.handoff_page import (
    OUTCOMES,
    WatchingNurse,
    changed,
    handoff_page,
    short_note,
    to_page,
)
from desk.web.nurse import HandoffId
from desk.web.rendering import render

__all__ = ["router"]

router = APIRouter(prefix="/nurse", include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]
_LARGEST_SEQ: Final = 2**31 - 1


@router.get("/next")
def next_patient(
    desk: CurrentDesk,
    nurse: CurrentNurse,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQ)] = 0,
) -> Response:
    """On to the first patient whom nobody has taken, but for the one just left; else the queue."""
    del nurse  # being signed in is enough: the page that follows is audited
    with desk.database.read() as session:
        board = queue_board.load(session, desk.signals, now=desk.clock())
    free = (number for number, item in board.items() if item["state"] == "waiting")
    number = next((one for one in free if one != after), None)
    return to_page(f"/nurse/handoffs/{number}" if number else "/nurse")


@router.get("/handoffs/{handoff_id}")
def handoff(
    request: Request, desk: CurrentDesk, nurse: WatchingNurse, handoff_id: HandoffId
) -> HTMLResponse:
    """One handoff with the whole conversation."""
    return handoff_page(request, desk, nurse, handoff_id)


@router.get("/handoffs/{handoff_id}/log")
def log(
    request: Request,
    desk: CurrentDesk,
    nurse: PollingNurse,
    handoff_id: HandoffId,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQ)] = 0,
) -> HTMLResponse:
    """What was said after that number, as the page shows it; the page asks for it by itself."""
    now = desk.clock()
    with desk.database.write() as session:  # reading is audited
        found = nurse_work.find_row(session, handoff_id)
        events = conversations.read_for_nurse(
            session, found.conversation_id, nurse_id=nurse.id, after=after, now=now
        )
    return render(request, "nurse/_log.html", events=events, now=now)


@router.post("/handoffs/{handoff_id}/claim", dependencies=_SAME_ORIGIN)
def claim(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, handoff_id: HandoffId
) -> Response:
    """Take it; of several nurses one wins and the others are told who."""

    def change(session: Session) -> None:
        nurse_work.claim(session, handoff_id, nurse=nurse, now=desk.clock())

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/handoffs/{handoff_id}/reply", dependencies=_SAME_ORIGIN)
def reply(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    message_id: Annotated[uuid.UUID, Form()],
    text: Annotated[str, Form(max_length=LONGEST_TEXT)] = "",
) -> Response:
    """Say it to the patient in the chat; a form that is sent twice says it once."""

    def change(session: Session) -> None:
        found = nurse_work.find_row(session, handoff_id)
        if text.strip():
            nurse_chat.write(
                session,
                found.conversation_id,
                nurse=nurse,
                text=text.replace("\0", ""),
                message_id=str(message_id),
                now=desk.clock(),
            )

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/handoffs/{handoff_id}/notes", dependencies=_SAME_ORIGIN)
def add_note(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Keep a note for the other nurses; the patient never gets it."""

    def change(session: Session) -> None:
        note = short_note(text)
        if note is None:
            raise Unprocessable("The note is empty. Please write something.")
        found = nurse_work.find_row(session, handoff_id)
        nurse_chat.add_note(
            session,
            found.conversation_id,
            nurse=nurse,
            text=note,
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/handoffs/{handoff_id}/transfer", dependencies=_SAME_ORIGIN)
def transfer(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    to: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Pass the patient on to a colleague who is there, with a note for her."""

    def change(session: Session) -> None:
        if not to.isdecimal() or int(to) > _LARGEST_SEQ:
            raise Unprocessable("Please choose who takes the patient.")
        nurse_chat.transfer(
            session,
            handoff_id,
            nurse=nurse,
            to=int(to),
            note=short_note(note),
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/handoffs/{handoff_id}/release", dependencies=_SAME_ORIGIN)
def release(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, handoff_id: HandoffId
) -> Response:
    """Give it back to the list."""

    def change(session: Session) -> None:
        nurse_work.release(session, handoff_id, nurse=nurse, clinic=desk.clinic, now=desk.clock())

    return changed(request, desk, nurse, handoff_id, change)


@router.post("/handoffs/{handoff_id}/resolve", dependencies=_SAME_ORIGIN)
def resolve(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    handoff_id: HandoffId,
    *,
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Close it; it needs an outcome."""
    chosen = next((known for known in OUTCOMES if known == outcome), None)
    if chosen is None:
        return handoff_page(
            request,
            desk,
            nurse,
            handoff_id,
            status=422,
            error="Please choose how it ended.",
            missing_outcome=True,
            note=note,
        )

    def change(session: Session) -> None:
        nurse_work.resolve(
            session,
            handoff_id,
            nurse=nurse,
            clinic=desk.clinic,
            outcome=chosen,
            note=short_note(note),
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change, note=note, then="/nurse")
