"""The tables of people with accounts, and of how they sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime

__all__ = [
    "InvitationRow",
    "NurseRow",
    "NurseSessionRow",
    "RecoveryCodeRow",
    "SignInThrottleRow",
]


class NurseRow(Base):
    """One person's account. `password_hash` is empty until she has used her one-time link.

    `totp_secret` is that of her second factor, `totp_step` the half minute of the last code used;
    `totp_pending` a secret that she has been shown and has not proved yet. `available` is her own
    word; it counts while `seen_at` is fresh.
    """

    __tablename__ = "nurses"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    available: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]
    totp_pending: Mapped[str | None] = mapped_column(String(64))


class NurseSessionRow(Base):
    """One sign-in, and the network it is from; only the token's hash is kept."""

    __tablename__ = "nurse_sessions"
    __table_args__ = (Index(None, "nurse_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nurse_id: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime] = mapped_column(UtcDateTime())
    network: Mapped[str] = mapped_column(String(64), server_default="")


class InvitationRow(Base):
    """A one-time link by which somebody sets her own password; gone once it is used.

    `kind` says what it is for (`desk.invitations`); an account has one at most.
    """

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("nurse_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nurse_id: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())


class RecoveryCodeRow(Base):
    """A code that opens the account once in place of the second factor, as its hash."""

    __tablename__ = "recovery_codes"

    nurse_id: Mapped[int] = mapped_column(ForeignKey("nurses.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class SignInThrottleRow(Base):
    """Failed sign-ins of one account from one peer, under a hash of both."""

    __tablename__ = "sign_in_throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime())
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
