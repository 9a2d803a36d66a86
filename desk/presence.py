"""When a nurse leaves: by signing out, by a session that ends, by silence, by a closed account.

Then she is not available any more. Her patients in the chat are put back into the line by
`desk.attendance`, which looks every second who still has a session.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from desk import audit
from desk.accounts import PRESENCE_LIFE
from desk.storage.staff_tables import NurseRow

__all__ = ["Reason", "anybody_silent", "drop_silent", "leave"]

# Her last session was ended by herself, stood idle, ran out, or was ended by an admin; "silent":
# her console gives no sign of life, while its session is still good.
Reason = Literal["signed_out", "idle", "ran_out", "closed", "silent"]


def leave(session: Session, nurse_id: int, *, reason: Reason, now: datetime) -> None:
    """The nurse is away from now on."""
    session.get_one(NurseRow, nurse_id).available = False
    audit.record_account(session, nurse_id, "presence.dropped", by="system", detail=reason, now=now)


def anybody_silent(session: Session, *, now: datetime) -> bool:
    """Whether `drop_silent` has something to do; reads only."""
    return bool(session.scalar(select(exists().where(_silent(now)))))


def drop_silent(session: Session, *, now: datetime) -> None:
    """End the presence of those who said "available" and of whom nothing is heard any more."""
    for nurse_id in session.scalars(select(NurseRow.id).where(_silent(now))).all():
        leave(session, nurse_id, reason="silent", now=now)


def _silent(now: datetime) -> ColumnElement[bool]:
    unseen = NurseRow.seen_at.is_(None) | (NurseRow.seen_at <= now - PRESENCE_LIFE)
    return NurseRow.available.is_(True) & unseen
