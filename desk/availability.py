"""Whether patients can reach a nurse now, and what they are told about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from clinic.hours import is_open, next_opening
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import accounts, waiting_line
from desk.handoffs import due_time
from desk.promises import clock_time

__all__ = ["Availability", "find"]


@dataclass(frozen=True)
class Availability:
    """`next_opening` is None while the office is open, or when no opening is in sight."""

    schedule_open: bool
    nurse_present: bool
    live_chat: bool
    next_opening: datetime | None
    message: str


def find(session: Session, clinic: Clinic, *, now: datetime) -> Availability:
    """What holds now. Live chat needs both: staffed hours, and a nurse who is there."""
    nurse_present = accounts.nurse_present(session, now=now)
    schedule_open = is_open(clinic.schedule, now=now)
    opens = None if schedule_open else next_opening(clinic.schedule, now=now)
    due = due_time(clinic, Urgency.ROUTINE, now=now)
    if schedule_open:
        first = "The nurses' office is open."
    elif opens:
        first = f"The nurses' office is closed. It opens again at {clock_time(clinic, opens)}."
    else:
        first = "The nurses' office is closed."
    live_chat = schedule_open and nurse_present
    if live_chat:
        first += f" A nurse can chat with you here{_wait(session, clinic, now=now)}."
    if due:
        second = f"If you ask for a call now, a nurse calls you by {clock_time(clinic, due)}."
    else:
        second = "If you ask for a call now, a nurse calls you when the office opens again."
    return Availability(
        schedule_open=schedule_open,
        nurse_present=nurse_present,
        live_chat=live_chat,
        next_opening=opens,
        message=f"{first} {second}",
    )


def _wait(session: Session, clinic: Clinic, *, now: datetime) -> str:
    wait = waiting_line.expected_next(session, clinic, now=now)
    minutes = int(wait.total_seconds() // 60) if wait else 0
    if not minutes:
        return ""
    return f"; the wait is about {minutes} minute{'' if minutes == 1 else 's'}"
