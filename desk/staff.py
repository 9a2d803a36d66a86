"""Who has an account: making one, its role, closing and opening it, and a new one-time link.

Called by the admin's pages and by `make nurse`. Everything is audited, and every change of
somebody's rights ends the sessions that were begun with the old ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from clinic.roles import Role, needs_second_factor, role_of
from desk import audit, invitations, sessions
from desk.accounts import Nurse, normal_address, view
from desk.errors import Conflict, NotFound, Unprocessable
from desk.invitations import Purpose
from desk.storage.staff_tables import InvitationRow, NurseRow

__all__ = [
    "Account",
    "MadeNurse",
    "State",
    "change_role",
    "find",
    "id_of",
    "list_accounts",
    "make_nurse",
    "new_link",
    "set_active",
]

# "invited": the link has not been used; "expired": nor can it be any more.
State = Literal["active", "invited", "expired", "closed"]
_LONGEST_NAME = 80


@dataclass(frozen=True)
class MadeNurse:
    """An account and the secret of its one-time link, which is shown this once."""

    nurse: Nurse
    token: str


@dataclass(frozen=True)
class Account:
    """One account as an admin sees it."""

    id: int
    email: str
    name: str
    role: Role
    state: State
    has_second_factor: bool
    seen_at: datetime | None


def make_nurse(
    session: Session,
    *,
    email: str,
    role: Role,
    now: datetime,
    name: str | None = None,
    by: str = "system",
) -> MadeNurse:
    """Make an account that its owner opens by the one-time link; `by` is the actor of the audit.

    Raises `Unprocessable` for something that is no e-mail address, `Conflict` when it has one.
    """
    address = normal_address(email)
    local, at, host = address.partition("@")
    if not (local and at and host) or any(char.isspace() for char in address):
        raise Unprocessable("Expected an e-mail address such as nurse@clinic.example.")
    if session.scalar(select(exists().where(NurseRow.email == address))):
        raise Conflict("There is already an account with this e-mail address.")
    row = NurseRow(
        email=address,
        name=((name or "").strip() or local)[:_LONGEST_NAME],
        role=role,
        password_hash="",
        active=True,
        available=False,
        created_at=now,
    )
    session.add(row)
    session.flush()
    token = invitations.issue(session, row, "welcome", now=now)
    audit.record_account(session, row.id, "nurse.made", by=by, detail=role, now=now)
    return MadeNurse(nurse=view(row, now=now), token=token)


def new_link(
    session: Session, nurse_id: int, purpose: Purpose, *, now: datetime, by: str = "system"
) -> MadeNurse:
    """Take the password away, or the second factor too, end every session, and give a new link.

    Raises `NotFound`, and `Conflict` for an account that is closed.
    """
    row = _row(session, nurse_id)
    if not row.active:
        raise Conflict("This account is closed. Open it first.")
    if purpose == "password" and needs_second_factor(role_of(row.role)) and not row.totp_secret:
        purpose = "second_factor"  # a password alone would not open it
    sessions.end_all(session, row.id, reason="closed", now=now)
    token = invitations.issue(session, row, purpose, now=now)
    audit.record_account(session, row.id, "nurse.link_made", by=by, detail=purpose, now=now)
    return MadeNurse(nurse=view(row, now=now), token=token)


def change_role(session: Session, nurse_id: int, role: Role, *, now: datetime, by: str) -> None:
    """Give the account another role, and end its sessions.

    Raises `NotFound`, and `Conflict` when the last admin would go or a second factor is missing.
    """
    row = _row(session, nurse_id)
    if row.role == role:
        return
    if row.password_hash and needs_second_factor(role) and row.totp_secret is None:
        raise Conflict(
            f"{row.name} has to set up a second factor first, under Settings: leads and admins "
            "need one."
        )
    _keep_an_admin(session, row)
    row.role = role
    sessions.end_all(session, row.id, reason="closed", now=now)
    audit.record_account(session, row.id, "nurse.role_changed", by=by, detail=role, now=now)


def set_active(session: Session, nurse_id: int, *, active: bool, now: datetime, by: str) -> None:
    """Close the account, which ends its sessions at once, or open it again.

    Raises `NotFound`, and `Conflict` when the last admin would go.
    """
    row = _row(session, nurse_id)
    if row.active == active:
        return
    if not active:
        _keep_an_admin(session, row)
    row.active = active
    sessions.end_all(session, row.id, reason="closed", now=now)
    audit.record_account(
        session, row.id, "nurse.opened" if active else "nurse.closed", by=by, now=now
    )


def list_accounts(session: Session, *, now: datetime) -> tuple[Account, ...]:
    """Every account, those in use first, by name."""
    rows = session.scalars(
        select(NurseRow).order_by(NurseRow.active.desc(), func.lower(NurseRow.name), NurseRow.id)
    )
    return tuple(_account(session, row, now=now) for row in rows)


def find(session: Session, nurse_id: int, *, now: datetime) -> Account:
    """One account. Raises `NotFound`."""
    return _account(session, _row(session, nurse_id, to_change=False), now=now)


def id_of(session: Session, email: str) -> int:
    """The account with that e-mail address. Raises `NotFound`."""
    found = session.scalar(select(NurseRow.id).where(NurseRow.email == normal_address(email)))
    if found is None:
        raise NotFound("There is no account with this e-mail address.")
    return found


def _row(session: Session, nurse_id: int, *, to_change: bool = True) -> NurseRow:
    row = session.get(NurseRow, nurse_id, with_for_update=to_change)
    if row is None:
        raise NotFound("There is no such account.")
    return row


def _account(session: Session, row: NurseRow, *, now: datetime) -> Account:
    state: State = "active"
    if not row.active:
        state = "closed"
    elif not row.password_hash:
        until = session.scalar(
            select(InvitationRow.expires_at).where(InvitationRow.nurse_id == row.id)
        )
        state = "invited" if until is not None and until > now else "expired"
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        role=role_of(row.role),
        state=state,
        has_second_factor=row.totp_secret is not None,
        seen_at=row.seen_at,
    )


def _keep_an_admin(session: Session, row: NurseRow) -> None:
    """Raises `Conflict` when without this one nobody could manage accounts any more."""
    # Locked, all of them: two admins must not close each other at the same time.
    admins = session.scalars(
        select(NurseRow.id)
        .where(NurseRow.role == "admin", NurseRow.active.is_(True), NurseRow.password_hash != "")
        .order_by(NurseRow.id)
        .with_for_update()
    ).all()
    if row.role == "admin" and set(admins) <= {row.id}:
        raise Conflict("This is the last admin. Make another one first.")
