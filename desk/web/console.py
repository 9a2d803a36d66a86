"""The nurses' console: sign-in, the list of open call-backs, one call-back with all about it.

Works without scripts; every change is a form, answered by a redirect. Everything read or changed
goes through the use cases, which write the audit trail.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from desk import accounts, closing, conversations, nurse_chat, nurse_work, sessions, signing_in
from desk.accounts import Nurse
from desk.errors import Conflict, Gone, NotSignedIn, TooManyTries, Unprocessable
from desk.nurse_work import Outcome
from desk.turns import LONGEST_TEXT
from desk.web.access import (
    CurrentDesk,
    CurrentNurse,
    Desk,
    PollingNurse,
    clear_session_cookie,
    current_nurse,
    peer_of,
    require_same_origin,
    session_token,
    set_session_cookie,
)
from desk.web.nurse import HandoffId
from desk.web.rendering import render

__all__ = ["CALLS", "LONGEST_NOTE", "OUTCOMES", "changed", "router"]

OUTCOMES: Final[dict[Outcome, str]] = {
    "reached": "Reached the patient",
    "no_answer": "No answer",
    "voicemail": "Left a voicemail",
    "wrong_number": "Wrong number",
    "helped": "Helped in the chat",
    "handed_back": "Handed back to the assistant",
    "patient_left": "The patient left the chat",
    "other": "Something else (say what in the note)",
}
# How a call-back ends, where there is no chat with a nurse.
_BY_PHONE: Final[tuple[Outcome, ...]] = (
    *("reached", "no_answer", "voicemail", "wrong_number", "other"),
)
CALLS: Final[dict[AttemptOutcome, str]] = {
    AttemptOutcome.NO_ANSWER: "No answer",
    AttemptOutcome.VOICEMAIL: "Left a voicemail",
    AttemptOutcome.WRONG_NUMBER: "Wrong number",
    AttemptOutcome.REACHED: "Reached the patient",
}
LONGEST_NOTE: Final = 2000


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
    response = _to("/nurse")
    set_session_cookie(request, response, signed_in)
    return response


@router.post("/sign-out", dependencies=_SAME_ORIGIN)
def sign_out(request: Request, desk: CurrentDesk) -> Response:
    """End the session."""
    with desk.database.write() as session:
        sessions.sign_out(session, session_token(request), now=desk.clock())
    response = _to("/nurse/sign-in")
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
    return _to("/nurse")


def _nurse_at_the_list(request: Request, *, watching: bool = False) -> Nurse:
    """`watching`: the page loaded itself anew, which does not keep an idle session open."""
    return current_nurse(request, acting=not watching)


@router.get("")
def queue(
    request: Request, desk: CurrentDesk, nurse: Annotated[Nurse, Depends(_nurse_at_the_list)]
) -> HTMLResponse:
    """Who waits for a nurse, the most urgent first."""
    now = desk.clock()
    with desk.database.write() as session:
        waiting = nurse_work.queue(session, nurse=nurse, now=now)
        counts = _counts(session)
    return render(
        request,
        "nurse/queue.html",
        nurse=nurse,
        waiting=waiting,
        overdue=sum(handoff.overdue(now) for handoff in waiting),
        counts=counts,
        title=_title(desk, len(waiting)),
        now=now,
    )


@router.get("/changes")
def changes(desk: CurrentDesk, nurse: PollingNurse) -> dict[str, str]:
    """How many wait, for the page to notice that its list is old; tells nothing of anybody."""
    del nurse  # being signed in is enough
    with desk.database.read() as session:
        total = sum(nurse_work.count_open(session).values())
        return {"counts": _counts(session), "title": _title(desk, total)}


@router.post("/in-use", status_code=204)
def in_use(nurse: CurrentNurse) -> None:
    """The nurse has used the page: asking as somebody who acts keeps her session open."""
    del nurse


@router.get("/handoffs/{handoff_id}")
def handoff(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, handoff_id: HandoffId
) -> HTMLResponse:
    """One call-back with the whole conversation."""
    return handoff_page(request, desk, nurse, handoff_id)


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
    if chosen is None or len(note) > LONGEST_NOTE:
        return handoff_page(
            request,
            desk,
            nurse,
            handoff_id,
            status=422,
            error="Please shorten the note." if chosen else "Please choose how it ended.",
            missing_outcome=chosen is None,
            note=note,
        )

    def change(session: Session) -> None:
        nurse_work.resolve(
            session,
            handoff_id,
            nurse=nurse,
            clinic=desk.clinic,
            outcome=chosen,
            note=note.strip() or None,
            now=desk.clock(),
        )

    return changed(request, desk, nurse, handoff_id, change, note=note, then="/nurse")


def changed(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    handoff_id: int,
    change: Callable[[Session], None],
    *,
    note: str = "",
    then: str = "",
) -> Response:
    """Make the change and go on to `then`, else to the handoff; or say on its page why not."""
    try:
        with desk.database.write() as session:
            change(session)
    except (Conflict, Gone, Unprocessable) as error:
        return handoff_page(
            request, desk, nurse, handoff_id, status=error.status, error=error.detail, note=note
        )
    return _to(then or f"/nurse/handoffs/{handoff_id}")


def handoff_page(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    handoff_id: int,
    *,
    status: int = 200,
    error: str = "",
    missing_outcome: bool = False,
    note: str = "",
) -> HTMLResponse:
    """The page of one handoff, with what went wrong if anything did."""
    now = desk.clock()
    with desk.database.write() as session:
        found = nurse_work.read(session, handoff_id, nurse=nurse, now=now)
        events = conversations.read_for_nurse(
            session, found.conversation_id, nurse_id=nurse.id, now=now
        )
        others = dict.fromkeys(request.conversation_id for request in found.requests)
        other_chats = [
            conversations.read_for_nurse(session, other, nurse_id=nurse.id, now=now)
            for other in others
            if other != found.conversation_id
        ]
        hindrance = closing.hindrance(session, desk.clinic, handoff_id)
    choices = OUTCOMES if found.kind == "chat" else {one: OUTCOMES[one] for one in _BY_PHONE}
    return render(
        request,
        "nurse/handoff.html",
        status=status,
        nurse=nurse,
        handoff=found,
        events=events,
        other_chats=[chat for chat in other_chats if chat],
        outcomes={**OUTCOMES, "cancelled": "The patient cancelled"},
        choices=choices,
        calls=CALLS,
        hindrance=hindrance,
        key=secrets.token_urlsafe(16),
        error=error,
        missing_outcome=missing_outcome,
        note=note,
        message_id=uuid.uuid4(),
        longest_text=LONGEST_TEXT,
        now=now,
    )


def _counts(session: Session) -> str:
    counted = nurse_work.count_open(session)
    return " ".join(f"{urgency.value}={count}" for urgency, count in counted.items())


def _title(desk: Desk, count: int) -> str:
    return f"({count}) Open call-backs · {desk.clinic.name} nurses"


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
