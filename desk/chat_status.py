"""What a patient's page shows beside the log: who answers, the place in line, who types.

None of it is an event: it is computed from the store and from signs of this moment.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.settings import Clinic
from desk import floor, waiting_line
from desk.chat_lines import name_of
from desk.signals import Signals
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import ConversationRow

__all__ = ["Status", "find"]


@dataclass(frozen=True)
class Status:
    """`position` and `wait_minutes` only while waiting; `nurse` and `typing` only in a chat.

    `wait_minutes` is None where no nurse is there; `seen` is the last event a nurse has seen.
    """

    floor: str
    nurse: str | None = None
    position: int | None = None
    wait_minutes: int | None = None
    typing: bool = False
    seen: int = 0

    @property
    def passing(self) -> bool:
        """Whether it changes with time alone: a wait gets shorter, a sign of typing ends."""
        return self.floor in {Holder.WAITING.value, Holder.NURSE.value}

    def to_json(self) -> dict[str, Any]:
        """As the patient's API shows it."""
        return asdict(self)


def find(
    session: Session, clinic: Clinic, signals: Signals, conversation_id: str, *, now: datetime
) -> Status:
    """What holds now in a conversation that is there."""
    row = session.get_one(ConversationRow, conversation_id)
    held = floor.view(row)
    if held.holder is Holder.WAITING:
        place = waiting_line.place(session, clinic, conversation_id, now=now)
        wait = place.wait if place else None
        return Status(
            floor=held.holder.value,
            position=place.position if place else None,
            wait_minutes=int(wait.total_seconds() // 60) if wait else None,
            seen=row.seen_by_nurse,
        )
    if held.nurse is None:
        return Status(floor=held.holder.value, seen=row.seen_by_nurse)
    nurse = session.get(NurseRow, held.nurse)
    types = nurse is not None and nurse.name in signals.typing(conversation_id, now=now)
    return Status(
        floor=held.holder.value,
        nurse=name_of(session, held.nurse),
        typing=types,
        seen=row.seen_by_nurse,
    )
