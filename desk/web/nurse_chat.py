"""The nurse's API of the live chat: write, note, pass on, hand back; the queue as a stream."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from desk import audit, nurse_chat, nurse_work, queue_board, sessions
from desk.errors import Unprocessable
from desk.queue_board import Board
from desk.turns import LONGEST_TEXT
from desk.web.access import CurrentDesk, CurrentNurse, Desk, PollingNurse, session_token
from desk.web.events import STREAM_HEADERS, changes_stream
from desk.web.nurse import HandoffBody, HandoffId, NurseBody, handoff_body, nurse_body

__all__ = ["router"]

router = APIRouter(prefix="/api/nurse", tags=["nurse"])

_LARGEST_SEQ = 2**31 - 1
_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


class WriteBody(BaseModel):
    """What the nurse says; under the same id it is said once."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    client_message_id: uuid.UUID | None = None


class WrittenBody(BaseModel):
    """The number of the stored event."""

    seq: int


class NoteRequestBody(BaseModel):
    """A note among nurses."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class NoteBody(BaseModel):
    """A note that is kept."""

    id: int
    at: datetime
    nurse: str
    text: str


class SeenBody(BaseModel):
    """The last event that is on the screen."""

    model_config = ConfigDict(extra="forbid")

    seq: Annotated[int, Field(ge=0, le=_LARGEST_SEQ)]


class TransferBody(BaseModel):
    """To which colleague, and what she should know."""

    model_config = ConfigDict(extra="forbid")

    to: HandoffId
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class HandBackBody(BaseModel):
    """What is kept about the chat, for nurses."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


@router.post("/conversations/{conversation_id}/messages", status_code=202)
def write(
    conversation_id: str, body: WriteBody, nurse: CurrentNurse, desk: CurrentDesk
) -> WrittenBody:
    """Say it to the patient; only the nurse who has claimed her may, 409 says who that is."""
    text = _visible(body.text)
    message_id = str(body.client_message_id or uuid.uuid4())
    with desk.database.write() as session:
        seq = nurse_chat.write(
            session,
            conversation_id,
            nurse=nurse,
            text=text,
            message_id=message_id,
            now=desk.clock(),
        )
    desk.signals.stops(conversation_id, nurse.name)
    return WrittenBody(seq=seq)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
def add_note(
    conversation_id: str, body: NoteRequestBody, nurse: CurrentNurse, desk: CurrentDesk
) -> NoteBody:
    """Keep a note for the other nurses; the patient never gets it."""
    text = _visible(body.text)
    with desk.database.write() as session:
        note = nurse_chat.add_note(
            session, conversation_id, nurse=nurse, text=text, now=desk.clock()
        )
    return NoteBody(id=note.id, at=note.at, nurse=note.nurse, text=note.text)


@router.get("/conversations/{conversation_id}/notes")
def read_notes(conversation_id: str, nurse: CurrentNurse, desk: CurrentDesk) -> list[NoteBody]:
    """The notes about a chat that was handed to the nurses."""
    with desk.database.write() as session:  # reading is audited
        found = nurse_chat.notes(session, conversation_id, nurse=nurse, now=desk.clock())
    return [NoteBody(id=note.id, at=note.at, nurse=note.nurse, text=note.text) for note in found]


@router.post("/conversations/{conversation_id}/typing", status_code=204)
def types(conversation_id: str, nurse: CurrentNurse, desk: CurrentDesk) -> None:
    """The nurse types; to be said again every few seconds while she does."""
    with desk.database.read() as session:
        nurse_chat.check_hers(session, conversation_id, nurse)
    desk.signals.types(conversation_id, nurse.name, now=desk.clock())
    desk.hub.wake((conversation_id,))


@router.post("/conversations/{conversation_id}/seen", status_code=204)
def saw(conversation_id: str, body: SeenBody, nurse: PollingNurse, desk: CurrentDesk) -> None:
    """The nurse has the chat on her screen, up to this event."""
    with desk.database.write() as session:
        nurse_chat.saw(session, conversation_id, nurse=nurse, seq=body.seq)
    desk.signals.looks(conversation_id, nurse.name, now=desk.clock())
    desk.hub.wake((conversation_id,))


@router.post("/handoffs/{handoff_id}/transfer")
def transfer(
    handoff_id: HandoffId, body: TransferBody, nurse: CurrentNurse, desk: CurrentDesk
) -> HandoffBody:
    """Give the patient to a colleague who is there; 409 when she is not."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            nurse_chat.transfer(
                session, handoff_id, nurse=nurse, to=body.to, note=body.note, now=desk.clock()
            ),
        )


@router.post("/handoffs/{handoff_id}/hand-back")
def hand_back(
    handoff_id: HandoffId, nurse: CurrentNurse, desk: CurrentDesk, body: HandBackBody | None = None
) -> HandoffBody:
    """Close it and let the assistant answer again."""
    with desk.database.write() as session:
        return handoff_body(
            desk,
            nurse_work.resolve(
                session,
                handoff_id,
                nurse=nurse,
                clinic=desk.clinic,
                outcome="handed_back",
                note=body.note if body else None,
                now=desk.clock(),
            ),
        )


@router.get("/colleagues")
def colleagues(nurse: CurrentNurse, desk: CurrentDesk) -> list[NurseBody]:
    """Who could take a patient over, and who of them is there."""
    del nurse  # being signed in is enough
    with desk.database.read() as session:
        return [nurse_body(one) for one in nurse_chat.colleagues(session, now=desk.clock())]


@router.get("/events", response_class=StreamingResponse, responses=_EVENT_STREAM)
def follow_queue(request: Request, nurse: PollingNurse, desk: CurrentDesk) -> StreamingResponse:
    """The open queue, then each change of it; it ends with the session.

    Following is no sign of life: a screen that is still there asks for something now and then.
    """
    token = session_token(request)
    with desk.database.write() as session:
        audit.record(
            session,
            actor=f"nurse:{nurse.id}",
            action="queue.followed",
            object_kind="queue",
            object_id="open",
            now=desk.clock(),
        )
    return StreamingResponse(
        _follow(desk, token), media_type="text/event-stream", headers=STREAM_HEADERS
    )


def _follow(desk: Desk, token: str) -> AsyncIterator[bytes]:
    shown: Board | None = None

    def look() -> list[dict[str, object]] | None:
        nonlocal shown
        now = desk.clock()
        with desk.database.read() as session:
            if not sessions.is_live(session, token, now=now):
                return None
            board = queue_board.load(session, desk.signals, now=now)
        told = list(queue_board.changes(shown, board))
        shown = board
        return told

    return changes_stream(desk.hub, look, timing=desk.settings.timing)


def _visible(text: str) -> str:
    kept = text.replace("\0", "")
    if not kept.strip():
        raise Unprocessable("The text is empty. Please write something.")
    return kept
