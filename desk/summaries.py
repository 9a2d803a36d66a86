"""What a nurse needs to know before she calls, read from the store: the facts of an SBAR summary.

Beside them the patient's own words with the places that tell of danger (`desk.flag_marks`). The
words of the summary are `desk.sbar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.treated_when import treated
from desk.flag_marks import Mark, marks_in
from desk.sbar import Facts, TreatmentTold
from desk.storage.tables import ConversationRow, EventRow, HandoffRow

__all__ = ["Quote", "Summary", "alarm_words", "summarise"]

_MOST_QUOTES: Final = 6  # the latest messages that tell of danger; the whole chat stands below
_READ_BACK: Final = 40  # messages of the patient that are looked through


@dataclass(frozen=True)
class Quote:
    """The patient's own words; `seq` is the message's, None for the reason of a call."""

    seq: int | None
    at: datetime
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Summary:
    """What `desk.sbar` writes the four lines from; `quotes` are in the order of the chat."""

    facts: Facts
    quotes: tuple[Quote, ...]


def alarm_words(session: Session, row: HandoffRow) -> str:
    """The patient's message that raised the alarm; empty when there was none or it was erased."""
    if row.alarm_seq is None:
        return ""
    event = session.get(EventRow, (row.conversation_id, row.alarm_seq))
    return event.text if event else ""


def summarise(session: Session, row: HandoffRow) -> Summary:
    """What a nurse needs first. No name, no number."""
    said = _said(session, row)
    quotes = _quotes(row, said)
    turns = _turns(session, row)
    told = [found for event in said if (found := _treatment_told(event))]
    facts = Facts(
        urgency=row.urgency,
        reference=row.reference,
        asked_at=row.created_at,
        waits_in_chat=row.kind == "chat" and not row.phone,
        can_be_called=bool(row.phone),
        best_time=row.best_time,
        alarmed=row.alarm_seq is not None,
        alarm_words=alarm_words(session, row),
        reasons=tuple(row.reason.splitlines()),
        answers=row.triage or {},
        erased=session.get_one(ConversationRow, row.conversation_id).erased_at is not None,
        treatment=told[-1] if told else None,
        messages=len(said),
        and_more=len(said) == _READ_BACK,
        shown=tuple((turn.get("document"), name) for turn in turns for name in turn["sections"]),
        declined=sum(1 for turn in turns if turn["kind"] == "decline"),
        given=frozenset(turn["kind"] for turn in turns),
        marks=tuple(mark for quote in quotes for mark in quote.marks),
    )
    return Summary(facts, quotes)


def _said(session: Session, row: HandoffRow) -> list[EventRow]:
    """The patient's latest messages, the oldest first."""
    found = session.scalars(
        select(EventRow)
        .where(EventRow.conversation_id == row.conversation_id, EventRow.author == "patient")
        .order_by(EventRow.seq.desc())
        .limit(_READ_BACK)
    ).all()
    return list(reversed(found))


def _quotes(row: HandoffRow, said: list[EventRow]) -> tuple[Quote, ...]:
    """What raised the alarm and the reason, and other words that tell of danger or deny it."""
    marked = [Quote(event.seq, event.at, event.text, marks_in(event.text)) for event in said]
    telling = [quote for quote in marked if quote.marks or quote.seq == row.alarm_seq]
    alarm = [quote for quote in telling[:-_MOST_QUOTES] if quote.seq == row.alarm_seq]
    told = {quote.text for quote in telling}
    reasons = [
        Quote(None, row.created_at, reason, marks_in(reason))
        for reason in row.reason.splitlines()
        if reason not in told
    ]
    return (*alarm, *telling[-_MOST_QUOTES:], *reasons)


def _treatment_told(event: EventRow) -> TreatmentTold | None:
    found = treated(event.text, now=event.at)
    if found is None:
        return None
    return TreatmentTold(" ".join(event.text[found.start : found.end].split()), event.seq, event.at)


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
