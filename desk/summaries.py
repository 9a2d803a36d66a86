"""The SBAR summary that a nurse reads before she calls: from what is known, nothing guessed.

Situation, background, assessment, request, as four lines of text for programs and people; beside
it the patient's own words with the places that tell of danger (`desk.flag_marks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.treated_when import treated
from clinic.triage import Question
from clinic.triage_answers import SKIPPED
from desk.flag_marks import Mark, marks_in
from desk.storage.tables import ConversationRow, EventRow, HandoffRow

__all__ = ["Quote", "Summary", "alarm_words", "summarise"]

_ALARMS: Final = {"emergency": "an emergency answer", "urgent": "an urgent answer"}
_MOST_QUOTES: Final = 6  # the latest messages that tell of danger; the whole chat stands below
_READ_BACK: Final = 40  # messages of the patient that are looked through
_ASKED: Final = {
    Question.BREATHING: "breathing and chest all right",
    Question.WORSE: "getting worse",
    Question.TREATED: "treated",
    Question.PART: "part of the body",
}
_BACKGROUND: Final = (Question.TREATED, Question.PART)
_ASSESSMENT: Final = (Question.BREATHING, Question.WORSE)


@dataclass(frozen=True)
class Quote:
    """The patient's own words; `seq` is the message's, None for the reason of a call."""

    seq: int | None
    at: datetime
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Summary:
    """`text` has the four lines; `quotes` are in the order in which they were said."""

    text: str
    quotes: tuple[Quote, ...]


def alarm_words(session: Session, row: HandoffRow) -> str:
    """The patient's message that raised the alarm; empty when there was none or it was erased."""
    if row.alarm_seq is None:
        return ""
    event = session.get(EventRow, (row.conversation_id, row.alarm_seq))
    return event.text if event else ""


def summarise(session: Session, row: HandoffRow) -> Summary:
    """What a nurse needs first. No name, no number."""
    erased = session.get_one(ConversationRow, row.conversation_id).erased_at is not None
    said = _said(session, row)
    quotes = _quotes(row, said)
    parts = {
        "Situation": _situation(row, alarm_words(session, row)),
        "Background": _background(session, row, said, erased=erased),
        "Assessment": _assessment(session, row, quotes, erased=erased),
        "Request": _request(row, erased=erased),
    }
    lines = [f"{name}: {_sentence(words)}" for name, words in parts.items()]
    return Summary("\n".join(lines), quotes)


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


def _situation(row: HandoffRow, words: str) -> str:
    said = [f"{row.urgency}, reference {row.reference}, since {row.created_at:%Y-%m-%d %H:%M} UTC"]
    if row.alarm_seq is not None:
        quoted = f", in the patient's own words: “{' '.join(words.split())}”"
        said.append(f"Emergency in the chat{quoted if words else ''}")
    if row.alarm_seq is None or row.reason:
        reason = "; ".join(row.reason.splitlines()) or "not known"
        in_chat = row.kind == "chat" and not row.phone
        wish = "Asks for a nurse in the chat" if in_chat else "Asks for a call"
        said.append(f"{wish}. Reason: {reason}")
    return " ".join([*map(_sentence, said[:-1]), said[-1]])


def _background(session: Session, row: HandoffRow, said: list[EventRow], *, erased: bool) -> str:
    answers = _answers(row, _BACKGROUND)
    if erased:
        return "; ".join([*answers, "the patient erased the chat"])
    told = [_treatment_told(event) for event in said]
    messages = len(said) if len(said) < _READ_BACK else f"at least {_READ_BACK}"
    parts = [
        *answers,
        *[words for words in told if words][-1:],
        f"{messages} message{'' if messages == 1 else 's'} in the chat",
    ]
    turns = _turns(session, row)
    sections = list(dict.fromkeys(name for turn in turns for name in turn["sections"]))
    declined = sum(1 for turn in turns if turn["kind"] == "decline")
    if sections:
        parts.append(f"was shown {', '.join(sections)}")
    if declined:
        parts.append(f"{declined} not answered by the handout")
    return "; ".join(parts)


def _treatment_told(event: EventRow) -> str:
    found = treated(event.text, now=event.at)
    if found is None:
        return ""
    words = " ".join(event.text[found.start : found.end].split())
    return f"told of the treatment: “{words}” (message {event.seq}, {event.at:%Y-%m-%d})"


def _assessment(
    session: Session, row: HandoffRow, quotes: tuple[Quote, ...], *, erased: bool
) -> str:
    marks = [mark for quote in quotes for mark in quote.marks]
    found = dict.fromkeys(
        f"{mark.title} ({mark.acuity})" for mark in marks if mark.sense == "found"
    )
    now = {mark.title for mark in marks if mark.sense == "found"}
    denied = dict.fromkeys(
        mark.title for mark in marks if mark.sense == "denied" and mark.title not in now
    )
    kinds = {turn["kind"] for turn in _turns(session, row)}
    alarms = [text for kind, text in _ALARMS.items() if kind in kinds]
    parts = [
        f"{row.urgency} by the patient's words, not by a nurse",
        *([f"signs found: {', '.join(found)}"] if found else []),
        *([] if found or erased else ["no sign of danger found"]),
        *([f"denied: {', '.join(denied)}"] if denied else []),
        *_answers(row, _ASSESSMENT),
        *([f"the patient was given {' and '.join(alarms)}"] if alarms else []),
    ]
    return "; ".join(parts)


def _request(row: HandoffRow, *, erased: bool) -> str:
    best = f"; best time: {row.best_time}" if row.best_time else ""
    if row.alarm_seq is None:
        in_chat = row.kind == "chat" and not row.phone
        return "answer in the chat" if in_chat else f"call back{best}"
    if row.phone:
        return f"call now{best}" if erased else f"read the chat and call now{best}"
    if erased:
        return "nobody can be reached; close this entry"
    return "read the chat now; there is no phone number yet"


def _answers(row: HandoffRow, questions: tuple[Question, ...]) -> list[str]:
    """What the patient answered to those safety questions that were asked."""
    return [
        f"{_ASKED[question]}: " + ("not answered" if answer == SKIPPED else f"“{answer}”")
        for question in questions
        if (answer := (row.triage or {}).get(question.value))
    ]


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
