"""Where a patient stands in the line for a nurse in the chat, and how long it will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.settings import Clinic
from clinic.turn import Urgency
from clinic.waiting_line import expected_wait, usual_length
from desk import accounts
from desk.nurse_queue import rank
from desk.storage.tables import ConversationRow, HandoffRow

__all__ = ["Place", "expected_next", "place"]

_MEASURED: Final = 20  # the last chats, of which the usual length is the median


@dataclass(frozen=True)
class Place:
    """`position` is 1 for the next one; `wait` is None where no nurse is there."""

    position: int
    wait: timedelta | None


def place(session: Session, clinic: Clinic, conversation_id: str, *, now: datetime) -> Place | None:
    """The conversation's place, by the order of the nurses' queue; None when it does not wait.

    Before it are those who wait in the chat and every emergency that nobody has taken.
    """
    rows = session.execute(
        select(HandoffRow.conversation_id, HandoffRow.urgency, HandoffRow.due_at, HandoffRow.id)
        .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        .where(
            HandoffRow.state == "waiting",
            (ConversationRow.floor == Holder.WAITING.value)
            | (HandoffRow.urgency == Urgency.EMERGENCY.value),
        )
    ).all()
    line = sorted(
        (rank(Urgency(row.urgency), row.due_at, row.id, now=now), row.conversation_id)
        for row in rows
    )
    ids = [conversation for _, conversation in line]
    if conversation_id not in ids:
        return None
    ahead = ids.index(conversation_id)
    return Place(ahead + 1, _wait(session, clinic, ahead=ahead, now=now))


def expected_next(session: Session, clinic: Clinic, *, now: datetime) -> timedelta | None:
    """How long somebody who asks now would wait; None where no nurse is there."""
    ahead = session.scalar(
        select(func.count())
        .select_from(ConversationRow)
        .where(ConversationRow.floor == Holder.WAITING.value)
    )
    return _wait(session, clinic, ahead=ahead or 0, now=now)


def _wait(session: Session, clinic: Clinic, *, ahead: int, now: datetime) -> timedelta | None:
    busy = session.scalar(
        select(func.count(func.distinct(ConversationRow.floor_nurse_id))).where(
            ConversationRow.floor == Holder.NURSE.value
        )
    )
    return expected_wait(
        ahead=ahead,
        nurses=accounts.count_present(session, now=now),
        busy=busy or 0,
        usual=_usual(session, clinic),
    )


def _usual(session: Session, clinic: Clinic) -> timedelta:
    rows = session.execute(
        select(HandoffRow.claimed_at, HandoffRow.resolved_at)
        .where(
            HandoffRow.kind == "chat",
            HandoffRow.state == "resolved",
            HandoffRow.claimed_at.is_not(None),
        )
        .order_by(HandoffRow.resolved_at.desc())
        .limit(_MEASURED)
    ).all()
    return usual_length(
        [ended - begun for begun, ended in rows if begun and ended and ended > begun],
        otherwise=clinic.chat.usual_chat,
    )
