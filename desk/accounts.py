"""Nurses: the signed-in person, and whether she is there.

Making and changing accounts stands in `desk.staff`, signing in in `desk.signing_in`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.roles import Role, role_of
from desk import audit
from desk.storage.staff_tables import NurseRow

__all__ = [
    "PRESENCE_LIFE",
    "Nurse",
    "PresenceState",
    "Role",
    "count_present",
    "is_there",
    "normal_address",
    "nurse_present",
    "set_presence",
    "view",
]

PresenceState = Literal["available", "away"]

# A nurse counts as there this long after her last sign of life, which is any request of hers.
PRESENCE_LIFE: Final = timedelta(seconds=90)


@dataclass(frozen=True)
class Nurse:
    """A signed-in person. `available` is true while she is marked so and was heard of lately."""

    id: int
    email: str
    name: str
    role: Role
    available: bool


def set_presence(session: Session, *, nurse_id: int, state: PresenceState, now: datetime) -> Nurse:
    """Say whether the nurse is there; "available" lasts 90 s after her last sign of life."""
    row = session.get_one(NurseRow, nurse_id)
    row.available = state == "available"
    row.seen_at = now
    audit.record_account(session, nurse_id, f"presence.{state}", now=now)
    return view(row, now=now)


def nurse_present(session: Session, *, now: datetime) -> bool:
    """Whether at least one nurse is available now."""
    return count_present(session, now=now) > 0


def count_present(session: Session, *, now: datetime) -> int:
    """How many nurses are available now."""
    found = session.scalar(
        select(func.count())
        .select_from(NurseRow)
        .where(
            NurseRow.active.is_(True),
            NurseRow.available.is_(True),
            NurseRow.seen_at > now - PRESENCE_LIFE,
        )
    )
    return found or 0


def normal_address(email: str) -> str:
    """The e-mail address as it is stored and compared."""
    return email.strip().lower()


def is_there(row: NurseRow, *, now: datetime) -> bool:
    """Whether she is available and was heard of lately."""
    return row.available and row.seen_at is not None and now - row.seen_at < PRESENCE_LIFE


def view(row: NurseRow, *, now: datetime) -> Nurse:
    """The person of the row."""
    return Nurse(
        id=row.id,
        email=row.email,
        name=row.name,
        role=role_of(row.role),
        available=is_there(row, now=now),
    )
