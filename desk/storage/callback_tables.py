"""The tables of call-backs, beside the handoff itself (`desk.storage.tables`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime

__all__ = ["AttemptRow", "CallbackRequestRow", "ClosingRequestRow", "PromiseRow"]


class AttemptRow(Base):
    """One call of a nurse to a patient. `key` makes a form that was sent twice one attempt."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("key"), Index(None, "handoff_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    nurse_id: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text())
    key: Mapped[str | None] = mapped_column(String(64))


class ClosingRequestRow(Base):
    """A nurse asks a second one to agree that a patient is given up; stays once it is confirmed."""

    __tablename__ = "closing_requests"

    handoff_id: Mapped[int] = mapped_column(
        ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_by: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime())
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text())
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("nurses.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class CallbackRequestRow(Base):
    """What a patient gave each time she asked; a call-back holds every request that joined it.

    `conversation_id` may be another chat than the call-back's own: the same patient, come back.
    `consent_version` names the words she agreed to (`clinic.consent`). `withdrawn_at`: she has
    cancelled this one, or asked to.
    """

    __tablename__ = "callback_requests"
    __table_args__ = (Index(None, "handoff_id"), Index(None, "conversation_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    reason: Mapped[str] = mapped_column(Text())
    best_time: Mapped[str] = mapped_column(String(200))
    consent_version: Mapped[str] = mapped_column(String(16))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class PromiseRow(Base):
    """A time by which a patient was told she is called, and what has been noted of its passing.

    Written by `desk.promise_watch` the first time it sees the time; one that a nearer or later time
    has replaced stays.
    """

    __tablename__ = "promises"

    handoff_id: Mapped[int] = mapped_column(
        ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    due_at: Mapped[datetime] = mapped_column(UtcDateTime(), primary_key=True)
    half_at: Mapped[datetime] = mapped_column(UtcDateTime())
    half_noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    end_noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
