"""A patient who comes back: how her call stands, and taking the wish for it back.

Asked in the chat, by the assistant's actions. A routine wish is the patient's own to cancel; an
urgent one only a nurse ends, for she has to know that the patient is all right (NHS 111 does so).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import audit, callback_requests, handoffs
from desk.call_history import attempts_of
from desk.chat_lines import worse
from desk.promises import clock_time, promise_of, unattended
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.database import touch
from desk.storage.tables import HandoffRow

__all__ = ["Standing", "cancel", "find"]

_WENT: Final = {
    AttemptOutcome.REACHED: "talked to you",
    AttemptOutcome.NO_ANSWER: "called you and nobody answered",
    AttemptOutcome.VOICEMAIL: "left you a voicemail",
    AttemptOutcome.WRONG_NUMBER: "called, but the number does not seem to be yours",
}


@dataclass(frozen=True)
class Standing:
    """How the patient's wish stands, in words too.

    `none`: nothing was ever asked for in this conversation; `closed`: nothing is open any more.
    """

    state: Literal["none", "queued", "closed"]
    reference: str | None
    text: str


def find(session: Session, clinic: Clinic, conversation_id: str, *, now: datetime) -> Standing:
    """How it stands now."""
    row = _open(session, conversation_id)
    if row is None:
        return _not_open(session, conversation_id)
    if row.kind != "callback" and not row.phone:
        said = f"Your chat is in the nurses' list, reference {row.reference}."
    else:
        said = f"We have your request for a call, reference {row.reference}."
    made = attempts_of(session, row.id)
    last = (
        f" A nurse {_WENT[made[-1].outcome]} at {clock_time(clinic, made[-1].at)}." if made else ""
    )
    late = row.due_at is not None and row.due_at <= now
    when = (
        "It is late, and the nurses see that." if late else promise_of(clinic, row.due_at, now=now)
    )
    closed = unattended(clinic, now=now) if row.urgency != Urgency.EMERGENCY.value else ""
    text = f"{said}{last} {when} {closed} {worse(clinic)}"
    return Standing("queued", row.reference, " ".join(text.split()))


def cancel(session: Session, clinic: Clinic, conversation_id: str, *, now: datetime) -> Standing:
    """Take this conversation's wish back; once more it says the same.

    A routine call-back is closed, unless the same patient asked for it elsewhere too. An urgent one
    stays, and the nurses see that the patient does not want the call.
    """
    handoffs.wait_for_turn(session, conversation_id)
    row = _open(session, conversation_id)
    if row is None:
        return _not_open(session, conversation_id)
    urgent = row.urgency != Urgency.ROUTINE.value
    first = session.scalars(
        update(CallbackRequestRow)
        .where(
            CallbackRequestRow.handoff_id == row.id,
            CallbackRequestRow.conversation_id == conversation_id,
            CallbackRequestRow.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .returning(CallbackRequestRow.id)
    ).all()
    asked = callback_requests.requests_of(session, row.id)
    wanted_elsewhere = any(request.withdrawn_at is None for request in asked)
    touch(session, row.conversation_id)
    if urgent:
        if first:
            _audit(session, row, "handoff.cancel_asked", now=now)
        seen = " The nurses see that you do not want the call." if asked else ""
        text = (
            f"Your request {row.reference} is marked as {row.urgency}, so only a nurse can end it: "
            f"the nurse has to know that you are all right.{seen} "
            f"{promise_of(clinic, row.due_at, now=now)} {worse(clinic)}"
        )
        return Standing("queued", row.reference, text)
    if wanted_elsewhere:
        _audit(session, row, "handoff.request_withdrawn", now=now)
        text = (
            f"What you asked for here is taken back. You also asked in another way, so your "
            f"request {row.reference} stays open."
        )
        return Standing("queued", row.reference, text)
    row.state, row.outcome, row.resolved_at = "resolved", "cancelled", now
    session.flush()
    callback_requests.forget_erased(session, row.id)
    _audit(session, row, "handoff.cancelled", now=now)
    return _not_open(session, conversation_id)


def _open(session: Session, conversation_id: str) -> HandoffRow | None:
    return handoffs.open_handoff(session, conversation_id) or callback_requests.joined_handoff(
        session, conversation_id
    )


def _not_open(session: Session, conversation_id: str) -> Standing:
    last = session.scalar(
        select(HandoffRow)
        .where(
            or_(
                HandoffRow.conversation_id == conversation_id,
                exists().where(
                    CallbackRequestRow.handoff_id == HandoffRow.id,
                    CallbackRequestRow.conversation_id == conversation_id,
                ),
            )
        )
        .order_by(HandoffRow.id.desc())
        .limit(1)
    )
    if last is None:
        return Standing("none", None, "You have not asked for a call in this chat.")
    if last.outcome == "cancelled":
        text = f"Your request {last.reference} is cancelled. No nurse will call you about it."
    else:
        text = f"Your request {last.reference} is closed. No call is planned now."
    return Standing("closed", last.reference, text)


def _audit(session: Session, row: HandoffRow, action: str, *, now: datetime) -> None:
    audit.record(
        session, actor="patient", action=action, object_kind="handoff", object_id=row.id, now=now
    )
