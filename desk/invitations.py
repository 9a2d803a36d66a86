"""One-time links: by one somebody sets her own password, and her second factor where she needs it.

The link's secret is kept as a hash, is good for a while, and once. Nobody else ever knows the
password. Links are made by `desk.accounts`, for the console and for `make nurse`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from clinic.roles import Role, needs_second_factor, role_of
from desk import audit, passwords, second_factor, sessions
from desk.conversations import hash_token
from desk.errors import NotFound, Unprocessable
from desk.sessions import SignedIn
from desk.storage.database import Database
from desk.storage.staff_tables import InvitationRow, NurseRow

__all__ = ["LIFE", "Accepted", "Invitation", "Purpose", "accept", "issue", "look"]

# A new account; a forgotten password; a lost phone, which takes a new password too, for the old one
# may be lost with it.
Purpose = Literal["welcome", "password", "second_factor"]
LIFE: Final[dict[Purpose, timedelta]] = {
    "welcome": timedelta(days=3),
    "password": timedelta(days=1),
    "second_factor": timedelta(days=1),
}
_STALE: Final = (
    "This link is not good any more: it was used, or is too old, or there is a newer one. Please "
    "ask for a new one."
)


@dataclass(frozen=True)
class Invitation:
    """What the link is for. `secret` is the second factor offered, None when it is not asked for.

    `needs_code`: without a second factor the link cannot be used.
    """

    nurse_id: int
    email: str
    name: str
    role: Role
    purpose: Purpose
    secret: str | None
    needs_code: bool


@dataclass(frozen=True)
class Accepted:
    """The account is open. `signed_in` is None where a code of the second factor is still due."""

    signed_in: SignedIn | None
    recovery_codes: tuple[str, ...]


def issue(session: Session, row: NurseRow, purpose: Purpose, *, now: datetime) -> str:
    """The secret of a new link, shown this once; an earlier one of the account is good no more.

    Until the link is used the account cannot be signed in to.
    """
    session.execute(delete(InvitationRow).where(InvitationRow.nurse_id == row.id))
    token = secrets.token_urlsafe(32)
    session.add(
        InvitationRow(
            token_hash=hash_token(token),
            nurse_id=row.id,
            kind=purpose,
            created_at=now,
            expires_at=now + LIFE[purpose],
        )
    )
    row.password_hash = ""
    if purpose != "password":
        second_factor.forget(session, row)
        row.totp_pending = second_factor.new_secret()
    return token


def look(session: Session, token: str, *, now: datetime) -> Invitation:
    """What the link is for; looking does not use it up. Raises `NotFound`."""
    found = session.get(InvitationRow, hash_token(token))
    row = session.get(NurseRow, found.nurse_id) if found else None
    if found is None or row is None or not row.active or found.expires_at <= now:
        raise NotFound(_STALE)
    role = role_of(row.role)
    return Invitation(
        nurse_id=row.id,
        email=row.email,
        name=row.name,
        role=role,
        purpose=_purpose(found.kind),
        secret=row.totp_pending if found.kind != "password" else None,
        needs_code=found.kind != "password" and needs_second_factor(role),
    )


def accept(
    database: Database,
    token: str,
    *,
    password: str,
    code: str = "",
    clinic: str,
    peer: str,
    now: datetime,
) -> Accepted:
    """Set the password, and the second factor if a code proves it; signs in where that is enough.

    Raises `NotFound` for a link that is not good, `Unprocessable` for a password that is easy to
    guess and for a code that is missing or wrong; then the link can be used again.
    """
    with database.read() as session:
        offered = look(session, token, now=now)
    passwords.check_new(password, about=(offered.name, offered.email, clinic))
    step = _prove(offered, code, now=now)
    kept = passwords.keep(password)  # outside of any transaction: it takes a moment
    with database.write() as session:
        used = session.scalar(
            delete(InvitationRow)
            .where(InvitationRow.token_hash == hash_token(token), InvitationRow.expires_at > now)
            .returning(InvitationRow.nurse_id)
        )
        row = session.get(NurseRow, used) if used is not None else None
        if row is None or not row.active:
            raise NotFound(_STALE)
        row.password_hash = kept
        audit.record_account(session, row.id, "nurse.password_set", detail=offered.purpose, now=now)
        codes: tuple[str, ...] = ()
        if offered.secret is not None and step is not None:
            codes = second_factor.set_up(session, row, secret=offered.secret, step=step, now=now)
        row.totp_pending = None
        proven = row.totp_secret is None or step is not None
        return Accepted(
            signed_in=sessions.begin(session, row, peer=peer, now=now) if proven else None,
            recovery_codes=codes,
        )


def _prove(offered: Invitation, code: str, *, now: datetime) -> int | None:
    """The step of the code; None where none is needed and none was given."""
    if offered.secret is None or (not code.strip() and not offered.needs_code):
        return None
    step = second_factor.matching_step(offered.secret, code, after=None, now=now)
    if step is None:
        raise Unprocessable(
            "The code is not right. Please type the six digits that the app shows now."
        )
    return step


def _purpose(stored: str) -> Purpose:
    match stored:
        case "welcome" | "password" | "second_factor":
            return stored
        case _:
            raise ValueError("the database holds a link that this version does not know")
