"""Every request of a patient in one call-back: the same patient who asks twice is one entry.

The same patient is the same conversation, or another one that gives the same number and the same
name: somebody who has opened the page again, or used the form after the chat. The call-back then
holds both messages, each with its time and with the words of consent that were agreed to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from clinic import consent
from desk.errors import Unprocessable
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.tables import ConversationRow, HandoffRow, NoteRow

__all__ = [
    "PatientRequest",
    "add",
    "check_consent_version",
    "forget",
    "forget_erased",
    "joined_handoff",
    "requests_of",
    "requests_of_each",
    "same_patient",
]


@dataclass(frozen=True)
class PatientRequest:
    """What a patient asked for at one time; `withdrawn_at` is set once she took it back."""

    conversation_id: str
    at: datetime
    reason: str
    best_time: str
    consent_version: str
    withdrawn_at: datetime | None


def check_consent_version(version: str) -> None:
    """Raises `Unprocessable` for words that nobody was ever shown."""
    if version not in consent.TEXTS:
        raise Unprocessable(f"consent_version has to be one of {', '.join(consent.TEXTS)}.")


def add(
    session: Session,
    row: HandoffRow,
    *,
    conversation_id: str,
    reason: str,
    best_time: str,
    consent_version: str,
    now: datetime,
) -> None:
    """Keep one more request of the call-back."""
    session.add(
        CallbackRequestRow(
            handoff_id=row.id,
            conversation_id=conversation_id,
            at=now,
            reason=reason,
            best_time=best_time,
            consent_version=consent_version,
        )
    )
    session.flush()


def requests_of(session: Session, handoff_id: int) -> tuple[PatientRequest, ...]:
    """Every request, the first one first."""
    return requests_of_each(session, [handoff_id]).get(handoff_id, ())


def requests_of_each(
    session: Session, handoff_ids: Collection[int]
) -> dict[int, tuple[PatientRequest, ...]]:
    """The requests by handoff, the first one first; a handoff without any is not in it."""
    rows = session.scalars(
        select(CallbackRequestRow)
        .where(CallbackRequestRow.handoff_id.in_(handoff_ids))
        .order_by(CallbackRequestRow.id)
    )
    found: defaultdict[int, list[PatientRequest]] = defaultdict(list)
    for row in rows:
        request = PatientRequest(
            conversation_id=row.conversation_id,
            at=row.at,
            reason=row.reason,
            best_time=row.best_time,
            consent_version=row.consent_version,
            withdrawn_at=row.withdrawn_at,
        )
        found[row.handoff_id].append(request)
    return {handoff_id: tuple(requests) for handoff_id, requests in found.items()}


def joined_handoff(session: Session, conversation_id: str) -> HandoffRow | None:
    """The open call-back that a request of this conversation stands in; the newest of several."""
    return session.scalar(
        select(HandoffRow)
        .where(
            HandoffRow.state != "resolved",
            exists().where(
                CallbackRequestRow.handoff_id == HandoffRow.id,
                CallbackRequestRow.conversation_id == conversation_id,
            ),
        )
        .order_by(HandoffRow.id.desc())
        .limit(1)
    )


def same_patient(session: Session, *, name: str, phone: str) -> HandoffRow | None:
    """The open call-back of another conversation with this number and this name."""
    # Two first requests at the very same time may miss each other where there are many writers;
    # they are then two entries, which a nurse sees by the name.
    rows = session.scalars(
        select(HandoffRow)
        .where(
            HandoffRow.state != "resolved",
            HandoffRow.kind == "callback",
            HandoffRow.phone == phone,
        )
        .order_by(HandoffRow.id)
    )
    return next((row for row in rows if _folded(row.name) == _folded(name)), None)


def forget(session: Session, conversation_id: str) -> None:
    """An erased conversation: its words in closed call-backs go; open ones need theirs."""
    rows = session.scalars(
        select(CallbackRequestRow)
        .join(HandoffRow, HandoffRow.id == CallbackRequestRow.handoff_id)
        .where(
            CallbackRequestRow.conversation_id == conversation_id, HandoffRow.state == "resolved"
        )
    ).all()
    _blank(session, list(rows))


def forget_erased(session: Session, handoff_id: int) -> None:
    """A closed call-back: what it kept of conversations that were erased meanwhile goes."""
    rows = session.scalars(
        select(CallbackRequestRow)
        .join(ConversationRow, ConversationRow.id == CallbackRequestRow.conversation_id)
        .where(CallbackRequestRow.handoff_id == handoff_id, ConversationRow.erased_at.is_not(None))
    ).all()
    for row in rows:
        session.execute(delete(NoteRow).where(NoteRow.conversation_id == row.conversation_id))
    _blank(session, list(rows))


def _blank(session: Session, rows: list[CallbackRequestRow]) -> None:
    for row in rows:
        row.reason = row.best_time = ""
    session.flush()
    for handoff_id in {row.handoff_id for row in rows}:
        left = [request.reason for request in requests_of(session, handoff_id) if request.reason]
        session.get_one(HandoffRow, handoff_id).reason = "\n".join(dict.fromkeys(left))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
