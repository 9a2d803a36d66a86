"""What was done to reach a patient: every call, and whether a second nurse was asked to give up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.attempts import Attempt, AttemptOutcome
from desk.storage.callback_tables import AttemptRow, ClosingRequestRow
from desk.storage.staff_tables import NurseRow

__all__ = [
    "ClosingRequest",
    "MadeAttempt",
    "attempts_of",
    "attempts_of_each",
    "closing_requests",
    "forget_notes",
]


@dataclass(frozen=True)
class MadeAttempt:
    """One call as nurses see it; `nurse` is who made it."""

    id: int
    at: datetime
    outcome: AttemptOutcome
    nurse: str
    note: str | None

    @property
    def for_rules(self) -> Attempt:
        """What the rules need to know of it."""
        return Attempt(self.at, self.outcome)

    def to_json(self) -> dict[str, Any]:
        """As the nurse's API shows it."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "outcome": self.outcome.value,
            "nurse": self.nurse,
            "note": self.note,
        }


@dataclass(frozen=True)
class ClosingRequest:
    """A nurse wants to give up and asks a second one; `confirmed_by` is that one, once she has."""

    asked_by: str
    asked_by_id: int
    asked_at: datetime
    outcome: AttemptOutcome | None
    note: str | None
    confirmed_by: str | None

    def to_json(self) -> dict[str, Any]:
        """As the nurse's API shows it."""
        return {
            "asked_by": self.asked_by,
            "asked_at": self.asked_at.isoformat(),
            "outcome": self.outcome.value if self.outcome else "other",
            "note": self.note,
            "confirmed_by": self.confirmed_by,
        }


def attempts_of(session: Session, handoff_id: int) -> tuple[MadeAttempt, ...]:
    """Every call, the first one first."""
    return attempts_of_each(session, [handoff_id]).get(handoff_id, ())


def attempts_of_each(
    session: Session, handoff_ids: Collection[int]
) -> dict[int, tuple[MadeAttempt, ...]]:
    """The calls by handoff, the first one first; a handoff without calls is not in it."""
    rows = session.execute(
        select(AttemptRow, NurseRow.name)
        .join(NurseRow, NurseRow.id == AttemptRow.nurse_id)
        .where(AttemptRow.handoff_id.in_(handoff_ids))
        .order_by(AttemptRow.id)
    ).all()
    found: defaultdict[int, list[MadeAttempt]] = defaultdict(list)
    for row, name in rows:
        made = MadeAttempt(row.id, row.at, AttemptOutcome(row.outcome), name, row.note)
        found[row.handoff_id].append(made)
    return {handoff_id: tuple(made) for handoff_id, made in found.items()}


def closing_requests(session: Session, handoff_ids: Collection[int]) -> dict[int, ClosingRequest]:
    """The questions to a second nurse by handoff, where one was asked and not taken back."""
    rows = session.scalars(
        select(ClosingRequestRow)
        .where(ClosingRequestRow.handoff_id.in_(handoff_ids))
        .execution_options(populate_existing=True)
    )
    return {row.handoff_id: _closing_request(session, row) for row in rows}


def _closing_request(session: Session, row: ClosingRequestRow) -> ClosingRequest:
    confirming = session.get(NurseRow, row.confirmed_by) if row.confirmed_by else None
    return ClosingRequest(
        asked_by=session.get_one(NurseRow, row.asked_by).name,
        asked_by_id=row.asked_by,
        asked_at=row.asked_at,
        outcome=None if row.outcome == "other" else AttemptOutcome(row.outcome),
        note=row.note,
        confirmed_by=confirming.name if confirming else None,
    )


def forget_notes(session: Session, handoff_id: int) -> None:
    """Take away what nurses noted about a patient who has erased the chat; the calls stay."""
    for table in (AttemptRow, ClosingRequestRow):
        session.execute(
            update(table)
            .where(table.handoff_id == handoff_id)
            .values(note=None)
            .execution_options(synchronize_session=False)
        )
