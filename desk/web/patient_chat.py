"""The patient's API of the live chat: who answers, typing, what was seen, going back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from desk import chat_requests, chat_status, conversations
from desk.chat_requests import ChatRequest
from desk.signals import PATIENT
from desk.web.access import CurrentDesk, bearer_token

__all__ = ["router"]

router = APIRouter(prefix="/api/conversations/{conversation_id}", tags=["patient"])

_LARGEST_SEQ = 2**31 - 1


class StatusBody(BaseModel):
    """Who answers now; the place in line while waiting; whether the nurse types; what she saw."""

    floor: str
    nurse: str | None
    position: int | None
    wait_minutes: int | None
    typing: bool
    seen: int


class WishBody(BaseModel):
    """A wish for a nurse in the chat, under an id that the page chose."""

    model_config = ConfigDict(extra="forbid")

    client_request_id: UUID


class QueuedBody(BaseModel):
    """Where the patient stands now."""

    state: str
    reference: str
    place: str


class SeenBody(BaseModel):
    """The last event that is on the screen."""

    model_config = ConfigDict(extra="forbid")

    seq: Annotated[int, Field(ge=0, le=_LARGEST_SEQ)]


@router.get("/status")
def read_status(conversation_id: str, request: Request, desk: CurrentDesk) -> StatusBody:
    """What the stream tells as signals, for pages where streams do not get through."""
    with desk.database.read() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        found = chat_status.find(
            session, desk.clinic, desk.signals, conversation_id, now=desk.clock()
        )
    return StatusBody(**found.to_json())


@router.post("/typing", status_code=204)
def types(conversation_id: str, request: Request, desk: CurrentDesk) -> None:
    """The patient types; to be said again every few seconds while she does."""
    with desk.database.read() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
    desk.signals.types(conversation_id, PATIENT, now=desk.clock())
    desk.hub.wake((conversation_id,))


@router.post("/seen", status_code=204)
def saw(conversation_id: str, body: SeenBody, request: Request, desk: CurrentDesk) -> None:
    """The patient has the events up to this one on her screen."""
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        conversations.note_seen(session, conversation_id, by="patient", seq=body.seq)


@router.post("/handoff", status_code=201)
def ask(conversation_id: str, body: WishBody, request: Request, desk: CurrentDesk) -> QueuedBody:
    """Wait for a nurse in the chat without asking the assistant, which may be down.

    409 where no nurse can come now. The same id again is the same wish.
    """
    wanted = ChatRequest(conversation_id, reason="")
    key = f"page:{conversation_id}:{body.client_request_id}"
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        queued = chat_requests.request_chat(
            session, desk.clinic, wanted, key=key, by_assistant=False, now=desk.clock()
        )
    return QueuedBody(state=queued.state, reference=queued.reference, place=queued.place)


@router.delete("/handoff", status_code=204)
def leave(conversation_id: str, request: Request, desk: CurrentDesk) -> None:
    """Stop waiting for a nurse, or end the chat with her: the assistant answers again."""
    with desk.database.write() as session:
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        chat_requests.leave(session, conversation_id, now=desk.clock())
