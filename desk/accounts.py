"""Nurses' accounts: making one, giving it a new password, and who is there.

Passwords are kept as Argon2id. Signing in and out stands in `desk.sessions`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from argon2 import PasswordHasher
from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from desk import audit
from desk.errors import Conflict, NotFound, Unprocessable
from desk.storage.tables import NurseRow, NurseSessionRow

__all__ = [
    "HASHER",
    "PRESENCE_LIFE",
    "MadeNurse",
    "Nurse",
    "PresenceState",
    "Role",
    "count_present",
    "is_there",
    "make_nurse",
    "normal_address",
    "nurse_present",
    "reset_password",
    "set_presence",
    "view",
]

Role = Literal["nurse", "lead", "admin"]
PresenceState = Literal["available", "away"]

# A nurse counts as there this long after her last sign of life, which is any request of hers.
PRESENCE_LIFE: Final = timedelta(seconds=90)
# OWASP's floor: m=19 MiB, t=2, p=1.
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True)
class Nurse:
    """A signed-in person. `available` is true while she is marked so and was heard of lately."""

    id: int
    email: str
    name: str
    role: Role
    available: bool


@dataclass(frozen=True)
class MadeNurse:
    """A new account and its password, which is shown this once."""

    nurse: Nurse
    password: str


def make_nurse(
    session: Session, *, email: str, role: Role, now: datetime, name: str | None = None
) -> MadeNurse:
    """Make an account with a generated password.

    Raises `Unprocessable` for something that is no e-mail address, `Conflict` when it has one.
    """
    address = normal_address(email)
    local, at, host = address.partition("@")
    if not (local and at and host) or any(char.isspace() for char in address):
        raise Unprocessable("Expected an e-mail address such as nurse@clinic.example.")
    if session.scalar(select(exists().where(NurseRow.email == address))):
        raise Conflict("There is already an account with this e-mail address.")
    password = secrets.token_urlsafe(15)
    row = NurseRow(
        email=address,
        name=(name or local).strip()[:80],
        role=role,
        password_hash=HASHER.hash(password),
        active=True,
        available=False,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor="system",
        action="nurse.made",
        object_kind="nurse",
        object_id=row.id,
        now=now,
    )
    return MadeNurse(nurse=view(row, now=now), password=password)


def reset_password(session: Session, *, email: str, now: datetime) -> MadeNurse:
    """Give the account a new password and end every session of it. Raises `NotFound`."""
    row = session.scalar(select(NurseRow).where(NurseRow.email == normal_address(email)))
    if row is None:
        raise NotFound("There is no account with this e-mail address.")
    password = secrets.token_urlsafe(15)
    row.password_hash = HASHER.hash(password)
    row.available = False
    session.execute(delete(NurseSessionRow).where(NurseSessionRow.nurse_id == row.id))
    audit.record(
        session,
        actor="system",
        action="nurse.password_reset",
        object_kind="nurse",
        object_id=row.id,
        now=now,
    )
    return MadeNurse(nurse=view(row, now=now), password=password)


def set_presence(session: Session, *, nurse_id: int, state: PresenceState, now: datetime) -> Nurse:
    """Say whether the nurse is there; "available" lasts 90 s after her last sign of life."""
    row = session.get_one(NurseRow, nurse_id)
    row.available = state == "available"
    row.seen_at = now
    audit.record(
        session,
        actor=f"nurse:{nurse_id}",
        action=f"presence.{state}",
        object_kind="nurse",
        object_id=nurse_id,
        now=now,
    )
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
        role=_role(row.role),
        available=is_there(row, now=now),
    )


def _role(stored: str) -> Role:
    match stored:
        case "nurse" | "lead" | "admin":
            return stored
        case _:
            raise ValueError("the database holds a role that this version does not know")
