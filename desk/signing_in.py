"""Signing in: e-mail, password and, where the account has one, a code of the second factor.

A refusal says the same and takes as long whichever part was wrong. Leads and admins never get in by
a password alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.roles import needs_second_factor, role_of
from desk import audit, passwords, second_factor, sessions, throttle
from desk.accounts import normal_address
from desk.audit import network_of
from desk.errors import NotSignedIn, TooManyTries
from desk.sessions import SignedIn
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow

__all__ = ["confirm", "sign_in"]

_REFUSAL: Final = (
    "The e-mail, the password or the code is not right. Please check them and try again."
)


def sign_in(
    database: Database,
    *,
    email: str,
    password: str,
    code: str = "",
    peer: str,
    replaces: str = "",
    now: datetime,
) -> SignedIn:
    """Begin a session. Takes the database, for no transaction may be open while Argon2 works.

    `replaces` is the token of the session that the browser had until now; it ends. Raises
    `NotSignedIn`, in the same words whatever was wrong, or `TooManyTries` after repeated failures
    for this account from this peer, whether the account exists or not.
    """
    address = normal_address(email)
    keys = throttle.keys(account=address, peer=peer)
    stored = _take_a_try(database, address, keys, now=now)
    right = passwords.verify(stored, password)
    signed_in: SignedIn | None = None
    with database.write() as session:
        row = session.scalar(select(NurseRow).where(NurseRow.email == address))
        wrong = _what_is_wrong(session, row if right else None, stored=stored, code=code, now=now)
        if row is None or wrong:
            audit.record(
                session,
                actor="system",
                action="session.refused",
                object_kind="session",
                object_id=row.id if row else "unknown",
                detail=f"{wrong} {network_of(peer)}".strip(),
                now=now,
            )
        else:
            throttle.forget(session, keys)
            signed_in = sessions.begin(session, row, peer=peer, now=now)
            # After the new one has begun: she has not left in between.
            sessions.sign_out(session, replaces, now=now)
    if signed_in is None:
        raise NotSignedIn(_REFUSAL)
    return signed_in


def confirm(database: Database, *, nurse_id: int, password: str, peer: str, now: datetime) -> bool:
    """Whether it is the password of this signed-in person, asked anew before a grave change.

    Counts as a try of signing in; raises `TooManyTries` like it.
    """
    with database.read() as session:
        address = session.get_one(NurseRow, nurse_id).email
    keys = throttle.keys(account=address, peer=peer)
    stored = _take_a_try(database, address, keys, now=now)
    right = passwords.verify(stored, password)
    if right:
        with database.write() as session:
            throttle.forget(session, keys)
    return right


def _take_a_try(
    database: Database, address: str, keys: tuple[throttle.Key, ...], *, now: datetime
) -> str:
    """Count the try before it is known whether it is right; the stored password to check.

    Tries that come all at once cannot slip through together.
    """
    with database.write() as session:
        throttle.take(session, keys, now=now)
        row = session.scalar(select(NurseRow).where(NurseRow.email == address))
        return row.password_hash if row and row.active else ""


def _what_is_wrong(
    session: Session, row: NurseRow | None, *, stored: str, code: str, now: datetime
) -> str:
    """What was wrong, for the audit alone, empty if nothing; `row` is None if the password was."""
    if row is None or not row.active or row.password_hash != stored:
        return "password"
    if row.totp_secret is None:
        return "no_second_factor" if needs_second_factor(role_of(row.role)) else ""
    # Guessing codes with a stolen password: counted for the account, wherever the tries come from.
    try:
        throttle.take(session, (throttle.code_key(row.id),), now=now)
    except TooManyTries:
        return "code_tries"
    if not second_factor.passes(session, row, code, now=now):
        return "code"
    throttle.forget(session, (throttle.code_key(row.id),))
    return ""
