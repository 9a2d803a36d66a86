"""The open queue in few words, for nurses' screens that follow it as it changes.

No names, numbers or words of patients: whoever wants those reads the handoff, which is audited.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.turn import Urgency
from desk.nurse_queue import rank
from desk.signals import PATIENT, Signals
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import ConversationRow, HandoffRow

__all__ = ["Board", "changes", "load"]

Board = dict[int, dict[str, Any]]
"""The open handoffs by id, the one to take first in front."""


def load(session: Session, signals: Signals, *, now: datetime) -> Board:
    """What is open now."""
    rows = session.execute(
        select(HandoffRow, ConversationRow, NurseRow.name)
        .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        .outerjoin(NurseRow, NurseRow.id == HandoffRow.assigned_to)
        .where(HandoffRow.state != "resolved")
    ).all()
    placed = sorted(
        rows,
        key=lambda found: rank(Urgency(found[0].urgency), found[0].due_at, found[0].id, now=now),
    )
    return {row.id: _item(row, chat, name, signals, now=now) for row, chat, name in placed}


def changes(before: Board | None, after: Board) -> Iterator[dict[str, Any]]:
    """What a screen that shows `before` has to be told to show `after`."""
    if before is None:
        yield {"type": "queue", "handoffs": list(after.values())}
        return
    for number in before.keys() - after.keys():
        yield {"type": "gone", "id": number}
    for number, item in after.items():
        if before.get(number) != item:
            yield {"type": "handoff", **item}
    if [number for number in before if number in after] + [
        number for number in after if number not in before
    ] != list(after):
        yield {"type": "order", "ids": list(after)}


def _item(
    row: HandoffRow, chat: ConversationRow, nurse: str | None, signals: Signals, *, now: datetime
) -> dict[str, Any]:
    typing = signals.typing(row.conversation_id, now=now)
    return {
        "id": row.id,
        "conversation": row.conversation_id,
        "kind": row.kind,
        "urgency": row.urgency,
        "state": row.state,
        "reference": row.reference,
        "waiting_since": row.created_at.isoformat(),
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "overdue": row.due_at is not None and row.due_at < now,
        "alarmed_at": row.alarmed_at.isoformat() if row.alarmed_at else None,
        "assigned_to": nurse,
        "floor": chat.floor,
        "last_seq": chat.last_seq,
        "seen_by_patient": chat.seen_by_patient,
        "seen_by_nurse": chat.seen_by_nurse,
        "patient_typing": PATIENT in typing,
        "nurses_typing": [who for who in typing if who != PATIENT],
        "looking": list(signals.looking(row.conversation_id, now=now)),
    }
