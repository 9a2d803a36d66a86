"""What patients say of replies: kept with the conversation, counted, and noted at the question."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from desk import chat_counts, unanswered
from desk.errors import NotFound
from desk.storage.tables import EventRow, FeedbackRow

__all__ = ["store"]


def store(
    session: Session,
    conversation_id: str,
    *,
    seq: int,
    helpful: bool,
    comment: str | None,
    now: datetime,
) -> None:
    """Keep whether the event helped; a second opinion replaces the first.

    Raises `NotFound` when the conversation has no event of that number by the assistant or a nurse.
    """
    event = session.get(EventRow, (conversation_id, seq))
    if event is None or event.author not in {"assistant", "nurse"}:
        raise NotFound("There is no reply of that number in this chat.")
    before = session.get(FeedbackRow, (conversation_id, seq))
    if event.author == "assistant" and event.turn:
        chat_counts.judged(
            session,
            conversation_id,
            kind=str(event.turn.get("kind")),
            helpful=helpful,
            before=before.helpful if before else None,
        )
        unanswered.judged(session, event, helpful=helpful, comment=comment, now=now)
    session.merge(
        FeedbackRow(
            conversation_id=conversation_id, seq=seq, at=now, helpful=helpful, comment=comment
        )
    )
