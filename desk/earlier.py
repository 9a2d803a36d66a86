"""What else was asked for from the number of a call-back: earlier calls and chats, and open ones.

A number is a household's, so each is shown with its own name; reading one is a step of its own,
which is audited like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit
from desk.accounts import Nurse
from desk.nurse_queue import Handoff
from desk.storage.tables import HandoffRow

__all__ = ["Earlier", "of_the_same_number"]

_MOST: Final = 10


@dataclass(frozen=True)
class Earlier:
    """Another handoff of the same number; `outcome` is None while it is open."""

    id: int
    reference: str
    kind: str
    name: str
    asked_at: datetime
    outcome: str | None


def of_the_same_number(
    session: Session, handoff: Handoff, *, nurse: Nurse, now: datetime
) -> tuple[Earlier, ...]:
    """The other handoffs with this number, the newest first; audited, needs a writing session."""
    if not handoff.phone:
        return ()
    rows = session.scalars(
        select(HandoffRow)
        .where(HandoffRow.phone == handoff.phone, HandoffRow.id != handoff.id)
        .order_by(HandoffRow.id.desc())
        .limit(_MOST)
    ).all()
    if rows:
        audit.record(
            session,
            actor=f"nurse:{nurse.id}",
            action="handoff.earlier_listed",
            object_kind="handoff",
            object_id=handoff.id,
            detail=str(len(rows)),
            now=now,
        )
    return tuple(
        Earlier(row.id, row.reference, row.kind, row.name, row.created_at, row.outcome)
        for row in rows
    )
