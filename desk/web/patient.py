"""The patient's API: open a chat, write, read as list or stream, say whether it helped, erase."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from desk import availability, chat_requests, chat_status, conversations, feedback
from desk.conversations import Event
from desk.erasing import erase
from desk.errors import NotFound, Unprocessable
from desk.signals import PATIENT
from desk.turns import LONGEST_TEXT, accept_message, is_known
from desk.web.access import CurrentDesk, Desk, bearer_token, peer_of
from desk.web.events import STREAM_HEADERS, Loaded, stream

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["patient"])

_LARGEST_SEQ = 2**31 - 1
_SEQ = re.compile(r"^[0-9]{1,30}$", re.ASCII)


class OpenedBody(BaseModel):
    """A new chat; the token opens this one and is shown once."""

    id: str
    token: str


class MessageBody(BaseModel):
    """What the patient writes, under an id that her page chose."""

    model_config = ConfigDict(extra="forbid")

    client_message_id: UUID
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class AcceptedBody(BaseModel):
    """The number of the stored event."""

    seq: int


class EventBody(BaseModel):
    """One thing said; `name` stands only where a nurse wrote it."""

    seq: int
    at: datetime
    author: str
    text: str
    buttons: list[dict[str, str]]
    turn: dict[str, Any] | None
    name: str | None = None


class FeedbackBody(BaseModel):
    """Whether the reply of that number helped."""

    model_config = ConfigDict(extra="forbid")

    seq: Annotated[int, Query(ge=1, le=_LARGEST_SEQ)]
    helpful: bool
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None


class ErasedBody(BaseModel):
    """What was erased and what was kept, in words for the patient."""

    erased: bool
    kept: str | None
    message: str


class AvailabilityBody(BaseModel):
    """Schedule and presence are two facts; live chat needs both."""

    schedule_open: bool
    nurse_present: bool
    live_chat: bool
    next_opening: datetime | None
    message: str


class SectionBody(BaseModel):
    """One passage of a handout, as plain text."""

    id: str
    title: str
    text: str


class DocumentBody(BaseModel):
    """A handout."""

    id: str
    title: str
    version: str
    sections: list[SectionBody]


@router.post("/conversations", status_code=201)
def open_chat(request: Request, desk: CurrentDesk) -> OpenedBody:
    """Begin a chat."""
    desk.limits.begin_conversation(peer=peer_of(request), now=desk.clock())
    with desk.database.write() as session:
        opened = conversations.create(session, now=desk.clock())
    return OpenedBody(id=opened.id, token=opened.token)


@router.post("/conversations/{conversation_id}/messages", status_code=202)
def send_message(
    conversation_id: str, body: MessageBody, request: Request, desk: CurrentDesk
) -> AcceptedBody:
    """Store a message for good; the reply comes as an event."""
    text = body.text.replace("\0", "")
    if not text.strip():
        raise Unprocessable("The message is empty. Please write something.")
    now, message_id = desk.clock(), str(body.client_message_id)
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        # What is stored already is answered with its number, however often it is sent.
        if not is_known(session, conversation_id, message_id):
            desk.limits.write_message(
                conversation_id=conversation_id, peer=peer_of(request), now=now
            )
        seq = accept_message(
            session, conversation_id, client_message_id=message_id, text=text, now=now
        )
        desk.outages.watch(session, conversation_id, now=now)
        chat_requests.keep_for_nurse(session, desk.clinic, conversation_id, now=now)
    desk.signals.stops(conversation_id, PATIENT)
    return AcceptedBody(seq=seq)


@router.get(
    "/conversations/{conversation_id}/events",
    response_model=list[EventBody],
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def read_events(
    conversation_id: str,
    request: Request,
    desk: CurrentDesk,
    *,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQ)] = 0,
    signals: bool = False,
    accept: Annotated[str, Header()] = "application/json",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """The events after a number: a list at once, or a stream for who accepts text/event-stream.

    With `signals=true` the stream also has events named "signal", without a number: what
    `GET …/status` tells, whenever that changes.
    """
    token = bearer_token(request)
    streamed = "text/event-stream" in accept
    with desk.database.read() as session:
        conversation = conversations.open_conversation(session, conversation_id, token)
        if not streamed:
            events = conversations.events_after(session, conversation_id, after=after)
            return JSONResponse([event.to_json() for event in events])
    if _SEQ.match(last_event_id):
        after = int(last_event_id)
    return StreamingResponse(
        stream(
            desk.hub,
            conversation_id,
            # A number from the future would hide what comes next.
            after=min(after, conversation.last_seq),
            load=lambda seq: _load(desk, conversation_id, after=seq, signals=signals),
            timing=desk.settings.timing,
        ),
        media_type="text/event-stream",
        headers=STREAM_HEADERS,
    )


@router.post("/conversations/{conversation_id}/feedback", status_code=204)
def give_feedback(
    conversation_id: str, body: FeedbackBody, request: Request, desk: CurrentDesk
) -> None:
    """Say whether a reply helped."""
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        feedback.store(
            session,
            conversation_id,
            seq=body.seq,
            helpful=body.helpful,
            comment=body.comment,
            now=desk.clock(),
        )


@router.delete("/conversations/{conversation_id}")
def erase_chat(conversation_id: str, request: Request, desk: CurrentDesk) -> ErasedBody:
    """Erase what was written; an open call-back keeps what the nurse needs, and that is said."""
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        erasure = erase(session, conversation_id, now=desk.clock())
    kept = erasure.kept_reference
    message = "This chat is erased."
    if kept and not erasure.kept_details:
        message += (
            f" The nurses keep a note that it was an emergency (reference {kept}), without "
            f"anything you wrote. They cannot reach you by it. If you are in danger, call "
            f"{desk.clinic.emergency_number} now."
        )
    elif kept:
        message += (
            f" Because a nurse is going to call you (reference {kept}), your name, phone number, "
            "best time and reason are kept until that call is done."
        )
    return ErasedBody(erased=True, kept=kept, message=message)


@router.get("/availability")
def read_availability(desk: CurrentDesk) -> AvailabilityBody:
    """Whether the nurses' office is open, and how soon a nurse calls back."""
    with desk.database.read() as session:
        found = availability.find(session, desk.clinic, now=desk.clock())
    return AvailabilityBody(
        schedule_open=found.schedule_open,
        nurse_present=found.nurse_present,
        live_chat=found.live_chat,
        next_opening=found.next_opening,
        message=found.message,
    )


@router.get("/documents/{document}")
def read_document(document: str, desk: CurrentDesk) -> DocumentBody:
    """The handout that answers are taken from."""
    handout = desk.handouts.get(document)
    if handout is None:
        raise NotFound("There is no handout of that name.")
    return DocumentBody(
        id=handout.id,
        title=handout.title,
        version=handout.version,
        sections=[
            SectionBody(id=section.id, title=section.title, text=section.text)
            for section in handout.sections
        ],
    )


def _load(desk: Desk, conversation_id: str, *, after: int, signals: bool) -> Loaded | None:
    with desk.database.read() as session:
        conversation = conversations.get(session, conversation_id)
        if conversation is None or conversation.erased_at:
            return None
        events: tuple[Event, ...] = ()
        if conversation.last_seq > after:
            events = conversations.events_after(session, conversation_id, after=after)
        if not signals:
            return Loaded(events)
        now = desk.clock()
        status = chat_status.find(session, desk.clinic, desk.signals, conversation_id, now=now)
        return Loaded(events, status.to_json(), passing=status.passing)
