"""The nurses' console: sign-in, presence, the queue of patients, and what keeps it fresh.

Works without scripts; every change is a form, answered by a redirect. Everything read or changed
goes through the use cases, which write the audit trail. One patient's page is `handoff_page`.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from desk import accounts, notice_log, queue_list, sessions, signing_in
from desk.errors import NotSignedIn, TooManyTries
from desk.web.access import (
    CurrentDesk,
    CurrentNurse,
    Desk,
    PollingNurse,
    clear_session_cookie,
    peer_of,
    require_same_origin,
    session_token,
    set_session_cookie,
)
from desk.web.handoff_page import WatchingNurse, to_page
from desk.web.rendering import render

__all__ = ["router"]

router = APIRouter(prefix="/nurse", include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]


@router.get("/sign-in")
def sign_in_form(request: Request) -> HTMLResponse:
    """The empty form."""
    return render(request, "nurse/sign_in.html", email="", error="")


@router.post("/sign-in", dependencies=_SAME_ORIGIN)
def sign_in(
    request: Request,
    desk: CurrentDesk,
    email: Annotated[str, Form()] = "",
    *,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session, or say that it did not work in the same words whatever was wrong."""
    try:
        signed_in = signing_in.sign_in(
            desk.database,
            email=email,
            password=password,
            code=code,
            peer=peer_of(request),
            replaces=session_token(request),
            now=desk.clock(),
        )
    except (NotSignedIn, TooManyTries) as error:
        return render(
            request, "nurse/sign_in.html", status=error.status, email=email, error=error.detail
        )
    response = to_page("/nurse")
    set_session_cookie(request, response, signed_in)
    return response


@router.post("/sign-out", dependencies=_SAME_ORIGIN)
def sign_out(request: Request, desk: CurrentDesk) -> Response:
    """End the session."""
    with desk.database.write() as session:
        sessions.sign_out(session, session_token(request), now=desk.clock())
    response = to_page("/nurse/sign-in")
    clear_session_cookie(request, response)
    return response


@router.post("/presence", dependencies=_SAME_ORIGIN)
def set_presence(
    desk: CurrentDesk,
    nurse: CurrentNurse,
    state: Annotated[accounts.PresenceState, Form()],
) -> Response:
    """Say whether the nurse is there."""
    with desk.database.write() as session:
        accounts.set_presence(session, nurse_id=nurse.id, state=state, now=desk.clock())
    return to_page("/nurse")


@router.get("")
def queue(
    request: Request, desk: CurrentDesk, nurse: WatchingNurse, *, watching: bool = False
) -> HTMLResponse:
    """Who waits for a nurse, the most urgent first; `watching`: the open page asks by itself."""
    now = desk.clock()
    shown = desk.queue_views.shown_to(nurse.id) if watching else None
    waiting = queue_list.read(desk.database, nurse=nurse, now=now, summarised=False, shown=shown)
    with desk.database.read() as session:
        unreached = notice_log.unreached_addresses(session, now=now)
    desk.queue_views.note(nurse.id, (handoff.id for handoff in waiting))
    return render(
        request,
        "nurse/queue.html",
        nurse=nurse,
        waiting=waiting,
        unreached=unreached,
        overdue=sum(handoff.overdue(now) for handoff in waiting),
        title=_title(desk, sum(handoff.state == "waiting" for handoff in waiting)),
        now=now,
    )


@router.get("/still-there", status_code=204)
def still_there(nurse: PollingNurse) -> None:
    """The page is open: shows that the nurse is there, and the page that the desk is."""
    del nurse


@router.post("/in-use", status_code=204)
def in_use(nurse: CurrentNurse) -> None:
    """The nurse has used the page: asking as somebody who acts keeps her session open."""
    del nurse


def _title(desk: Desk, count: int) -> str:
    return f"({count}) Queue · {desk.clinic.name} nurses"
