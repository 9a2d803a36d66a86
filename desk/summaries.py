"""The SBAR summary that a nurse reads before she calls: from what is known, nothing guessed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.storage.tables import ConversationRow, EventRow, HandoffRow

__all__ = ["alarm_words", "summarise"]

_ALARMS = {"emergency": "an emergency answer", "urgent": "an urgent answer"}


def alarm_words(session: Session, row: HandoffRow) -> str:
    """The patient's message that raised the alarm; empty when there was none or it was erased."""
    if row.alarm_seq is None:
        return ""
    event = session.get(EventRow, (row.conversation_id, row.alarm_seq))
    return event.text if event else ""


def summarise(session: Session, row: HandoffRow) -> str:
    """Four lines: situation, background, assessment, recommendation. No name, no number."""
    erased = session.get_one(ConversationRow, row.conversation_id).erased_at is not None
    parts = {
        "Situation": _situation(row, alarm_words(session, row)),
        "Background": "the patient erased the chat" if erased else _background(session, row),
        "Assessment": _assessment(session, row),
        "Recommendation": _recommendation(row, erased=erased),
    }
    return "\n".join(f"{name}: {_sentence(words)}" for name, words in parts.items())


def _situation(row: HandoffRow, words: str) -> str:
    said = []
    if row.alarm_seq is not None:
        quoted = f", in the patient's own words: “{' '.join(words.split())}”"
        said.append(f"emergency in the chat{quoted if words else ''}")
    if row.alarm_seq is None or row.reason:
        reason = "; ".join(row.reason.splitlines()) or "not known"
        in_chat = row.kind == "chat" and not row.phone
        wish = "asks for a nurse in the chat" if in_chat else "asks for a call"
        said.append(f"{wish.capitalize() if said else wish}. Reason: {reason}")
    return " ".join([*map(_sentence, said[:-1]), said[-1]])


def _background(session: Session, row: HandoffRow) -> str:
    messages = len(
        session.scalars(
            select(EventRow.seq).where(
                EventRow.conversation_id == row.conversation_id, EventRow.author == "patient"
            )
        ).all()
    )
    turns = _turns(session, row)
    sections = list(dict.fromkeys(name for turn in turns for name in turn["sections"]))
    declined = sum(1 for turn in turns if turn["kind"] == "decline")
    said = f"{messages} message{'' if messages == 1 else 's'} in the chat"
    if sections:
        said += f"; was shown {', '.join(sections)}"
    if declined:
        said += f"; {declined} not answered by the handout"
    return said


def _assessment(session: Session, row: HandoffRow) -> str:
    kinds = {turn["kind"] for turn in _turns(session, row)}
    alarms = [text for kind, text in _ALARMS.items() if kind in kinds]
    given = f"; the patient was given {' and '.join(alarms)}" if alarms else ""
    return f"{row.urgency}{given} (by the patient's words, not by a nurse)"


def _recommendation(row: HandoffRow, *, erased: bool) -> str:
    best = f"; best time: {row.best_time}" if row.best_time else ""
    if row.alarm_seq is None:
        in_chat = row.kind == "chat" and not row.phone
        return "answer in the chat" if in_chat else f"call back{best}"
    if row.phone:
        return f"call now{best}" if erased else f"read the chat and call now{best}"
    if erased:
        return "nobody can be reached; close this entry"
    return "read the chat now; there is no phone number yet"


def _turns(session: Session, row: HandoffRow) -> list[dict[str, Any]]:
    """What was said to the patient, by the assistant or, in an outage, by the desk."""
    found = session.scalars(
        select(EventRow.turn)
        .where(
            EventRow.conversation_id == row.conversation_id,
            EventRow.author.in_(("assistant", "system")),
        )
        .order_by(EventRow.seq)
    )
    return [turn for turn in found if turn]


def _sentence(words: str) -> str:
    """With one mark at its end, whatever the patient's words ended with."""
    bare = words.rstrip(" .")
    return bare if bare.rstrip("”").endswith(("?", "!", "…", ".")) else f"{bare}."
