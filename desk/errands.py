"""Errands: rows that ask for something outside the database, kept until it has succeeded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.storage.tables import ErrandRow, PendingTurnRow

__all__ = ["DueErrand", "done", "due", "postpone"]


@dataclass(frozen=True)
class DueErrand:
    """One thing to do now; `kind` is "forget_tracker" or "checkpoint"."""

    id: int
    kind: str
    object_id: str
    tries: int


def due(
    session: Session, *, now: datetime, busy: Collection[str], limit: int
) -> tuple[DueErrand, ...]:
    """The errands whose time has come, the oldest first; none of a conversation that is `busy`.

    A tracker that is forgotten while a message is under way would come back with the reply.
    """
    rows = session.scalars(
        select(ErrandRow)
        .where(
            ErrandRow.next_try_at <= now,
            ErrandRow.object_id.not_in(list(busy)),
            ErrandRow.object_id.not_in(select(PendingTurnRow.conversation_id)),
        )
        .order_by(ErrandRow.next_try_at, ErrandRow.id)
        .limit(limit)
    )
    return tuple(
        DueErrand(id=row.id, kind=row.kind, object_id=row.object_id, tries=row.tries)
        for row in rows
    )


def done(session: Session, errand: DueErrand) -> None:
    """Take the errand off the list."""
    row = session.get(ErrandRow, errand.id)
    if row is not None:
        session.delete(row)


def postpone(session: Session, errand: DueErrand, *, wait: timedelta, now: datetime) -> None:
    """Try again after `wait`."""
    row = session.get(ErrandRow, errand.id)
    if row is not None:
        row.tries += 1
        row.next_try_at = now + wait
