"""The SBAR summary that a nurse reads before she calls: from what is known, nothing guessed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.storage.tables import EventRow, HandoffRow

__all__ = ["summarise"]

_ALARMS = {"emergency": "an emergency answer", "urgent": "an urgent answer"}


def summarise(session: Session, row: HandoffRow) -> str:
    """Four lines: situation, background, assessment, recommendation. No name, no number."""
    events = session.execute(
        select(EventRow.author, EventRow.turn)
        .where(EventRow.conversation_id == row.conversation_id)
        .order_by(EventRow.seq)
    ).all()
    messages = sum(1 for author, _ in events if author == "patient")
    turns = [turn for author, turn in events if author == "assistant" and turn]
    sections = list(dict.fromkeys(name for turn in turns for name in turn["sections"]))
    declined = sum(1 for turn in turns if turn["kind"] == "decline")
    alarms = [text for kind, text in _ALARMS.items() if any(t["kind"] == kind for t in turns)]
    reason = "; ".join(row.reason.splitlines()) or "not known any more"
    background = f"{messages} message{'' if messages == 1 else 's'} in the chat"
    if sections:
        background += f"; was shown {', '.join(sections)}"
    if declined:
        background += f"; {declined} not answered by the handout"
    given = " and ".join(alarms)
    assessment = f"{row.urgency}" + (f"; the assistant gave {given}" if alarms else "")
    best = f"; best time: {row.best_time}" if row.best_time else ""
    return (
        f"Situation: asks for a call. Reason: {reason.rstrip('.')}.\n"
        f"Background: {background}.\n"
        f"Assessment: {assessment} (by the patient's words, not by a nurse).\n"
        f"Recommendation: call back{best}".rstrip(".")
        + "."
    )
