"""Turns: a patient's message and the reply that the assistant owes to it.

Both are written in one transaction before the patient's page hears of it. A pending turn leaves the
table in the transaction that writes its reply, so a crash at any moment loses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.settings import Clinic
from clinic.turn import Handoff, HandoffState, Kind, Turn
from desk import conversations
from desk.rasa_client import Reply
from desk.storage.tables import ConversationRow, EventRow, PendingTurnRow

__all__ = [
    "LONGEST_TEXT",
    "DueTurn",
    "accept_message",
    "close",
    "due",
    "finish",
    "postpone",
    "tell_outage",
]

LONGEST_TEXT: Final = 4000  # characters of one message

_OFFER: Final = Turn(kind=Kind.HANDOFF, handoff=Handoff(HandoffState.OFFERED))


@dataclass(frozen=True)
class DueTurn:
    """The oldest unanswered message of a conversation, due to be sent to the assistant.

    `tries` counts the failed ones before, `refusals` those of them in which it was reached.
    """

    conversation_id: str
    seq: int
    message_id: str
    text: str
    created_at: datetime
    tries: int
    refusals: int


def accept_message(
    session: Session, conversation_id: str, *, client_message_id: str, text: str, now: datetime
) -> int:
    """Store the message and its pending turn; its `seq`. The same id again is the same message."""
    # Holds back a second copy of the request where the database has row locks; SQLite's writers
    # come one by one anyway.
    session.execute(
        select(ConversationRow.id).where(ConversationRow.id == conversation_id).with_for_update()
    )
    known = session.scalar(
        select(EventRow.seq).where(
            EventRow.conversation_id == conversation_id,
            EventRow.client_message_id == client_message_id,
        )
    )
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
        )
    )
    return event.seq


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
        )
        for row, text in rows
    )


def finish(session: Session, turn: DueTurn, reply: Reply, *, now: datetime) -> bool:
    """Write the reply and end the turn; false when it was ended or erased in the meantime."""
    row = session.get(PendingTurnRow, (turn.conversation_id, turn.seq))
    if row is None:
        return False
    session.delete(row)
    conversations.append(
        session,
        turn.conversation_id,
        author="assistant",
        text=reply.text,
        buttons=reply.buttons,
        turn=reply.turn.to_json(),
        now=now,
    )
    _conversation(session, turn).outage_told_at = None
    return True


def postpone(
    session: Session,
    turn: DueTurn,
    clinic: Clinic,
    *,
    wait: timedelta,
    refused: bool,
    now: datetime,
) -> None:
    """Try again after `wait`, and tell the patient, once in an outage."""
    row = session.get(PendingTurnRow, (turn.conversation_id, turn.seq))
    if row is None:
        return
    row.tries += 1
    row.refusals += refused
    row.next_try_at = now + wait
    tell_outage(session, turn, clinic, now=now)


def tell_outage(session: Session, turn: DueTurn, clinic: Clinic, *, now: datetime) -> None:
    """Tell the patient that the reply is late, unless that was said in this outage already."""
    pending = session.get(PendingTurnRow, (turn.conversation_id, turn.seq))
    conversation = _conversation(session, turn)
    if pending is not None and conversation.outage_told_at is None:
        conversation.outage_told_at = now
        _say(session, turn, f"{_KEPT} {_way_to_a_nurse(clinic)}", now=now)


def close(session: Session, turn: DueTurn, clinic: Clinic, *, now: datetime) -> None:
    """End a turn that cannot be answered, and tell the patient so."""
    row = session.get(PendingTurnRow, (turn.conversation_id, turn.seq))
    if row is None:
        return
    session.delete(row)
    # The patient now knows; the next failure of the same outage says it in its own close.
    _conversation(session, turn).outage_told_at = now
    _say(session, turn, f"{_GIVEN_UP} {_way_to_a_nurse(clinic)}", now=now)


_KEPT: Final = (
    "The assistant cannot answer right now. Your message is kept and will be answered here as soon "
    "as the assistant is back."
)
_GIVEN_UP: Final = (
    "I am sorry, the assistant could not answer this message. You can ask again in other words."
)


def _way_to_a_nurse(clinic: Clinic) -> str:
    call = f", or call the clinic at {clinic.phone}" if clinic.phone else ""
    return (
        f"If you need help sooner, ask a nurse to call you back on the page /callback{call}. "
        f"In an emergency call {clinic.emergency_number} now."
    )


def _say(session: Session, turn: DueTurn, text: str, *, now: datetime) -> None:
    conversations.append(
        session,
        turn.conversation_id,
        author="system",
        text=text,
        turn=_OFFER.to_json(),
        now=now,
    )


def _conversation(session: Session, turn: DueTurn) -> ConversationRow:
    return session.get_one(ConversationRow, turn.conversation_id, populate_existing=True)
