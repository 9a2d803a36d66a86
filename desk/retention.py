"""Retention: what is older than the clinic keeps it goes by itself, as `clinic.yml` says.

Conversations lose their words, like those that patients erase; closed call-backs are deleted; the
audit trail is cut off in front. What an open handoff needs stays, however old, and so do questions
without an answer until somebody has decided. Ages are counted from the last thing said and from the
closing, in elapsed time, so no clock change matters. One thing at a time in a transaction of its
own: what a crash leaves is done by the next look.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from clinic.settings import Retention
from desk import audit, unanswered
from desk.callback_requests import joined_handoff
from desk.erasing import take_words
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.database import Database
from desk.storage.figure_tables import ChatCountsRow, PastHandoffRow
from desk.storage.tables import (
    ConversationRow,
    ErrandRow,
    EventRow,
    HandoffKeyRow,
    HandoffRow,
    NoteRow,
)

__all__ = ["Removed", "apply"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removed:
    """How many of each sort went."""

    conversations: int
    handoffs: int
    audit: int
    questions: int = 0


def apply(database: Database, retention: Retention, *, now: datetime) -> Removed:
    """Remove all that is due; nothing when called again at once."""
    handoffs = 0
    for handoff_id in _due_handoffs(database, now - retention.handoffs):
        with database.write() as session:
            handoffs += _delete_handoff(session, handoff_id, now=now)
    conversations = 0
    for conversation_id in _due_conversations(database, now - retention.conversations):
        with database.write() as session:
            conversations += _erase(
                session, conversation_id, before=now - retention.conversations, now=now
            )
    with database.write() as session:
        entries = audit.remove_before(session, now - retention.audit, now=now)
        questions = unanswered.remove_decided_before(session, now - retention.handoffs)
        _remove_counts(session, before=now - retention.audit)
    removed = Removed(conversations, handoffs, entries, questions)
    if removed != Removed(0, 0, 0):
        _log.info(
            "retention.applied conversations=%d handoffs=%d audit=%d questions=%d",
            removed.conversations,
            removed.handoffs,
            removed.audit,
            removed.questions,
        )
    return removed


def _due_conversations(database: Database, before: datetime) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(ConversationRow.id).where(_is_old(before))))


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Not erased yet, nothing said since, and no open handoff."""
    last_said = (
        select(func.max(EventRow.at))
        .where(EventRow.conversation_id == ConversationRow.id)
        .scalar_subquery()
    )
    is_open = exists().where(
        HandoffRow.conversation_id == ConversationRow.id, HandoffRow.state != "resolved"
    )
    return (
        ConversationRow.erased_at.is_(None)
        & (ConversationRow.created_at < before)
        & (func.coalesce(last_said, ConversationRow.created_at) < before)
        & ~is_open
    )


def _erase(session: Session, conversation_id: str, *, before: datetime, now: datetime) -> int:
    # Somebody may have written since, or asked for a nurse.
    still = session.scalar(
        select(ConversationRow.id).where(ConversationRow.id == conversation_id, _is_old(before))
    )
    if still is None or joined_handoff(session, conversation_id) is not None:
        return 0
    take_words(session, conversation_id, keep_notes=_has_handoff(session, conversation_id), now=now)
    unanswered.cut_loose(session, conversation_id)
    audit.record(
        session,
        actor="system",
        action="conversation.erased_by_age",
        object_kind="conversation",
        object_id=conversation_id,
        now=now,
    )
    return 1


def _due_handoffs(database: Database, before: datetime) -> list[int]:
    with database.read() as session:
        return list(
            session.scalars(
                select(HandoffRow.id).where(
                    HandoffRow.state == "resolved", HandoffRow.resolved_at < before
                )
            )
        )


def _delete_handoff(session: Session, handoff_id: int, *, now: datetime) -> int:
    # A closed one is never opened again, so nothing can have changed since it was found.
    row = session.get(HandoffRow, handoff_id)
    if row is None:
        return 0
    conversations = {row.conversation_id} | set(
        session.scalars(
            select(CallbackRequestRow.conversation_id).where(
                CallbackRequestRow.handoff_id == handoff_id
            )
        )
    )
    session.add(_remembered(row))
    session.execute(delete(HandoffKeyRow).where(HandoffKeyRow.handoff_id == handoff_id))
    # Its calls, requests and promises go with it (ON DELETE CASCADE).
    session.execute(delete(HandoffRow).where(HandoffRow.id == handoff_id))
    for conversation_id in conversations:
        if not _has_handoff(session, conversation_id):
            session.execute(delete(NoteRow).where(NoteRow.conversation_id == conversation_id))
    session.add(
        ErrandRow(
            kind="checkpoint",
            object_id=row.conversation_id,
            created_at=now,
            next_try_at=now,
            tries=0,
        )
    )
    audit.record(
        session,
        actor="system",
        action="handoff.deleted_by_age",
        object_kind="handoff",
        object_id=handoff_id,
        now=now,
    )
    return 1


def _remembered(row: HandoffRow) -> PastHandoffRow:
    """What the figures go on needing."""
    return PastHandoffRow(
        asked_at=row.created_at,
        kind=row.kind,
        urgency=row.urgency,
        taken_at=row.first_claimed_at,
        answered_at=row.first_answered_at,
        call_offered=row.call_offered_at is not None,
        outcome=row.outcome,
    )


def _remove_counts(session: Session, *, before: datetime) -> None:
    session.execute(delete(PastHandoffRow).where(PastHandoffRow.asked_at < before))
    session.execute(delete(ChatCountsRow).where(ChatCountsRow.begun_at < before))


def _has_handoff(session: Session, conversation_id: str) -> bool:
    of_its_own = exists().where(HandoffRow.conversation_id == conversation_id)
    joined = exists().where(CallbackRequestRow.conversation_id == conversation_id)
    return bool(session.scalar(select(of_its_own | joined)))
