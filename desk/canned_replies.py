"""Canned replies of the nurses: those of the clinic, which leads keep, and everybody's own.

Changing one is audited; using one is a message like any other. Called by the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.canned_replies import PLACEHOLDERS, fill, is_shortcut, unknown_placeholders
from clinic.roles import Permission, may
from clinic.settings import Clinic
from desk import audit
from desk.accounts import Nurse
from desk.errors import Conflict, NotAllowed, NotFound, Unprocessable
from desk.storage.console_tables import CannedReplyRow
from desk.turns import LONGEST_TEXT

__all__ = ["CannedReply", "add", "change", "filled_for", "remove", "replies_for"]

_NOT_HERS: Final = "There is no such reply of yours."


@dataclass(frozen=True)
class CannedReply:
    """`shortcut` is what is typed after the slash; a `shared` one is the whole clinic's."""

    id: int
    shortcut: str
    text: str
    shared: bool


def replies_for(session: Session, nurse: Nurse) -> tuple[CannedReply, ...]:
    """What the nurse may use, by shortcut; of two with one name, her own first."""
    rows = session.scalars(
        select(CannedReplyRow)
        .where(CannedReplyRow.owner_id.is_(None) | (CannedReplyRow.owner_id == nurse.id))
        .order_by(CannedReplyRow.shortcut, CannedReplyRow.owner_id.is_(None), CannedReplyRow.id)
    )
    return tuple(_view(row) for row in rows)


def filled_for(session: Session, nurse: Nurse, clinic: Clinic) -> tuple[CannedReply, ...]:
    """The same with the nurse's name and the clinic's in their places."""
    values = {"nurse": nurse.name, "clinic": clinic.name, "phone": clinic.phone or ""}
    return tuple(
        CannedReply(reply.id, reply.shortcut, fill(reply.text, values), reply.shared)
        for reply in replies_for(session, nurse)
    )


def add(
    session: Session, *, nurse: Nurse, shortcut: str, text: str, shared: bool, now: datetime
) -> CannedReply:
    """Keep a new one.

    Raises `Unprocessable` for a wrong name or text, `Conflict` for a name that is taken, and
    `NotAllowed` for a shared one by somebody who may not.
    """
    _check_may(nurse, shared=shared)
    row = CannedReplyRow(
        owner_id=None if shared else nurse.id,
        shortcut=_checked_shortcut(shortcut),
        text=_checked_text(text),
        changed_by=nurse.id,
        changed_at=now,
    )
    session.add(row)
    _store(session, row.shortcut)
    _audit(session, nurse, "added", row, now=now)
    return _view(row)


def change(
    session: Session, reply_id: int, *, nurse: Nurse, shortcut: str, text: str, now: datetime
) -> CannedReply:
    """Give it other words or another name. Raises as `add` does, and `NotFound`."""
    row = _find(session, reply_id, nurse)
    row.shortcut, row.text = _checked_shortcut(shortcut), _checked_text(text)
    row.changed_by, row.changed_at = nurse.id, now
    _store(session, row.shortcut)
    _audit(session, nurse, "changed", row, now=now)
    return _view(row)


def remove(session: Session, reply_id: int, *, nurse: Nurse, now: datetime) -> None:
    """Take it away. Raises `NotFound` and `NotAllowed`."""
    row = _find(session, reply_id, nurse)
    session.delete(row)
    _audit(session, nurse, "removed", row, now=now)


def _find(session: Session, reply_id: int, nurse: Nurse) -> CannedReplyRow:
    row = session.get(CannedReplyRow, reply_id)
    if row is None or row.owner_id not in {None, nurse.id}:
        raise NotFound(_NOT_HERS)
    _check_may(nurse, shared=row.owner_id is None)
    return row


def _check_may(nurse: Nurse, *, shared: bool) -> None:
    if shared and not may(nurse.role, Permission.EDIT_SHARED_REPLIES):
        raise NotAllowed("Replies for everybody are kept by the leads. Yours you can change.")


def _checked_shortcut(shortcut: str) -> str:
    word = shortcut.strip().removeprefix("/").lower()
    if not is_shortcut(word):
        raise Unprocessable("The name has to be small letters, digits and hyphens, such as ice.")
    return word


def _checked_text(text: str) -> str:
    words = text.replace("\0", "").strip()
    if not words or len(words) > LONGEST_TEXT:
        raise Unprocessable(f"The text has to have 1 to {LONGEST_TEXT} characters.")
    if unknown := unknown_placeholders(words):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise Unprocessable(f"In braces can stand {known}; {{{unknown[0]}}} is not known.")
    return words


def _store(session: Session, shortcut: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"There is a reply of the name {shortcut} already.") from error


def _view(row: CannedReplyRow) -> CannedReply:
    return CannedReply(row.id, row.shortcut, row.text, shared=row.owner_id is None)


def _audit(
    session: Session, nurse: Nurse, what: str, row: CannedReplyRow, *, now: datetime
) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=f"canned_reply.{what}",
        object_kind="canned_reply",
        object_id=row.id,
        detail="own" if row.owner_id else "shared",
        now=now,
    )
