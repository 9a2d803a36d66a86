"""Nurses' sessions: beginning one, whose session a token is, and every way in which one ends.

Tokens are kept as hashes. Who may begin one is decided in `desk.signing_in`. A session ends by
signing out, by standing idle, after a whole shift, or because its owner or an admin ends it; when
it was the nurse's last one, she has left (`desk.presence`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from desk import audit, presence
from desk.accounts import Nurse, is_there, view
from desk.audit import network_of
from desk.conversations import hash_token
from desk.errors import NotFound, NotSignedIn
from desk.presence import Reason
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow, NurseSessionRow

__all__ = [
    "ABSOLUTE_LIFE",
    "IDLE_LIFE",
    "OpenSession",
    "SignedIn",
    "authenticate",
    "begin",
    "end_all",
    "end_one",
    "is_live",
    "is_sweep_due",
    "list_open",
    "sign_out",
    "sweep",
]

# research/safety-security.md P5: idle logoff after 15 minutes, one shift at most.
IDLE_LIFE: Final = timedelta(minutes=15)
ABSOLUTE_LIFE: Final = timedelta(hours=8)
# How often a request is written down as a sign of life; well under PRESENCE_LIFE.
_SIGN_OF_LIFE: Final = timedelta(seconds=15)
_HANDLE: Final = 16  # hexadecimal digits of the hash; names a session among one nurse's own


@dataclass(frozen=True)
class SignedIn:
    """A new session; `token` goes into the cookie or the Authorization header."""

    nurse: Nurse
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class OpenSession:
    """One of a nurse's sessions as she sees it; `handle` names it, `network` is where it is from.

    `current`: the one she asks with.
    """

    handle: str
    begun_at: datetime
    used_at: datetime
    network: str
    current: bool


def begin(session: Session, row: NurseRow, *, peer: str, now: datetime) -> SignedIn:
    """Begin a session under a new token, whatever the browser brought along."""
    token = secrets.token_urlsafe(32)
    network = network_of(peer)
    session.add(
        NurseSessionRow(
            token_hash=hash_token(token),
            nurse_id=row.id,
            created_at=now,
            used_at=now,
            network=network,
        )
    )
    row.seen_at = now
    audit.record_account(session, row.id, "session.begun", detail=network, now=now)
    return SignedIn(view(row, now=now), token, now + ABSOLUTE_LIFE)


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
                presence.leave(session, known.id, reason="silent", now=now)
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
    if found is not None:
        session.delete(found)
        _ended(session, found.nurse_id, "session.ended", reason="signed_out", now=now)


def list_open(
    session: Session, nurse_id: int, *, token: str, now: datetime
) -> tuple[OpenSession, ...]:
    """The nurse's own sessions, the one used last in front."""
    rows = session.scalars(
        select(NurseSessionRow)
        .where(NurseSessionRow.nurse_id == nurse_id)
        .order_by(NurseSessionRow.used_at.desc())
    )
    current = hash_token(token)
    return tuple(
        OpenSession(
            handle=row.token_hash[:_HANDLE],
            begun_at=row.created_at,
            used_at=row.used_at,
            network=row.network,
            current=row.token_hash == current,
        )
        for row in rows
        if _alive(row, now=now)
    )


def end_one(session: Session, nurse_id: int, handle: str, *, now: datetime) -> None:
    """End one of the nurse's own sessions. Raises `NotFound`, also for somebody else's."""
    rows = session.scalars(select(NurseSessionRow).where(NurseSessionRow.nurse_id == nurse_id))
    found = next((row for row in rows if row.token_hash[:_HANDLE] == handle), None)
    if found is None:
        raise NotFound("This sign-in has already ended.")
    session.delete(found)
    _ended(session, nurse_id, "session.ended", reason="signed_out", now=now)


def end_all(
    session: Session, nurse_id: int, *, but: str = "", reason: Reason, now: datetime
) -> int:
    """End every session of the nurse except that of the token `but`; how many ended."""
    ended = session.scalars(
        delete(NurseSessionRow)
        .where(NurseSessionRow.nurse_id == nurse_id, NurseSessionRow.token_hash != hash_token(but))
        .returning(NurseSessionRow.token_hash)
    ).all()
    if ended:
        _ended(session, nurse_id, "session.all_ended", reason=reason, now=now)
    return len(ended)


def is_sweep_due(session: Session, *, now: datetime) -> bool:
    """Whether `sweep` has something to do; reads only."""
    return bool(session.scalar(select(exists().where(_dead(now)))))


def sweep(session: Session, *, now: datetime) -> None:
    """End the sessions that stood idle or lasted a whole shift."""
    dead = session.execute(
        delete(NurseSessionRow)
        .where(_dead(now))
        .returning(NurseSessionRow.nurse_id, NurseSessionRow.used_at)
    ).all()
    for nurse_id, used_at in dead:
        reason: Reason = "idle" if now - used_at >= IDLE_LIFE else "ran_out"
        _ended(session, nurse_id, f"session.{reason}", reason=reason, now=now)


def _ended(session: Session, nurse_id: int, action: str, *, reason: Reason, now: datetime) -> None:
    session.flush()
    audit.record_account(session, nurse_id, action, now=now)
    left = session.scalar(select(exists().where(NurseSessionRow.nurse_id == nurse_id)))
    if not left:
        presence.leave(session, nurse_id, reason=reason, now=now)


def _alive(row: NurseSessionRow, *, now: datetime) -> bool:
    return now - row.used_at < IDLE_LIFE and now - row.created_at < ABSOLUTE_LIFE


def _dead(now: datetime) -> ColumnElement[bool]:
    idle = NurseSessionRow.used_at <= now - IDLE_LIFE
    return idle | (NurseSessionRow.created_at <= now - ABSOLUTE_LIFE)
