"""A chat for the patient to keep: everything that was said, as plain text in clinic time.

Nurses' notes are no part of it. That it was downloaded is audited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from clinic.settings import Clinic
from desk import audit, conversations
from desk.conversations import Event
from desk.promises import clock_time

__all__ = ["as_text", "export"]

_RULE = "-" * 40


def export(session: Session, conversation_id: str, *, now: datetime) -> tuple[Event, ...]:
    """All events of a conversation that the caller has opened; needs a writing session."""
    audit.record(
        session,
        actor="patient",
        action="conversation.exported",
        object_kind="conversation",
        object_id=conversation_id,
        now=now,
    )
    return conversations.events_after(session, conversation_id)


def as_text(events: Sequence[Event], clinic: Clinic, *, now: datetime) -> str:
    """The chat as people read it: who said what and when, with the clinic's numbers on top."""
    head = [f"{clinic.name}: your chat", f"Saved at {clock_time(clinic, now)}."]
    if clinic.phone:
        head.append(f"The clinic's phone: {clinic.phone}")
    head.append(f"In an emergency call {clinic.emergency_number}.")
    said = (f"{_who(event)}, {_when(clinic, event.at)}\n{_plain(event.text)}" for event in events)
    return f"\n{_RULE}\n".join(("\n".join(head), *said)) + "\n"


def _who(event: Event) -> str:
    match event.author:
        case "patient":
            return "You"
        case "assistant":
            return "Automatic assistant"
        case "nurse":
            return f"{event.name}, a nurse" if event.name else "A nurse"
        case _:
            return "The clinic's chat"


def _when(clinic: Clinic, at: datetime) -> str:
    return clock_time(clinic, at).removesuffix(" (clinic time)")


def _plain(text: str) -> str:
    # A line of the patient's own must not look like the end of what was said.
    return "\n".join(f"  {line}" for line in text.splitlines())
