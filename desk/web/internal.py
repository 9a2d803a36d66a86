"""What only the assistant's actions may call: from this machine, with the shared secret.

To everybody else these addresses do not exist.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.exceptions import HTTPException

from clinic.consent import CHAT as CHAT_CONSENT
from clinic.triage import Question
from clinic.turn import Urgency
from desk import callback_status, chat_requests, conversations, handoffs
from desk.callbacks import check_field
from desk.chat_requests import ChatRequest
from desk.handoffs import CallbackRequest
from desk.web.access import CurrentDesk, bearer_token, get_desk, is_loopback

__all__ = ["router"]


def only_actions(request: Request) -> None:
    """Raises 404 unless the peer is on loopback, came without a proxy, and knows the secret."""
    forwarded = any(
        name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers
    )
    secret = get_desk(request).settings.internal_secret
    right = hmac.compare_digest(bearer_token(request).encode(), secret.encode())
    if forwarded or not right or not is_loopback(request):
        raise HTTPException(404)


router = APIRouter(
    prefix="/internal", include_in_schema=False, dependencies=[Depends(only_actions)]
)


_LONGEST_TRANSCRIPT = 1000  # the latest ones; a longer talk must not keep a nurse from calling


class CheckBody(BaseModel):
    """One detail as the patient wrote it."""

    model_config = ConfigDict(extra="forbid")

    field: Literal["phone", "name", "reason", "time"]
    value: Annotated[str, StringConstraints(max_length=8000)]


class CheckedBody(BaseModel):
    """The detail made regular, and how to show it."""

    value: str
    shown: str


class SaidBody(BaseModel):
    """One line of a talk that the desk did not see."""

    model_config = ConfigDict(extra="forbid")

    author: Literal["patient", "assistant"]
    text: str


class HandoffRequestBody(BaseModel):
    """A patient who wants a call."""

    model_config = ConfigDict(extra="forbid")

    conversation: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    reason: str
    name: str
    phone: str
    best_time: str
    consent: bool
    consent_version: str = CHAT_CONSENT
    urgency: Urgency = Urgency.ROUTINE
    triage: dict[Question, Annotated[str, StringConstraints(max_length=500)]] = {}
    transcript: list[SaidBody] = []


class PromisedBody(BaseModel):
    """What the patient is told."""

    reference: str
    due_at: datetime | None
    promise: str


class ConversationBody(BaseModel):
    """Which patient."""

    model_config = ConfigDict(extra="forbid")

    conversation: Annotated[str, StringConstraints(min_length=1, max_length=255)]


class OfferedBody(BaseModel):
    """Whether this patient can wait for a nurse in the chat now."""

    offered: bool


class ChatRequestBody(BaseModel):
    """A patient who wants a nurse in the chat now; the reason may be empty."""

    model_config = ConfigDict(extra="forbid")

    conversation: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    reason: Annotated[str, StringConstraints(max_length=8000)] = ""
    urgency: Urgency = Urgency.ROUTINE


class QueuedBody(BaseModel):
    """What the patient is told."""

    state: Literal["queued", "connected"]
    reference: str
    place: str


class StandingBody(BaseModel):
    """How the patient's wish for a call stands; `text` is for the patient."""

    state: Literal["none", "queued", "closed"]
    reference: str | None
    text: str


@router.post("/live-chat")
def offer_chat(body: ConversationBody, desk: CurrentDesk) -> OfferedBody:
    """Whether to put this patient into the line of the live chat, or to collect a call-back."""
    with desk.database.read() as session:
        offered = chat_requests.is_offered(
            session, desk.clinic, body.conversation, now=desk.clock()
        )
    return OfferedBody(offered=offered)


@router.post("/chats", status_code=201)
def request_chat(
    body: ChatRequestBody,
    response: Response,
    desk: CurrentDesk,
    idempotency_key: Annotated[str, Header(min_length=1)],
) -> QueuedBody:
    """Put the patient into the line; 200 when known, 409 when no nurse can come now."""
    reason = body.reason
    if reason:
        reason = check_field("reason", reason, country=desk.clinic.country).value
    wanted = ChatRequest(body.conversation, reason=reason, urgency=body.urgency)
    with desk.database.write() as session:
        queued = chat_requests.request_chat(
            session, desk.clinic, wanted, key=_stored_key(idempotency_key), now=desk.clock()
        )
    if not queued.created:
        response.status_code = 200
    return QueuedBody(state=queued.state, reference=queued.reference, place=queued.place)


@router.post("/callback/check")
def check(body: CheckBody, desk: CurrentDesk) -> CheckedBody:
    """Check one detail; 422 holds a sentence for the patient."""
    checked = check_field(body.field, body.value, country=desk.clinic.country)
    return CheckedBody(value=checked.value, shown=checked.shown)


@router.post("/handoffs", status_code=201)
def request_handoff(
    body: HandoffRequestBody,
    response: Response,
    desk: CurrentDesk,
    idempotency_key: Annotated[str, Header(min_length=1)],
) -> PromisedBody:
    """Put the patient into the queue; 200 when this is already known."""
    now = desk.clock()
    country = desk.clinic.country
    wanted = CallbackRequest(
        conversation_id=body.conversation,
        reason=check_field("reason", body.reason, country=country).value,
        name=check_field("name", body.name, country=country).value,
        phone=check_field("phone", body.phone, country=country).value,
        best_time=check_field("time", body.best_time, country=country).value,
        consent=body.consent,
        consent_version=body.consent_version,
        urgency=body.urgency,
        triage={question.value: answer for question, answer in body.triage.items()},
    )
    with desk.database.write() as session:
        if conversations.get(session, body.conversation) is None:
            latest = body.transcript[-_LONGEST_TRANSCRIPT:]
            said = [(one.author, one.text) for one in latest]
            conversations.take_over(session, body.conversation, said, now=now)
        requested = handoffs.request_callback(
            session, desk.clinic, wanted, key=_stored_key(idempotency_key), now=now
        )
    if not requested.created:
        response.status_code = 200
    return PromisedBody(
        reference=requested.reference, due_at=requested.due_at, promise=requested.promise
    )


@router.post("/callback/status")
def show_status(body: ConversationBody, desk: CurrentDesk) -> StandingBody:
    """How the patient's wish stands, in words for the patient."""
    with desk.database.read() as session:
        standing = callback_status.find(session, desk.clinic, body.conversation, now=desk.clock())
    return StandingBody(**asdict(standing))


@router.post("/callback/cancel")
def cancel_callback(body: ConversationBody, desk: CurrentDesk) -> StandingBody:
    """Take the patient's wish back, where it is the patient's own to end."""
    with desk.database.write() as session:
        standing = callback_status.cancel(session, desk.clinic, body.conversation, now=desk.clock())
    return StandingBody(**asdict(standing))


def _stored_key(key: str) -> str:
    # Of any length, and never one of the form's own keys.
    return f"actions:{hashlib.sha256(key.encode()).hexdigest()}"
