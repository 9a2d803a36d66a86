"""The page of canned replies: the clinic's, which leads keep, and everybody's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from clinic.canned_replies import LONGEST_SHORTCUT, PLACEHOLDERS
from desk import canned_replies
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound, Unprocessable
from desk.turns import LONGEST_TEXT
from desk.web.access import CurrentDesk, CurrentNurse, Desk, require_same_origin
from desk.web.handoff_page import to_page
from desk.web.nurse import HandoffId as ReplyId
from desk.web.rendering import render

__all__ = ["router"]

_PATH: Final = "/nurse/replies"
router = APIRouter(prefix=_PATH, include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]
_Field = Annotated[str, Form()]


@router.get("")
def replies(request: Request, desk: CurrentDesk, nurse: CurrentNurse) -> HTMLResponse:
    """All that the nurse may use."""
    return _page(request, desk, nurse)


@router.post("", dependencies=_SAME_ORIGIN)
def add(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    *,
    shortcut: _Field = "",
    text: _Field = "",
    shared: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a new one."""

    def change(session: Session) -> None:
        canned_replies.add(
            session, nurse=nurse, shortcut=shortcut, text=text, shared=shared, now=desk.clock()
        )

    return _changed(request, desk, nurse, change, values={"shortcut": shortcut, "text": text})


@router.post("/{reply_id}", dependencies=_SAME_ORIGIN)
def change(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    reply_id: ReplyId,
    *,
    shortcut: _Field = "",
    text: _Field = "",
) -> Response:
    """Give it other words or another name."""

    def change(session: Session) -> None:
        canned_replies.change(
            session, reply_id, nurse=nurse, shortcut=shortcut, text=text, now=desk.clock()
        )

    return _changed(request, desk, nurse, change)


@router.post("/{reply_id}/remove", dependencies=_SAME_ORIGIN)
def remove(request: Request, desk: CurrentDesk, nurse: CurrentNurse, reply_id: ReplyId) -> Response:
    """Take it away."""

    def change(session: Session) -> None:
        canned_replies.remove(session, reply_id, nurse=nurse, now=desk.clock())

    return _changed(request, desk, nurse, change)


def _changed(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    change: Callable[[Session], None],
    *,
    values: dict[str, str] | None = None,
) -> Response:
    try:
        with desk.database.write() as session:
            change(session)
    except (Conflict, NotFound, Unprocessable) as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail, values=values)
    return to_page(_PATH)


def _page(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    *,
    status: int = 200,
    error: str = "",
    values: dict[str, str] | None = None,
) -> HTMLResponse:
    with desk.database.read() as session:
        found = canned_replies.replies_for(session, nurse)
    return render(
        request,
        "nurse/replies.html",
        status=status,
        nurse=nurse,
        own=[reply for reply in found if not reply.shared],
        shared=[reply for reply in found if reply.shared],
        placeholders=PLACEHOLDERS,
        longest_text=LONGEST_TEXT,
        longest_shortcut=LONGEST_SHORTCUT,
        error=error,
        values=values or {},
    )
