"""One patient who waits, as nurses see it, and the order in which nurses should call."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final, Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from clinic.turn import Urgency
from desk.call_history import ClosingRequest, MadeAttempt, attempts_of_each, closing_requests
from desk.callback_requests import PatientRequest, requests_of_each
from desk.sbar import Facts
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import ConversationRow, HandoffRow
from desk.summaries import Quote, Summary, alarm_words, summarise

__all__ = ["Handoff", "State", "new_reference", "place", "rank", "view", "views"]

State = Literal["waiting", "claimed", "resolved"]

# Without 0/O/Q, 1/I/L, 2/Z, 5/S, 8/B and vowels: hard to mishear, and spells no word.
_ALPHABET: Final = "CDFGHJKMNPRTVWXY34679"
_HALF: Final = 3  # two halves of three: 21^6, some 85 million references
_NEVER: Final = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Handoff:
    """One patient who waits, as nurses see it; instants are aware UTC.

    After an emergency in the chat `alarmed_at` is the time of the last alarm, and `alarm_words` is
    the patient's message that raised it, empty once erased. Name, phone and consent may be missing.
    `facts` are those of the SBAR summary (`desk.sbar`), None where they were not asked for;
    `quotes` are the patient's own words with the places that tell of danger.
    """

    id: int
    conversation_id: str
    kind: str
    urgency: Urgency
    state: State
    reference: str
    reason: str
    name: str
    phone: str
    best_time: str
    consent_at: datetime | None
    alarmed_at: datetime | None
    alarm_words: str
    waiting_since: datetime
    due_at: datetime | None
    assigned_to: str | None
    assigned_to_id: int | None
    claimed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    outcome: str | None
    note: str | None
    conversation_erased: bool
    facts: Facts | None
    attempts: tuple[MadeAttempt, ...] = ()
    closing: ClosingRequest | None = None
    requests: tuple[PatientRequest, ...] = ()
    quotes: tuple[Quote, ...] = ()

    def overdue(self, now: datetime) -> bool:
        """Whether the promised time has passed without an end."""
        return self.state != "resolved" and self.due_at is not None and self.due_at < now


def place(handoff: Handoff, *, now: datetime) -> tuple[int, datetime, int]:
    """A key to sort by, the one to call first in front; no two handoffs share one.

    A routine one past its promise counts as urgent.
    """
    return rank(handoff.urgency, handoff.due_at, handoff.id, now=now)


def rank(
    urgency: Urgency, due_at: datetime | None, number: int, *, now: datetime
) -> tuple[int, datetime, int]:
    """The same for a handoff that is open, by what its place depends on; `number` is its id."""
    if urgency is Urgency.EMERGENCY:
        first = 0
    elif urgency is Urgency.URGENT or (due_at is not None and due_at < now):
        first = 1
    else:
        first = 2
    return first, due_at or _NEVER, number


def new_reference(session: Session) -> str:
    """A code that a patient can quote, such as "K7F-3RM", and that no other handoff has."""
    while True:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
        reference = f"{code[:_HALF]}-{code[_HALF:]}"
        if not session.scalar(select(exists().where(HandoffRow.reference == reference))):
            return reference


def view(session: Session, row: HandoffRow) -> Handoff:
    """The row with its names and its summary, for which the patient's messages are looked at."""
    (found,) = views(session, [row])
    return found


def views(
    session: Session, rows: Sequence[HandoffRow], *, summarised: bool = True
) -> list[Handoff]:
    """The same for many, in as many statements; without summaries where nobody reads them."""
    beside = _beside(session, rows, summarised=summarised)
    return [_handoff(session, row, beside) for row in rows]


@dataclass(frozen=True)
class _Beside:
    """What stands in other tables, by handoff; `erased` are conversations."""

    summaries: dict[int, Summary]
    alarm_words: dict[int, str]
    attempts: dict[int, tuple[MadeAttempt, ...]]
    closing: dict[int, ClosingRequest]
    requests: dict[int, tuple[PatientRequest, ...]]
    erased: frozenset[str]


def _beside(session: Session, rows: Sequence[HandoffRow], *, summarised: bool) -> _Beside:
    ids = [row.id for row in rows]
    words = alarm_words(session, rows)
    erased = frozenset(
        session.scalars(
            select(ConversationRow.id).where(
                ConversationRow.id.in_(row.conversation_id for row in rows),
                ConversationRow.erased_at.is_not(None),
            )
        )
    )
    return _Beside(
        summaries=summarise(session, rows, words, erased) if summarised else {},
        alarm_words=words,
        attempts=attempts_of_each(session, ids),
        closing=closing_requests(session, ids),
        requests=requests_of_each(session, ids),
        erased=erased,
    )


def _handoff(session: Session, row: HandoffRow, beside: _Beside) -> Handoff:
    summary = beside.summaries.get(row.id)
    return Handoff(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=row.kind,
        urgency=Urgency(row.urgency),
        state=_state(row.state),
        reference=row.reference,
        reason=row.reason,
        name=row.name,
        phone=row.phone,
        best_time=row.best_time,
        consent_at=row.consent_at,
        alarmed_at=row.alarmed_at,
        alarm_words=beside.alarm_words.get(row.id, ""),
        waiting_since=row.created_at,
        due_at=row.due_at,
        assigned_to=_name(session, row.assigned_to),
        assigned_to_id=row.assigned_to,
        claimed_at=row.claimed_at,
        resolved_by=_name(session, row.resolved_by),
        resolved_at=row.resolved_at,
        outcome=row.outcome,
        note=row.note,
        conversation_erased=row.conversation_id in beside.erased,
        facts=summary.facts if summary else None,
        quotes=summary.quotes if summary else (),
        attempts=beside.attempts.get(row.id, ()),
        closing=beside.closing.get(row.id),
        requests=beside.requests.get(row.id, ()),
    )


def _name(session: Session, nurse_id: int | None) -> str | None:
    nurse = session.get(NurseRow, nurse_id) if nurse_id else None
    return nurse.name if nurse else None


def _state(stored: str) -> State:
    match stored:
        case "waiting" | "claimed" | "resolved":
            return stored
        case _:
            raise ValueError("the database holds a state that this version does not know")
