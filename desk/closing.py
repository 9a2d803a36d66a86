"""Whether a handoff may be closed with an outcome, and in which words it is refused.

The rules are `clinic.attempts`; used by `desk.nurse_work` and `desk.second_nurse`.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from clinic.attempts import UNREACHED, AttemptOutcome, AttemptRules, Objection, objection
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk.call_history import attempts_of
from desk.errors import Conflict, DeskError, Unprocessable
from desk.storage.tables import HandoffRow

__all__ = ["check", "find_objection", "hindrance", "is_unreached", "refusal"]


def is_unreached(outcome: str) -> bool:
    """Whether the outcome says that the patient was never spoken to."""
    return outcome in {one.value for one in UNREACHED}


def find_objection(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    *,
    outcome: str,
    note: str | None,
    confirmed: bool = False,
) -> Objection | None:
    """What stands against it now. Raises `Unprocessable` where nobody could have been called."""
    if is_unreached(outcome) and not row.phone:
        raise Unprocessable(
            "There is no phone number, so nobody was called. Choose another way in which it ended."
        )
    return objection(
        outcome,
        urgency=Urgency(row.urgency),
        attempts=[made.for_rules for made in attempts_of(session, row.id)],
        has_note=bool(note and note.strip()),
        confirmed=confirmed,
        rules=clinic.attempts,
        zone=clinic.time_zone,
    )


def hindrance(session: Session, clinic: Clinic, handoff_id: int) -> Objection | None:
    """What stands against giving up an open call-back now, to show before anybody tries."""
    row = session.get_one(HandoffRow, handoff_id)
    if row.state == "resolved" or not row.phone:
        return None
    outcome = AttemptOutcome.NO_ANSWER.value
    return find_objection(session, clinic, row, outcome=outcome, note=None)


def check(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    *,
    outcome: str,
    note: str | None,
    confirmed: bool = False,
) -> None:
    """Raises `Unprocessable` or `Conflict`, which say what to do, when it may not be closed so."""
    found = find_objection(session, clinic, row, outcome=outcome, note=note, confirmed=confirmed)
    if found is not None:
        raise refusal(found, clinic.attempts)


def refusal(found: Objection, rules: AttemptRules) -> DeskError:
    """The objection in words."""
    hours = f"{rules.apart.total_seconds() / 3600:g}"
    match found:
        case Objection.NEEDS_NOTE:
            return Unprocessable("Please say in the note how it ended.")
        case Objection.TOO_FEW:
            return Conflict(
                f"Before this is closed unreached, {rules.at_least} calls have to be tried and "
                "recorded. Record each call, then close it."
            )
        case Objection.SAME_TIME:
            return Conflict(
                "All calls were made at about the same time of the day. Call once more, at least "
                f"{hours} hours earlier or later on the clock, on any day."
            )
        case Objection.NEEDS_SECOND_NURSE:
            return Conflict(
                "An urgent patient who was not reached is given up only when a second nurse "
                "agrees. Ask for a second nurse to close it."
            )
