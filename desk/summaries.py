"""What a nurse needs to know before she calls, read from the store: the facts of an SBAR summary.

Beside them the patient's own words with the places that tell of danger (`desk.flag_marks`). The
words of the summary are `desk.sbar`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from clinic.treated_when import treated
from desk.flag_marks import Mark, marks_in
from desk.sbar import Facts, TreatmentTold
from desk.storage.tables import EventRow, HandoffRow

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


def alarm_words(session: Session, rows: Sequence[HandoffRow]) -> dict[int, str]:
    """The patient's message that raised the last alarm, by handoff; empty when it was erased."""
    places = {
        row.id: (row.conversation_id, seq) for row in rows if (seq := _last_alarm(row)) is not None
    }
    found = session.execute(
        select(EventRow.conversation_id, EventRow.seq, EventRow.text).where(
            tuple_(EventRow.conversation_id, EventRow.seq).in_(set(places.values()))
        )
    ).all()
    texts: dict[tuple[str, int], str] = {(one, seq): text for one, seq, text in found}
    return {handoff: texts.get(place, "") for handoff, place in places.items()}


def _last_alarm(row: HandoffRow) -> int | None:
    return row.alarm_seq if row.last_alarm_seq is None else row.last_alarm_seq


def summarise(
    session: Session,
    rows: Sequence[HandoffRow],
    words: Mapping[int, str],
    erased: Collection[str],
) -> dict[int, Summary]:
    """What a nurse needs first, by handoff, in two statements. No name, no number.

    `words` are those of `alarm_words`; `erased` are the conversations that were.
    """
    conversations = {row.conversation_id for row in rows}
    said = _said(session, conversations)
    turns = _turns(session, conversations)
    return {
        row.id: _summary(
            row,
            said.get(row.conversation_id, []),
            turns.get(row.conversation_id, []),
            erased=row.conversation_id in erased,
            alarm_words=words.get(row.id, ""),
        )
        for row in rows
    }


def _summary(
    row: HandoffRow,
    said: list[EventRow],
    turns: list[dict[str, Any]],
    *,
    erased: bool,
    alarm_words: str,
) -> Summary:
    quotes = _quotes(row, said)
    told = (found for event in reversed(said) if (found := _treatment_told(event)))
    facts = Facts(
        urgency=row.urgency,
        reference=row.reference,
        asked_at=row.created_at,
        waits_in_chat=row.kind == "chat" and not row.phone,
        can_be_called=bool(row.phone),
        best_time=row.best_time,
        alarmed=row.alarm_seq is not None,
        alarm_words=alarm_words,
        reasons=tuple(row.reason.splitlines()),
        answers=row.triage or {},
        erased=erased,
        treatment=next(told, None),
        messages=len(said),
        and_more=len(said) == _READ_BACK,
        shown=tuple((turn.get("document"), name) for turn in turns for name in turn["sections"]),
        declined=sum(1 for turn in turns if turn["kind"] == "decline"),
        given=frozenset(turn["kind"] for turn in turns),
        marks=tuple(mark for quote in quotes for mark in quote.marks),
    )
    return Summary(facts, quotes)


def _said(session: Session, conversations: Collection[str]) -> dict[str, list[EventRow]]:
    """Each patient's latest messages, the oldest first."""
    back = func.row_number().over(
        partition_by=EventRow.conversation_id, order_by=EventRow.seq.desc()
    )
    latest = (
        select(EventRow, back.label("back"))
        .where(EventRow.conversation_id.in_(conversations), EventRow.author == "patient")
        .subquery()
    )
    event = aliased(EventRow, latest)
    found: defaultdict[str, list[EventRow]] = defaultdict(list)
    for row in session.scalars(
        select(event).where(latest.c.back <= _READ_BACK).order_by(event.seq)
    ):
        found[row.conversation_id].append(row)
    return found


def _quotes(row: HandoffRow, said: list[EventRow]) -> tuple[Quote, ...]:
    """What raised the first alarm and the last, other words of danger or its denial, the reason."""
    alarms = {row.alarm_seq, _last_alarm(row)} - {None}
    marked = [Quote(event.seq, event.at, event.text, marks_in(event.text)) for event in said]
    telling = [quote for quote in marked if quote.marks or quote.seq in alarms]
    alarm = [quote for quote in telling[:-_MOST_QUOTES] if quote.seq in alarms]
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


def _turns(session: Session, conversations: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What was said to each patient, by the assistant or, in an outage, by the desk."""
    rows = session.execute(
        select(EventRow.conversation_id, EventRow.turn)
        .where(
            EventRow.conversation_id.in_(conversations),
            EventRow.author.in_(("assistant", "system")),
        )
        .order_by(EventRow.seq)
    )
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for conversation, turn in rows:
        if turn:
            found[conversation].append(turn)
    return found
