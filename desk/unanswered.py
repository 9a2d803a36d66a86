"""Questions that the handout did not answer, kept until somebody decides about them.

A question is kept with what could identify its patient blacked out from the first moment on
(`clinic.redaction`), and again when the patient gives her name. It outlives its conversation, but
then nothing leads back to it; a patient who erases her chat takes it with her.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from clinic.redaction import redact
from clinic.turn import Ask, Kind, Turn
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.figure_tables import QuestionDecisionRow, UnansweredRow
from desk.storage.tables import EventRow, HandoffRow

__all__ = ["cut_loose", "forget", "judged", "keep", "named", "remove_decided_before"]

_WITHOUT_ANSWER: Final = frozenset({Kind.DECLINE, Kind.OUT_OF_SCOPE})
_LONGEST: Final = 1000  # characters


def keep(
    session: Session,
    conversation_id: str,
    *,
    question: str,
    reply_seq: int,
    said: str,
    turn: Turn,
    now: datetime,
) -> None:
    """Keep the question if the turn did not answer it.

    What was written when a name was asked for is not kept: it may be one.
    """
    asks_name = turn.handoff is not None and turn.handoff.asks_for is Ask.NAME
    if turn.kind in _WITHOUT_ANSWER and not asks_name:
        _add(session, conversation_id, question, reply_seq, said=said, kind=turn.kind, now=now)


def judged(
    session: Session,
    event: EventRow,
    *,
    helpful: bool,
    comment: str | None,
    now: datetime,
) -> None:
    """The patient said whether that reply helped.

    An answer that did not help is kept too, with the question before it, until she changes her
    mind or somebody has decided.
    """
    kept = session.scalar(
        select(UnansweredRow).where(
            UnansweredRow.conversation_id == event.conversation_id,
            UnansweredRow.reply_seq == event.seq,
        )
    )
    if kept is None and not helpful and _kind_of(event.turn) == Kind.ANSWER.value:
        question = _question_before(session, event)
        if question is None:
            return
        kept = _add(
            session,
            event.conversation_id,
            question,
            event.seq,
            said=event.text,
            kind=Kind.ANSWER,
            now=now,
        )
    if kept is None:
        return
    if kept.kind == Kind.ANSWER.value and helpful and kept.decision_id is None:
        session.delete(kept)
        return
    kept.helpful = helpful
    kept.comment = _safe(session, event.conversation_id, comment) if comment else None


def named(session: Session, conversation_id: str, name: str) -> None:
    """The patient gave her name: it goes from what was kept before."""
    rows = session.scalars(
        select(UnansweredRow).where(UnansweredRow.conversation_id == conversation_id)
    )
    for row in rows:
        row.question = redact(row.question, names=[name])
        row.comment = redact(row.comment, names=[name]) if row.comment else None


def forget(session: Session, conversation_id: str) -> None:
    """The patient erased the chat: her questions go, decided or not."""
    session.execute(
        delete(UnansweredRow)
        .where(UnansweredRow.conversation_id == conversation_id)
        .execution_options(synchronize_session=False)
    )


def cut_loose(session: Session, conversation_id: str) -> None:
    """The conversation has grown too old: its questions stay, and nothing leads back to it."""
    session.execute(
        update(UnansweredRow)
        .where(UnansweredRow.conversation_id == conversation_id)
        .values(conversation_id=None)
        .execution_options(synchronize_session=False)
    )


def remove_decided_before(session: Session, before: datetime) -> int:
    """Delete what was decided before that instant; how many questions that were."""
    old = select(QuestionDecisionRow.id).where(QuestionDecisionRow.at < before)
    gone = session.scalars(
        delete(UnansweredRow)
        .where(UnansweredRow.decision_id.in_(old))
        .returning(UnansweredRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        delete(QuestionDecisionRow)
        .where(
            QuestionDecisionRow.at < before,
            ~exists().where(UnansweredRow.decision_id == QuestionDecisionRow.id),
        )
        .execution_options(synchronize_session=False)
    )
    return len(gone)


def _add(
    session: Session,
    conversation_id: str,
    question: str,
    reply_seq: int,
    *,
    said: str,
    kind: Kind,
    now: datetime,
) -> UnansweredRow:
    row = UnansweredRow(
        conversation_id=conversation_id,
        reply_seq=reply_seq,
        at=now,
        kind=kind.value,
        question=_safe(session, conversation_id, question),
        said=said[:_LONGEST],
    )
    session.add(row)
    return row


def _safe(session: Session, conversation_id: str, text: str) -> str:
    """Without names that this patient gave, and without numbers; cut only then."""
    names = session.scalars(
        select(HandoffRow.name).where(
            (HandoffRow.conversation_id == conversation_id)
            | exists().where(
                CallbackRequestRow.handoff_id == HandoffRow.id,
                CallbackRequestRow.conversation_id == conversation_id,
            )
        )
    ).all()
    return redact(" ".join(text.split()), names=names)[:_LONGEST]


def _question_before(session: Session, event: EventRow) -> str | None:
    return session.scalar(
        select(EventRow.text)
        .where(
            EventRow.conversation_id == event.conversation_id,
            EventRow.author == "patient",
            EventRow.seq < event.seq,
        )
        .order_by(EventRow.seq.desc())
        .limit(1)
    )


def _kind_of(turn: dict[str, Any] | None) -> str:
    return str(turn.get("kind")) if turn else ""
