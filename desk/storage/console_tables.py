"""The tables of the nurses' console alone, beside those of `desk.storage.tables`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime

__all__ = ["CannedReplyRow"]

_SHARED = text("owner_id IS NULL")


class CannedReplyRow(Base):
    """Words that nurses send often; without an owner they are everybody's."""

    __tablename__ = "canned_replies"
    __table_args__ = (
        UniqueConstraint("owner_id", "shortcut"),
        Index(
            "uq_canned_replies_shared",
            "shortcut",
            unique=True,
            sqlite_where=_SHARED,
            postgresql_where=_SHARED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("nurses.id"))
    shortcut: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text())
    changed_by: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime())
