"""Erasing a conversation: every word goes, in the assistant too; an open handoff keeps its own.

The row stays without words, so that its token is answered with 410.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from desk import audit, call_history, callback_requests, floor, unanswered
from desk.storage.database import touch
from desk.storage.tables import (
    ConversationRow,
    ErrandRow,
    EventRow,
    FeedbackRow,
    HandoffRow,
    NoteRow,
    PendingTurnRow,
)

__all__ = ["Erasure", "erase", "take_words"]

_WORDS: Final = (EventRow, PendingTurnRow, FeedbackRow)
# A try that timed out may still be under way in Rasa when the tracker is forgotten; the second
# errand comes after any such try has ended.
_SECOND_FORGETTING = timedelta(seconds=60)


@dataclass(frozen=True)
class Erasure:
    """What an erase left behind: the reference of the open handoff that is kept, if any.

    `kept_details`: the handoff has the patient's name and number, for the call.
    """

    kept_reference: str | None
    kept_details: bool


def erase(session: Session, conversation_id: str, *, now: datetime) -> Erasure:
    """Take every word of the conversation, and have the assistant's memory of it erased too.

    An open handoff with a number keeps its own reason, name, number and time, one without keeps
    only that there was an emergency, or else is closed. Closed ones lose all of that.
    """
    kept = _kept_handoff(session, conversation_id, now=now)
    take_words(session, conversation_id, keep_notes=kept is not None, now=now)
    session.execute(
        update(HandoffRow)
        .where(HandoffRow.conversation_id == conversation_id, HandoffRow.state == "resolved")
        .values(reason="", name="", phone="", best_time="", triage={}, note=None)
        .execution_options(synchronize_session=False)
    )
    for closed in session.scalars(
        select(HandoffRow.id).where(
            HandoffRow.conversation_id == conversation_id, HandoffRow.state == "resolved"
        )
    ):
        call_history.forget_notes(session, closed)
    callback_requests.forget(session, conversation_id)
    unanswered.forget(session, conversation_id)
    audit.record(
        session,
        actor="patient",
        action="conversation.erased",
        object_kind="conversation",
        object_id=conversation_id,
        now=now,
    )
    return Erasure(
        kept_reference=kept.reference if kept else None,
        kept_details=kept is not None and kept.phone != "",
    )


def take_words(session: Session, conversation_id: str, *, keep_notes: bool, now: datetime) -> None:
    """Delete what was said, in the assistant's memory too, and leave the row without words.

    `keep_notes`: the nurses still need what they noted about it.
    """
    tried = session.scalar(
        select(
            exists().where(
                PendingTurnRow.conversation_id == conversation_id, PendingTurnRow.tries > 0
            )
        )
    )
    for table in _WORDS if keep_notes else (*_WORDS, NoteRow):
        session.execute(delete(table).where(table.conversation_id == conversation_id))
    floor.end(session, conversation_id, now=now)
    session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .values(erased_at=now)
        .execution_options(synchronize_session=False)
    )
    due = [now, now + _SECOND_FORGETTING] if tried else [now]
    for kind, times in {"forget_tracker": due, "checkpoint": [now]}.items():
        session.add_all(
            ErrandRow(
                kind=kind, object_id=conversation_id, created_at=now, next_try_at=time, tries=0
            )
            for time in times
        )
    touch(session, conversation_id)


def _kept_handoff(session: Session, conversation_id: str, *, now: datetime) -> HandoffRow | None:
    """The open handoff that care still needs, if there is one."""
    row = session.scalar(
        select(HandoffRow).where(
            HandoffRow.conversation_id == conversation_id, HandoffRow.state != "resolved"
        )
    )
    if row is None:
        return callback_requests.joined_handoff(session, conversation_id)
    if row.phone:
        return row
    row.reason, row.triage = "", {}  # without a number they serve nobody
    if row.alarm_seq is not None:
        return row
    row.state, row.outcome, row.resolved_at = "resolved", "patient_left", now
    session.flush()
    return None
