"""Conversations: the append-only log of what was said, and who may open it.

`open_conversation` is the only way to a conversation for a patient. An erased one (`desk.erasing`)
is an empty row that answers 410.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from desk import audit, chat_counts
from desk.errors import Gone, NotFound, NotSignedIn
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.database import touch
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import ConversationRow, EventRow, HandoffRow

__all__ = [
    "Author",
    "Conversation",
    "Event",
    "Opened",
    "Origin",
    "append",
    "check_handed_over",
    "create",
    "events_after",
    "get",
    "hash_token",
    "note_seen",
    "open_conversation",
    "read_for_nurse",
    "take_over",
]

Author = Literal["patient", "assistant", "nurse", "system"]
Origin = Literal["web", "form", "rest"]


@dataclass(frozen=True)
class Opened:
    """A new conversation; `token` is shown once and stored only as a hash."""

    id: str
    token: str


@dataclass(frozen=True)
class Conversation:
    """What is known of one conversation; `last_seq` is 0 before anything was said."""

    id: str
    origin: str
    created_at: datetime
    last_seq: int
    erased_at: datetime | None


@dataclass(frozen=True)
class Event:
    """One thing said. `buttons` are {"title", "payload"}; `turn` is the contract's JSON object.

    `name` is the nurse's, in what a nurse wrote.
    """

    seq: int
    at: datetime
    author: str
    text: str
    buttons: tuple[dict[str, str], ...]
    turn: dict[str, Any] | None
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's event; what a nurse wrote says her name as well."""
        event = {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "author": self.author,
            "text": self.text,
            "buttons": list(self.buttons),
            "turn": self.turn,
        }
        return event if self.name is None else {**event, "name": self.name}


def hash_token(token: str) -> str:
    """The form in which a token is stored; tokens are random, so a plain SHA-256 does."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(
    session: Session, *, now: datetime, origin: Origin = "web", conversation_id: str | None = None
) -> Opened:
    """Begin a conversation. `conversation_id` is given only for one that Rasa already knows."""
    opened = Opened(id=conversation_id or secrets.token_hex(16), token=secrets.token_urlsafe(32))
    session.add(
        ConversationRow(
            id=opened.id,
            token_hash=hash_token(opened.token),
            origin=origin,
            created_at=now,
            last_seq=0,
        )
    )
    session.flush()
    chat_counts.begun(session, opened.id, now=now)
    return opened


def take_over(
    session: Session, conversation_id: str, said: Sequence[tuple[Author, str]], *, now: datetime
) -> None:
    """Begin a conversation with what was said where the desk did not keep the log.

    All of it in a few statements: a long talk would keep every other writer waiting for seconds.
    """
    create(session, now=now, origin="rest", conversation_id=conversation_id)
    session.add_all(
        EventRow(
            conversation_id=conversation_id, seq=seq, at=now, author=author, text=text, buttons=[]
        )
        for seq, (author, text) in enumerate(said, 1)
    )
    session.get_one(ConversationRow, conversation_id).last_seq = len(said)
    session.flush()
    messages = sum(author == "patient" for author, _ in said)
    replied = any(author == "assistant" for author, _ in said)
    chat_counts.taken_over(session, conversation_id, messages=messages, replied=replied, now=now)
    touch(session, conversation_id)


def open_conversation(session: Session, conversation_id: str, token: str) -> Conversation:
    """The conversation that the patient's token opens.

    Raises `NotSignedIn`, in the same words for an unknown conversation and a wrong token, and
    `Gone` when it was erased.
    """
    row = session.get(ConversationRow, conversation_id)
    stored = row.token_hash if row else hash_token("")
    right = hmac.compare_digest(stored, hash_token(token))
    if row is None or not right or not token:
        raise NotSignedIn("This chat cannot be opened with that key. Please start a new chat.")
    if row.erased_at:
        raise Gone("This chat was erased. Please start a new chat.")
    return _view(row)


def get(session: Session, conversation_id: str) -> Conversation | None:
    """For the desk's own use, never for a patient's request: the conversation, erased or not."""
    row = session.get(ConversationRow, conversation_id)
    return _view(row) if row else None


def append(
    session: Session,
    conversation_id: str,
    *,
    author: Author,
    text: str,
    now: datetime,
    turn: dict[str, Any] | None = None,
    buttons: Sequence[dict[str, str]] = (),
    client_message_id: str | None = None,
    nurse_id: int | None = None,
) -> Event:
    """Write the next event; its `seq` is one more than the last. Raises `Gone` when erased.

    `nurse_id` is who wrote it, or the nurse it tells of.
    """
    seq = session.scalar(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id, ConversationRow.erased_at.is_(None))
        .values(last_seq=ConversationRow.last_seq + 1)
        .returning(ConversationRow.last_seq)
        .execution_options(synchronize_session=False)
    )
    if seq is None:
        raise Gone("This chat was erased. Please start a new chat.")
    row = EventRow(
        conversation_id=conversation_id,
        seq=seq,
        at=now,
        author=author,
        text=text,
        buttons=list(buttons),
        turn=turn,
        client_message_id=client_message_id,
        nurse_id=nurse_id,
    )
    session.add(row)
    session.flush()
    chat_counts.said(session, conversation_id, author=author, turn=turn, now=now)
    touch(session, conversation_id)
    return _event(session, row)


def events_after(
    session: Session, conversation_id: str, *, after: int = 0, limit: int | None = None
) -> tuple[Event, ...]:
    """The events with a `seq` above `after`, in order; at most `limit` of them."""
    rows = session.scalars(
        select(EventRow)
        .where(EventRow.conversation_id == conversation_id, EventRow.seq > after)
        .order_by(EventRow.seq)
        .limit(limit)
    )
    return tuple(_event(session, row) for row in rows)


def read_for_nurse(
    session: Session, conversation_id: str, *, nurse_id: int, now: datetime, after: int = 0
) -> tuple[Event, ...]:
    """The whole log for a nurse, audited; needs a writing session.

    Empty when the patient erased it. Raises `NotFound` when there is no such conversation, or
    none that was ever handed to the nurses.
    """
    check_handed_over(session, conversation_id)
    audit.record(
        session,
        actor=f"nurse:{nurse_id}",
        action="conversation.read",
        object_kind="conversation",
        object_id=conversation_id,
        now=now,
    )
    return events_after(session, conversation_id, after=after)


def check_handed_over(session: Session, conversation_id: str) -> None:
    """Raises `NotFound` unless it was handed to the nurses, so that it is their business."""
    handed_over = session.scalar(
        select(
            exists().where(HandoffRow.conversation_id == conversation_id)
            | exists().where(CallbackRequestRow.conversation_id == conversation_id)
        )
    )
    if not handed_over:
        raise NotFound("There is no such conversation in the nurses' queue.")


def note_seen(
    session: Session, conversation_id: str, *, by: Literal["patient", "nurse"], seq: int
) -> None:
    """That side has been shown the events up to `seq`; an older number changes nothing."""
    column = ConversationRow.seen_by_patient if by == "patient" else ConversationRow.seen_by_nurse
    moved = session.scalar(
        update(ConversationRow)
        .where(
            ConversationRow.id == conversation_id,
            column < seq,
            ConversationRow.last_seq >= seq,
        )
        .values({column: seq})
        .returning(ConversationRow.id)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        touch(session, conversation_id)


def _view(row: ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        origin=row.origin,
        created_at=row.created_at,
        last_seq=row.last_seq,
        erased_at=row.erased_at,
    )


def _event(session: Session, row: EventRow) -> Event:
    by_nurse = row.author == "nurse" and row.nurse_id is not None
    nurse = session.get(NurseRow, row.nurse_id) if by_nurse else None
    return Event(
        seq=row.seq,
        at=row.at,
        author=row.author,
        text=row.text,
        buttons=tuple(row.buttons),
        turn=row.turn,
        name=nurse.name if nurse else None,
    )
