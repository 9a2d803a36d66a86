"""Nurses' sessions: signing in and out, and whose session a token is.

Tokens are kept as hashes. A refused sign-in says the same and takes as long whichever part was
wrong. The accounts themselves stand in `desk.accounts`.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from desk import audit, throttle
from desk.accounts import HASHER, Nurse, is_there, normal_address, view
from desk.conversations import hash_token
from desk.errors import NotSignedIn
from desk.storage.database import Database
from desk.storage.tables import NurseRow, NurseSessionRow

__all__ = [
    "ABSOLUTE_LIFE",
    "IDLE_LIFE",
    "SignedIn",
    "authenticate",
    "is_live",
    "sign_in",
    "sign_out",
]

# research/safety-security.md P5: idle logoff after 15 minutes, one shift at most.
IDLE_LIFE: Final = timedelta(minutes=15)
ABSOLUTE_LIFE: Final = timedelta(hours=8)
# How often a request is written down as a sign of life; well under PRESENCE_LIFE.
_SIGN_OF_LIFE: Final = timedelta(seconds=15)

# Checked when the e-mail is unknown, so that the answer takes as long; nobody knows its password.
_DECOY: Final = HASHER.hash(secrets.token_urlsafe(32))
# Each check takes 19 MiB and a core; a flood of them must not stall the chat.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_REFUSAL: Final = "The e-mail or the password is not right. Please check both and try again."


@dataclass(frozen=True)
class SignedIn:
    """A new session; `token` goes into the cookie or the Authorization header."""

    nurse: Nurse
    token: str
    expires_at: datetime


def sign_in(database: Database, *, email: str, password: str, peer: str, now: datetime) -> SignedIn:
    """Begin a session. Takes the database, for no transaction may be open while Argon2 works.

    Raises `NotSignedIn`, in the same words whatever was wrong, or `TooManyTries` after repeated
    failures for this account from this peer, whether the account exists or not.
    """
    address = normal_address(email)
    keys = throttle.keys(account=address, peer=peer)
    with database.write() as session:
        # Counted before the check: tries that come all at once cannot slip through together.
        throttle.take(session, keys, now=now)
        row = session.scalar(select(NurseRow).where(NurseRow.email == address))
        stored = row.password_hash if row and row.active else _DECOY
    right = _verify(stored, password)
    with database.write() as session:
        row = session.scalar(
            select(NurseRow).where(NurseRow.email == address, NurseRow.active.is_(True))
        )
        if row is None or not right or row.password_hash != stored:
            audit.record(
                session,
                actor="system",
                action="session.refused",
                object_kind="session",
                object_id=row.id if row else "unknown",
                now=now,
            )
            refused = True
        else:
            refused = False
            throttle.forget(session, keys)
            token = secrets.token_urlsafe(32)
            session.add(
                NurseSessionRow(
                    token_hash=hash_token(token), nurse_id=row.id, created_at=now, used_at=now
                )
            )
            row.seen_at = now
            audit.record(
                session,
                actor=f"nurse:{row.id}",
                action="session.begun",
                object_kind="nurse",
                object_id=row.id,
                now=now,
            )
            signed_in = SignedIn(view(row, now=now), token, now + ABSOLUTE_LIFE)
    if refused:
        raise NotSignedIn(_REFUSAL)
    return signed_in


def authenticate(database: Database, token: str, *, now: datetime, acting: bool = True) -> Nurse:
    """The nurse whose session it is; counts as her sign of life. Raises `NotSignedIn`.

    A page that asks by itself whether there is news passes `acting=False`: it shows that the nurse
    is there, but an idle session still ends.
    """
    digest = hash_token(token)
    with database.read() as session:
        found = session.get(NurseSessionRow, digest)
        row = session.get(NurseRow, found.nurse_id) if found else None
    if found is None or row is None or not row.active or not _alive(found, now=now):
        raise NotSignedIn("Please sign in.")
    noted_at = found.used_at if acting else row.seen_at
    if noted_at is None or now - noted_at >= _SIGN_OF_LIFE:
        with database.write() as session:
            kept = session.get(NurseSessionRow, digest)
            known = session.get(NurseRow, found.nurse_id)
            if kept is None or known is None or not known.active:
                raise NotSignedIn("Please sign in.")
            # Away for longer than a presence lasts is away until she says otherwise.
            if known.available and not is_there(known, now=now):
                known.available = False
            known.seen_at = now
            if acting:
                kept.used_at = now
            return view(known, now=now)
    return view(row, now=now)


def is_live(session: Session, token: str, *, now: datetime) -> bool:
    """Whether the session goes on; asking is no sign of life."""
    found = session.get(NurseSessionRow, hash_token(token))
    row = session.get(NurseRow, found.nurse_id) if found else None
    return found is not None and row is not None and row.active and _alive(found, now=now)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End the session, and the presence of the nurse unless she has another one."""
    found = session.get(NurseSessionRow, hash_token(token))
    if found is None:
        return
    nurse_id = found.nurse_id
    session.delete(found)
    session.flush()
    others = session.scalar(select(exists().where(NurseSessionRow.nurse_id == nurse_id)))
    if not others:
        session.execute(update(NurseRow).where(NurseRow.id == nurse_id).values(available=False))
    session.execute(delete(NurseSessionRow).where(NurseSessionRow.used_at < now - ABSOLUTE_LIFE))
    audit.record(
        session,
        actor=f"nurse:{nurse_id}",
        action="session.ended",
        object_kind="nurse",
        object_id=nurse_id,
        now=now,
    )


def _verify(stored: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return HASHER.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _alive(row: NurseSessionRow, *, now: datetime) -> bool:
    return now - row.used_at < IDLE_LIFE and now - row.created_at < ABSOLUTE_LIFE
