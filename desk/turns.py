"""Turns: a patient's message and the reply that the assistant owes to it.

Both are written in one transaction before the patient's page hears of it. A pending turn leaves the
table in the transaction that writes its reply, so a crash at any moment loses and doubles nothing.
While a nurse has the floor, or is waited for, the assistant owes nothing: such a turn is withdrawn,
and only waits until the desk's own alarm has looked at it (`desk.outages`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.settings import Clinic
from clinic.turn import Handoff, HandoffState, Kind, Turn, Urgency
from desk import conversations, floor, handoffs, unanswered
from desk.rasa_client import Reply
from desk.storage.tables import ConversationRow, EventRow, PendingTurnRow

__all__ = ["LONGEST_TEXT", "DueTurn", "accept_message", "due", "finish", "is_known"]

_URGENCIES: Final = tuple(Urgency)
# Whoever was told by the desk whom to call is not told again when the assistant is back.
_TOLD_BEFORE: Final = (
    "I can read your message again now. What you were told here still holds, and the nurses have "
    "your message. You can go on writing."
)
LONGEST_TEXT: Final = 4000  # characters of one message


@dataclass(frozen=True)
class DueTurn:
    """The oldest unanswered message of a conversation, due to be sent to the assistant.

    `tries` counts the failed ones before, `refusals` those of them in which it was reached. A
    `withdrawn` one is not for the assistant any more.
    """

    conversation_id: str
    seq: int
    message_id: str
    text: str
    created_at: datetime
    tries: int
    refusals: int
    withdrawn: bool = False


def accept_message(
    session: Session, conversation_id: str, *, client_message_id: str, text: str, now: datetime
) -> int:
    """Store the message and its pending turn; its `seq`. The same id again is the same message.

    The turn is withdrawn from the start unless the assistant has the floor.
    """
    # Holds back a second copy of the request where the database has row locks; SQLite's writers
    # come one by one anyway.
    session.execute(
        select(ConversationRow.id).where(ConversationRow.id == conversation_id).with_for_update()
    )
    known = _stored_seq(session, conversation_id, client_message_id)
    if known is not None:
        return known
    event = conversations.append(
        session,
        conversation_id,
        author="patient",
        text=text,
        client_message_id=client_message_id,
        now=now,
    )
    session.add(
        PendingTurnRow(
            conversation_id=conversation_id,
            seq=event.seq,
            message_id=client_message_id,
            created_at=now,
            next_try_at=now,
            tries=0,
            refusals=0,
            withdrawn=floor.read(session, conversation_id).holder is not Holder.ASSISTANT,
        )
    )
    return event.seq


def is_known(session: Session, conversation_id: str, client_message_id: str) -> bool:
    """Whether the message is already stored, so that sending it again asks for nothing new."""
    return _stored_seq(session, conversation_id, client_message_id) is not None


def due(
    session: Session, *, now: datetime, busy: Collection[str], limit: int
) -> tuple[DueTurn, ...]:
    """The first pending turn of each conversation that is not `busy`, where its time has come."""
    first = (
        select(PendingTurnRow.conversation_id, func.min(PendingTurnRow.seq).label("seq"))
        .group_by(PendingTurnRow.conversation_id)
        .subquery()
    )
    rows = session.execute(
        select(PendingTurnRow, EventRow.text)
        .join(
            first,
            (PendingTurnRow.conversation_id == first.c.conversation_id)
            & (PendingTurnRow.seq == first.c.seq),
        )
        .join(
            EventRow,
            (EventRow.conversation_id == PendingTurnRow.conversation_id)
            & (EventRow.seq == PendingTurnRow.seq),
        )
        .where(PendingTurnRow.next_try_at <= now, PendingTurnRow.conversation_id.not_in(list(busy)))
        .order_by(PendingTurnRow.next_try_at)
        .limit(limit)
    ).all()
    return tuple(
        DueTurn(
            conversation_id=row.conversation_id,
            seq=row.seq,
            message_id=row.message_id,
            text=text,
            created_at=row.created_at,
            tries=row.tries,
            refusals=row.refusals,
            withdrawn=row.withdrawn,
        )
        for row, text in rows
    )


def finish(session: Session, turn: DueTurn, reply: Reply, clinic: Clinic, *, now: datetime) -> bool:
    """Write the reply and end the turn; false when it was ended or erased in the meantime.

    With an emergency's reply the conversation goes on top of the nurses' queue, and the patient is
    shown the reference. Such a reply is said even if a nurse got the floor while it was under way;
    any other one is dropped then.
    """
    floor.read(session, turn.conversation_id)  # a nurse takes it before this or after it
    row = session.get(PendingTurnRow, (turn.conversation_id, turn.seq), populate_existing=True)
    if row is None:
        return False
    withdrawn, told = row.withdrawn, row.alarm_said
    session.delete(row)
    said = reply.turn
    if withdrawn and said.kind is not Kind.EMERGENCY:
        return False
    if said.kind is Kind.EMERGENCY:
        reference = handoffs.raise_alarm(
            session, clinic, turn.conversation_id, message_seq=turn.seq, by="assistant", now=now
        )
        said = _queued(said, reference)
    text = reply.text
    if told and said.urgency and _URGENCIES.index(said.urgency) <= _URGENCIES.index(Urgency(told)):
        text, said = _TOLD_BEFORE, _told_before(session, turn.conversation_id, Urgency(told))
    event = conversations.append(
        session,
        turn.conversation_id,
        author="assistant",
        text=text,
        buttons=reply.buttons if text == reply.text else (),
        turn=said.to_json(),
        now=now,
    )
    unanswered.keep(
        session,
        turn.conversation_id,
        question=turn.text,
        reply_seq=event.seq,
        said=text,
        turn=said,
        now=now,
    )
    conversation = session.get_one(ConversationRow, turn.conversation_id, populate_existing=True)
    conversation.outage_told_at = None
    return True


def _told_before(session: Session, conversation_id: str, urgency: Urgency) -> Turn:
    """The turn of a late reply to what the desk itself has answered in the outage."""
    row = handoffs.open_handoff(session, conversation_id)
    queued = Handoff(HandoffState.QUEUED, reference=row.reference) if row else None
    return Turn(kind=Kind.HANDOFF, urgency=urgency, handoff=queued)


def _queued(said: Turn, reference: str) -> Turn:
    # A form that was under way goes on asking for the same.
    asks_for = said.handoff.asks_for if said.handoff else None
    return replace(said, handoff=Handoff(HandoffState.QUEUED, asks_for, reference))


def _stored_seq(session: Session, conversation_id: str, client_message_id: str) -> int | None:
    return session.scalar(
        select(EventRow.seq).where(
            EventRow.conversation_id == conversation_id,
            EventRow.client_message_id == client_message_id,
        )
    )
