"""The nurse's API: sign in and out, presence, the queue, claiming and closing, reading a chat."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from desk import accounts, conversations, nurse_work, queue_list, sbar, sessions
from desk.nurse_queue import Handoff
from desk.nurse_work import Outcome
from desk.queue_list import QueueFilter
from desk.signing_in import sign_in
from desk.web.access import (
    CurrentDesk,
    CurrentNurse,
    Desk,
    bearer_token,
    clear_session_cookie,
    peer_of,
    require_same_origin,
    session_token,
    set_session_cookie,
)

__all__ = [
    "HandoffBody",
    "HandoffId",
    "Note",
    "NurseBody",
    "ResolveBody",
    "handoff_body",
    "nurse_body",
    "router",
]

router = APIRouter(prefix="/api/nurse", tags=["nurse"])

_LARGEST_ID = 2**31 - 1
HandoffId = Annotated[int, Field(ge=1, le=_LARGEST_ID)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class SignInBody(BaseModel):
    """`code`: six digits of the app or a recovery code, for accounts with a second factor."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, StringConstraints(min_length=1, max_length=254)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    code: Annotated[str, StringConstraints(max_length=32)] | None = None


class NurseBody(BaseModel):
    """The signed-in person."""

    id: int
    email: str
    name: str
    role: str
    available: bool


class SessionBody(BaseModel):
    """A new session; programs send the token as bearer."""

    token: str
    expires_at: datetime
    nurse: NurseBody


class PresenceBody(BaseModel):
    """Whether the nurse is there."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["available", "away"]


class ResolveBody(BaseModel):
    """How the call ended."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    note: Note | None = None


class MarkBody(BaseModel):
    """A place in a quote that tells of danger: by the rules, in which sense it was meant.

    `start` and `end` count Unicode characters.
    """

    start: int
    end: int
    flag: str
    title: str
    acuity: Literal["urgent", "crisis", "emergency"]
    sense: Literal["found", "denied", "other"]


class QuoteBody(BaseModel):
    """The patient's own words; `seq` is the message's, null for the reason of a call."""

    seq: int | None
    at: datetime
    text: str
    marks: list[MarkBody]


class HandoffBody(BaseModel):
    """One patient who waits."""

    id: int
    conversation: str
    kind: str
    urgency: str
    state: str
    reference: str
    waiting_since: datetime
    due_at: datetime | None
    assigned_to: str | None
    summary: str
    quotes: list[QuoteBody]


@router.post("/session")
def begin_session(
    body: SignInBody, request: Request, response: Response, desk: CurrentDesk
) -> SessionBody:
    """Sign in; a session that came with the request ends."""
    signed_in = sign_in(
        desk.database,
        email=body.email,
        password=body.password,
        code=body.code or "",
        peer=peer_of(request),
        replaces=session_token(request),
        now=desk.clock(),
    )
    set_session_cookie(request, response, signed_in)
    return SessionBody(
        token=signed_in.token,
        expires_at=signed_in.expires_at,
        nurse=nurse_body(signed_in.nurse),
    )


@router.delete("/session", status_code=204)
def end_session(request: Request, response: Response, desk: CurrentDesk) -> None:
    """Sign out; also when the session has already ended."""
    if not bearer_token(request):
        require_same_origin(request)
    with desk.database.write() as session:
        sessions.sign_out(session, session_token(request), now=desk.clock())
    clear_session_cookie(request, response)


@router.put("/presence")
def set_presence(body: PresenceBody, nurse: CurrentNurse, desk: CurrentDesk) -> NurseBody:
    """Say whether the nurse is there; it lapses 90 seconds after her last request."""
    with desk.database.write() as session:
        changed = accounts.set_presence(
            session, nurse_id=nurse.id, state=body.state, now=desk.clock()
        )
    return nurse_body(changed)


@router.get("/handoffs")
def list_handoffs(
    nurse: CurrentNurse, desk: CurrentDesk, state: Annotated[QueueFilter, Query()] = "open"
) -> list[HandoffBody]:
    """The queue, the patient to call first in front."""
    found = queue_list.read(desk.database, nurse=nurse, state=state, now=desk.clock())
    return [handoff_body(desk, handoff) for handoff in found]


@router.post("/handoffs/{handoff_id}/claim")
def claim(handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk) -> HandoffBody:
    """Take it; 409 says who was first."""
    with desk.database.write() as session:
        return handoff_body(
            desk, nurse_work.claim(session, handoff_id, nurse=nurse, now=desk.clock())
        )


@router.post("/handoffs/{handoff_id}/release")
def release(handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk) -> HandoffBody:
    """Give it back."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            nurse_work.release(
                session, handoff_id, nurse=nurse, clinic=desk.clinic, now=desk.clock()
            ),
        )


@router.post("/handoffs/{handoff_id}/resolve")
def resolve(
    handoff_id: HandoffId, body: ResolveBody, nurse: CurrentNurse, desk: CurrentDesk
) -> HandoffBody:
    """Close it with its outcome."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            nurse_work.resolve(
                session,
                handoff_id,
                nurse=nurse,
                clinic=desk.clinic,
                outcome=body.outcome,
                note=body.note,
                now=desk.clock(),
            ),
        )


@router.get("/conversations/{conversation_id}/events")
def read_conversation(
    conversation_id: str,
    nurse: CurrentNurse,
    desk: CurrentDesk,
    after: Annotated[int, Query(ge=0, le=_LARGEST_ID)] = 0,
) -> list[dict[str, Any]]:
    """Everything that was said in a chat that was handed to the nurses."""
    with desk.database.write() as session:  # reading is audited
        events = conversations.read_for_nurse(
            session, conversation_id, nurse_id=nurse.id, after=after, now=desk.clock()
        )
    return [event.to_json() for event in events]


def nurse_body(nurse: accounts.Nurse) -> NurseBody:
    """The person as the API shows her."""
    return NurseBody(
        id=nurse.id,
        email=nurse.email,
        name=nurse.name,
        role=nurse.role,
        available=nurse.available,
    )


def handoff_body(desk: Desk, handoff: Handoff) -> HandoffBody:
    """The patient who waits, as the API shows her."""
    return HandoffBody(
        id=handoff.id,
        conversation=handoff.conversation_id,
        kind=handoff.kind,
        urgency=handoff.urgency.value,
        state=handoff.state,
        reference=handoff.reference,
        waiting_since=handoff.waiting_since,
        due_at=handoff.due_at,
        assigned_to=handoff.assigned_to,
        summary=sbar.write(handoff.facts, desk.clinic, desk.handouts) if handoff.facts else "",
        quotes=[
            QuoteBody(
                seq=quote.seq,
                at=quote.at,
                text=quote.text,
                marks=[MarkBody(**asdict(mark)) for mark in quote.marks],
            )
            for quote in handoff.quotes
        ],
    )
