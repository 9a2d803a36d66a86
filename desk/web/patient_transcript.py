"""The patient's chat to keep, as text or as JSON, for the chat's own token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from desk import conversations, transcripts
from desk.web.access import CurrentDesk, bearer_token, peer_of
from desk.web.patient import EventBody

__all__ = ["router"]

router = APIRouter(prefix="/api/conversations/{conversation_id}", tags=["patient"])


class TranscriptBody(BaseModel):
    """Everything that was said; `saved_at` is when it was asked for."""

    conversation: str
    clinic: str
    saved_at: datetime
    events: list[EventBody]


@router.get(
    "/transcript",
    response_model=TranscriptBody,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def read_transcript(
    conversation_id: str,
    request: Request,
    desk: CurrentDesk,
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """The whole chat: JSON, or plain text for who accepts text/plain."""
    now = desk.clock()
    with desk.database.write() as session:  # that it was downloaded is audited
        conversations.open_conversation(session, conversation_id, bearer_token(request))
        # Each leaves a row in the audit, so it may not be asked for without end.
        desk.limits.write_message(conversation_id=conversation_id, peer=peer_of(request), now=now)
        events = transcripts.export(session, conversation_id, now=now)
    if "text/plain" in accept:
        text = transcripts.as_text(events, desk.clinic, now=now)
        return PlainTextResponse(text, headers=_saved_as("chat.txt"))
    body = {
        "conversation": conversation_id,
        "clinic": desk.clinic.name,
        "saved_at": now.isoformat(),
        "events": [event.to_json() for event in events],
    }
    return JSONResponse(body, headers=_saved_as("chat.json"))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
