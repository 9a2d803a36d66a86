"""What the desk says to a patient on the way to a nurse, in a live chat and out of it again.

Every line stands in the log and carries the turn that says the same to machines. Words are plain:
who answers now, how long it takes, what to do if that is too long.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from clinic.settings import Clinic
from clinic.turn import Handoff, HandoffState, Kind, Turn
from desk import conversations
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import HandoffRow
from desk.waiting_line import Place

__all__ = [
    "AGAIN",
    "ASK_FOR_A_CALL",
    "in_line",
    "minutes",
    "name_of",
    "say",
    "worse",
]

AGAIN: Final = "The assistant answers you here again. You can ask for a nurse at any time."
# The payload is what the patient is seen to say; the assistant knows it as a wish for a nurse.
ASK_FOR_A_CALL: Final = {"title": "Ask for a call", "payload": "I want a nurse to call me"}


def in_line(place: Place | None) -> str:
    """Where the patient stands and how long it takes, as far as it is known."""
    if place is None:
        return "You are in line for a nurse, here in the chat."
    if place.position == 1:
        first = "You are next in line for a nurse, here in the chat."
    else:
        first = f"You are number {place.position} in line for a nurse, here in the chat."
    if place.wait is None:
        return f"{first} No nurse is at the desk at this moment."
    return f"{first} It takes about {minutes(place)}."


def minutes(place: Place) -> str:
    """The wait in words."""
    count = int(place.wait.total_seconds() // 60) if place.wait else 0
    return "1 minute" if count <= 1 else f"{count} minutes"


def worse(clinic: Clinic) -> str:
    """What to do when it gets worse."""
    return f"If you are in danger, or it gets worse, call {clinic.emergency_number} now."


def name_of(session: Session, nurse_id: int | None) -> str:
    """The nurse's name for the patient."""
    row = session.get(NurseRow, nurse_id) if nurse_id else None
    return row.name if row else "The nurse"


def say(
    session: Session,
    row: HandoffRow,
    text: str,
    state: HandoffState,
    *,
    now: datetime,
    nurse_id: int | None = None,
    offers_call: bool = False,
) -> None:
    """Write the line into the patient's chat; `nurse_id` is the nurse it tells of."""
    turn = Turn(kind=Kind.HANDOFF, handoff=Handoff(state, reference=row.reference))
    conversations.append(
        session,
        row.conversation_id,
        author="system",
        text=text,
        turn=turn.to_json(),
        buttons=(ASK_FOR_A_CALL,) if offers_call else (),
        nurse_id=nurse_id,
        now=now,
    )
