"""The tables of conversations, handoffs and the audit; others stand beside, by what they keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime
from desk.storage.staff_tables import NurseRow

__all__ = [
    "AuditChainRow",
    "AuditRow",
    "ConversationRow",
    "ErrandRow",
    "EventRow",
    "FeedbackRow",
    "HandoffKeyRow",
    "HandoffRow",
    "NoteRow",
    "PendingTurnRow",
]


class ConversationRow(Base):
    """One patient's chat; the row stays after an erase, empty of words, so that it answers 410.

    `last_seq` counts the events; it is raised in the transaction that writes one.
    `outage_told_at` is set while the patient has been told that the assistant does not answer.
    `floor` says who answers (`clinic.floor`), since when, and which nurse; `desk.floor` alone
    changes it. `seen_by_…` is the last event that the patient's page, or a nurse's, has shown.
    """

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "floor"),)

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    last_seq: Mapped[int] = mapped_column(default=0)
    outage_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    floor: Mapped[str] = mapped_column(String(16), default="assistant", server_default="assistant")
    floor_since: Mapped[datetime | None] = mapped_column(UtcDateTime())
    floor_nurse_id: Mapped[int | None] = mapped_column(ForeignKey(NurseRow.id))
    floor_closing_told: Mapped[bool] = mapped_column(default=False, server_default=false())
    seen_by_patient: Mapped[int] = mapped_column(default=0, server_default="0")
    seen_by_nurse: Mapped[int] = mapped_column(default=0, server_default="0")


class EventRow(Base):
    """One thing said. `client_message_id` is the writer's page's own name for the message.

    `nurse_id` is the nurse who wrote it, or of whose coming and going it tells.
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("conversation_id", "client_message_id"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    author: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text())
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSON())
    turn: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    client_message_id: Mapped[str | None] = mapped_column(String(36))
    nurse_id: Mapped[int | None] = mapped_column(ForeignKey(NurseRow.id))


class NoteRow(Base):
    """What nurses write to one another about a conversation; the patient never gets it."""

    __tablename__ = "notes"
    __table_args__ = (Index(None, "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    nurse_id: Mapped[int] = mapped_column(ForeignKey(NurseRow.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    text: Mapped[str] = mapped_column(Text())


class PendingTurnRow(Base):
    """A patient's message that the assistant still owes a reply; gone once it is answered.

    `alarm_checked`: the desk itself has looked for signs of danger in it; `alarm_said` is the
    urgency that it told the patient of then, empty for none. `withdrawn`: a nurse has
    or will get the floor, so the assistant owes nothing any more; gone after that look.
    """

    __tablename__ = "pending_turns"
    __table_args__ = (Index(None, "next_try_at"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime())
    tries: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    alarm_checked: Mapped[bool] = mapped_column(default=False, server_default=false())
    alarm_said: Mapped[str] = mapped_column(String(16), default="", server_default="")
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())


class ErrandRow(Base):
    """Something to do outside the database until it succeeds, safe to do twice."""

    __tablename__ = "errands"
    __table_args__ = (Index(None, "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime())
    tries: Mapped[int] = mapped_column(default=0)


class FeedbackRow(Base):
    """Whether one of the assistant's events helped."""

    __tablename__ = "feedback"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Text())


# A conversation has one open handoff at most, whatever happens at the same time.
_OPEN = text("state <> 'resolved'")


class HandoffRow(Base):
    """One patient waiting for a nurse, with what the nurse needs to call.

    After an emergency in the chat, `alarm_seq` is the patient's message that raised it,
    `last_alarm_seq` that of the last alarm (NULL: the same) and `alarmed_at` its time; then name,
    phone and consent may still be missing.
    `call_offered_at`: nobody came to the chat in time, so the patient was offered a call instead.
    `first_claimed_at` and `first_answered_at`, the first message or call of a nurse, stay as they
    are when it goes back to the queue: they are for the figures.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index(None, "conversation_id"),
        Index(None, "state"),
        Index(None, "created_at"),
        Index(None, "phone"),
        Index(
            "uq_handoffs_open",
            "conversation_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    reference: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text())
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(32))
    best_time: Mapped[str] = mapped_column(String(200))
    triage: Mapped[dict[str, str]] = mapped_column(
        JSON(), default=dict, server_default=text("'{}'")
    )
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    alarm_seq: Mapped[int | None]
    last_alarm_seq: Mapped[int | None]
    alarmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey(NurseRow.id))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    first_claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    first_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    call_offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey(NurseRow.id))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    outcome: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text())


class HandoffKeyRow(Base):
    """An idempotency key and what it was answered with, so that the same key says the same."""

    __tablename__ = "handoff_keys"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id"))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    promise: Mapped[str] = mapped_column(Text())


class AuditRow(Base):
    """Who did what to which object, when. Rows are only ever added; they hold no values.

    `previous` is the hash of the row before, `hash` that of this one (`clinic.audit_chain`).
    """

    __tablename__ = "audit"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(255))
    detail: Mapped[str] = mapped_column(String(64), server_default="")
    previous: Mapped[str] = mapped_column(String(64), server_default="")
    hash: Mapped[str] = mapped_column(String(64), server_default="")


class AuditChainRow(Base):
    """One row: where the audit chain ends, and where the retention has cut off its beginning."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))
    cut_id: Mapped[int]
    cut_hash: Mapped[str] = mapped_column(String(64))
