"""How often somebody may try to sign in: per account and peer, and per peer, never a hard lock.

The row is written whether the account exists or not, so a refusal tells nothing about it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from desk.errors import TooManyTries
from desk.storage.staff_tables import SignInThrottleRow

__all__ = ["FREE_TRIES", "Key", "code_key", "forget", "keys", "take"]

# [opinion] Five slips are human; from then on 30 s, doubling: about twelve more tries an hour.
FREE_TRIES: Final = 5
_FREE_TRIES_OF_A_PEER: Final = 40  # a clinic's nurses share one address
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(minutes=15)
_FORGOTTEN_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Key:
    """What is counted, as a hash, and how many tries are free."""

    digest: str
    free: int


def keys(*, account: str, peer: str) -> tuple[Key, ...]:
    """What one try counts against: the account from this peer, and the peer."""
    return (
        Key(hashlib.sha256(f"account\0{account}\0{peer}".encode()).hexdigest(), FREE_TRIES),
        Key(hashlib.sha256(f"peer\0{peer}".encode()).hexdigest(), _FREE_TRIES_OF_A_PEER),
    )


def code_key(nurse_id: int) -> Key:
    """What a code of the second factor counts against, tried with the right password."""
    return Key(hashlib.sha256(f"code\0{nurse_id}".encode()).hexdigest(), FREE_TRIES)


def take(session: Session, counted: tuple[Key, ...], *, now: datetime) -> None:
    """Count one try, before it is known whether it is right; raises `TooManyTries`."""
    session.execute(
        delete(SignInThrottleRow).where(SignInThrottleRow.last_at < now - _FORGOTTEN_AFTER)
    )
    rows = [session.get(SignInThrottleRow, key.digest) for key in counted]
    waits = [row.blocked_until for row in rows if row and row.blocked_until]
    until = max(waits, default=now)
    if until > now:
        raise TooManyTries(
            "There were too many tries. Please wait and try again later.",
            retry_after_seconds=int((until - now).total_seconds()) + 1,
        )
    for key, found in zip(counted, rows, strict=True):
        row = found or SignInThrottleRow(key=key.digest, failures=0, last_at=now)
        row.failures += 1
        row.last_at = now
        over = row.failures - key.free
        if over >= 0:
            row.blocked_until = now + min(_FIRST_WAIT * 2 ** min(over, 10), _LONGEST_WAIT)
        session.add(row)
    session.flush()


def forget(session: Session, counted: tuple[Key, ...]) -> None:
    """After a right password: the account's count begins anew, the peer's goes down by one try."""
    for key in counted:
        row = session.get(SignInThrottleRow, key.digest)
        if row is None:
            continue
        if key.free == FREE_TRIES:
            session.delete(row)
        else:
            row.failures = max(0, row.failures - 1)
            row.blocked_until = None
