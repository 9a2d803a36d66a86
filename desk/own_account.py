"""What somebody changes of her own account: password, second factor, recovery codes.

Each asks for the password anew, so that an open screen is not enough. Called by the settings page.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from clinic.roles import needs_second_factor, role_of
from desk import audit, passwords, second_factor, sessions
from desk.errors import Conflict, Unprocessable
from desk.signing_in import confirm
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow

__all__ = [
    "begin_second_factor",
    "change_password",
    "finish_second_factor",
    "has_second_factor",
    "pending_secret",
    "remove_second_factor",
    "renew_recovery_codes",
]


def change_password(
    database: Database,
    nurse_id: int,
    *,
    current: str,
    new: str,
    token: str,
    clinic: str,
    peer: str,
    now: datetime,
) -> None:
    """Set a new password, and end every other session than the one of `token`.

    Raises `Unprocessable` and `TooManyTries`.
    """
    _confirm(database, nurse_id, current, peer=peer, now=now)
    with database.read() as session:
        row = session.get_one(NurseRow, nurse_id)
    passwords.check_new(new, about=(row.name, row.email, clinic))
    kept = passwords.keep(new)
    with database.write() as session:
        session.get_one(NurseRow, nurse_id).password_hash = kept
        sessions.end_all(session, nurse_id, but=token, reason="signed_out", now=now)
        audit.record_account(session, nurse_id, "nurse.password_set", detail="settings", now=now)


def has_second_factor(session: Session, nurse_id: int) -> bool:
    """Whether the account asks for a code."""
    return session.get_one(NurseRow, nurse_id).totp_secret is not None


def begin_second_factor(
    database: Database, nurse_id: int, *, password: str, peer: str, now: datetime
) -> str:
    """A new secret to show; it counts once `finish_second_factor` has seen a code of it."""
    _confirm(database, nurse_id, password, peer=peer, now=now)
    with database.write() as session:
        row = session.get_one(NurseRow, nurse_id)
        row.totp_pending = second_factor.new_secret()
        return row.totp_pending


def finish_second_factor(
    session: Session, nurse_id: int, *, code: str, token: str, now: datetime
) -> tuple[str, ...]:
    """Have the account ask for codes from now on; the recovery codes. Ends the other sessions.

    Raises `Unprocessable` for a wrong code, `Conflict` when nothing was begun.
    """
    row = session.get_one(NurseRow, nurse_id, with_for_update=True)
    if row.totp_pending is None:
        raise Conflict("This was finished already, or begun anew. Please start again.")
    step = second_factor.matching_step(row.totp_pending, code, after=None, now=now)
    if step is None:
        raise Unprocessable(
            "The code is not right. Please type the six digits that the app shows now."
        )
    codes = second_factor.set_up(session, row, secret=row.totp_pending, step=step, now=now)
    sessions.end_all(session, nurse_id, but=token, reason="signed_out", now=now)
    return codes


def pending_secret(session: Session, nurse_id: int) -> str | None:
    """The secret that was begun and not proved yet."""
    return session.get_one(NurseRow, nurse_id).totp_pending


def remove_second_factor(
    database: Database, nurse_id: int, *, password: str, peer: str, now: datetime
) -> None:
    """Have the account ask for no code any more. Raises `Conflict` for leads and admins."""
    _confirm(database, nurse_id, password, peer=peer, now=now)
    with database.write() as session:
        row = session.get_one(NurseRow, nurse_id)
        if needs_second_factor(role_of(row.role)):
            raise Conflict("Leads and admins need a second factor.")
        second_factor.forget(session, row)
        audit.record_account(session, nurse_id, "nurse.second_factor_removed", now=now)


def renew_recovery_codes(
    database: Database, nurse_id: int, *, password: str, peer: str, now: datetime
) -> tuple[str, ...]:
    """New recovery codes; the earlier ones are good no more."""
    _confirm(database, nurse_id, password, peer=peer, now=now)
    with database.write() as session:
        row = session.get_one(NurseRow, nurse_id)
        if row.totp_secret is None:
            raise Conflict("Recovery codes belong to a second factor. Set that up first.")
        return second_factor.new_recovery_codes(session, row, now=now)


def _confirm(database: Database, nurse_id: int, password: str, *, peer: str, now: datetime) -> None:
    if not confirm(database, nurse_id=nurse_id, password=password, peer=peer, now=now):
        with database.write() as session:
            audit.record_account(session, nurse_id, "nurse.password_refused", now=now)
        raise Unprocessable("The password is not right. Please try again.")
