"""The tables of notices to people who do not look at the console: the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime

__all__ = ["DeliveryRow", "NoticeRow"]


class NoticeRow(Base):
    """One thing that nurses have to know of a handoff (`clinic.escalation`), written with it.

    `key` names the cause: the same cause twice is one row. `told` steps of the clinic's list were
    taken, the last one at `told_at`; `ended_as` says why no further one is.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("key"), Index(None, "handoff_id"), Index(None, "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128))
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    cause: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    told: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_as: Mapped[str] = mapped_column(String(16), default="")


class DeliveryRow(Base):
    """One notice to one address, written with the step that tells it.

    `message_id` is the same in every try, so that a receiver can drop doubles. Whoever sends it
    holds it until `lease_until`; `tries` tells one holder from the next. `problem` is a code.
    """

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "step", "address"),
        UniqueConstraint("message_id"),
        Index(None, "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    step: Mapped[int]
    address: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime())
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    problem: Mapped[str] = mapped_column(String(32), default="")
