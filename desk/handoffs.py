"""Handoffs: how patients come into the nurses' queue, by asking for a call or by an emergency.

A conversation has at most one open handoff; whatever comes later joins it. What nurses then do
with the queue stands in `desk.nurse_work`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.consent import CHAT as CHAT_CONSENT
from clinic.due import due_after
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import audit, callback_requests, chat_counts, conversations, notices, unanswered
from desk.errors import Gone, NotFound, Unprocessable
from desk.nurse_queue import new_reference
from desk.promises import promise_of, unattended
from desk.storage.database import touch
from desk.storage.tables import ConversationRow, HandoffKeyRow, HandoffRow

__all__ = [
    "CallbackRequest",
    "Requested",
    "check_conversation",
    "due_time",
    "join_reason",
    "new_handoff",
    "open_handoff",
    "put_worry",
    "raise_alarm",
    "request_callback",
    "wait_for_turn",
]

_URGENCIES: Final = tuple(Urgency)
_LONGEST_WORRY: Final = 1000  # characters of a message that become the reason of a handoff


@dataclass(frozen=True)
class CallbackRequest:
    """What a patient gave for being called back; values are already checked (`desk.callbacks`).

    `consent_version` names the words she said yes to (`clinic.consent`).
    `triage` has the answers to the safety questions that were asked, by `clinic.triage.Question`.
    """

    conversation_id: str
    reason: str
    name: str
    phone: str
    best_time: str
    consent: bool
    consent_version: str = CHAT_CONSENT
    urgency: Urgency = Urgency.ROUTINE
    triage: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Requested:
    """What the patient is told; `created` is false when this handoff was there before."""

    handoff_id: int
    reference: str
    due_at: datetime | None
    promise: str
    created: bool


def due_time(clinic: Clinic, urgency: Urgency, *, now: datetime) -> datetime | None:
    """By when a nurse calls: wall-clock time for emergencies, else counted in staffed time.

    None when the clinic's schedule has no staffed time for that within the next 400 days.
    """
    return due_after(clinic.schedule, urgency, clinic.callback_targets[urgency], now=now)


def request_callback(
    session: Session, clinic: Clinic, wanted: CallbackRequest, *, key: str, now: datetime
) -> Requested:
    """Put the patient into the queue, once.

    The same `key` gets the same answer again. A second request of a patient whose call-back is
    still open joins it (`desk.callback_requests`): both reasons, the newer details, the graver
    urgency, the earlier time.
    Raises `Unprocessable` without consent, `NotFound` or `Gone` for the conversation.
    """
    wait_for_turn(session, wanted.conversation_id)
    known = session.get(HandoffKeyRow, key)
    if known:
        row = session.get_one(HandoffRow, known.handoff_id)
        return Requested(row.id, row.reference, known.due_at, known.promise, created=False)
    if not wanted.consent:
        raise Unprocessable("A nurse may call only if you agree to it. Please say yes or no.")
    check_conversation(session, wanted.conversation_id)
    due_at = due_time(clinic, wanted.urgency, now=now)
    callback_requests.check_consent_version(wanted.consent_version)
    row_or_none = (
        open_handoff(session, wanted.conversation_id)
        or callback_requests.joined_handoff(session, wanted.conversation_id)
        or callback_requests.same_patient(session, name=wanted.name, phone=wanted.phone)
    )
    created = row_or_none is None
    row = row_or_none or new_handoff(session, wanted.conversation_id, kind="callback", now=now)
    _take_details(row, wanted, due_at=due_at, now=now)
    session.flush()
    callback_requests.add(
        session,
        row,
        conversation_id=wanted.conversation_id,
        reason=wanted.reason,
        best_time=wanted.best_time,
        consent_version=wanted.consent_version,
        now=now,
    )
    chat_counts.handed_over(session, wanted.conversation_id)
    unanswered.named(session, wanted.conversation_id, wanted.name)
    promise = promise_of(clinic, row.due_at, now=now)
    if row.urgency != Urgency.EMERGENCY.value:
        promise = f"{promise} {unattended(clinic, now=now)}".rstrip()
    session.add(HandoffKeyRow(key=key, handoff_id=row.id, due_at=row.due_at, promise=promise))
    for conversation_id in (row.conversation_id, wanted.conversation_id):
        touch(session, conversation_id)
    action = "handoff.created" if created else "handoff.joined"
    _audit(session, row, actor="patient", action=action, now=now)
    notices.waits(session, clinic, row, now=now)
    return Requested(row.id, row.reference, row.due_at, promise, created=created)


def raise_alarm(
    session: Session,
    clinic: Clinic,
    conversation_id: str,
    *,
    message_seq: int,
    by: Literal["assistant", "system"],
    now: datetime,
) -> str:
    """Put the conversation on top of the queue for nurses to read now; the reference.

    `message_seq` is the patient's message that raised the alarm, `by` who saw it: the assistant, or
    the desk itself in an outage. A handoff that is open already
    becomes an emergency; nobody's name or number is needed. An alarm after the first one only
    changes which was the last, and when. Raises `NotFound` or `Gone` for the conversation.
    """
    wait_for_turn(session, conversation_id)
    check_conversation(session, conversation_id)
    row_or_none = open_handoff(session, conversation_id)
    row = row_or_none or new_handoff(session, conversation_id, kind="chat", now=now)
    if row.alarm_seq is None:
        row.kind, row.urgency = "chat", Urgency.EMERGENCY.value
        row.alarm_seq = message_seq
        row.due_at = _earlier(row.due_at, due_time(clinic, Urgency.EMERGENCY, now=now))
        session.flush()
        action = "handoff.raised" if row_or_none else "handoff.created"
        _audit(session, row, actor=by, action=action, now=now)
        notices.waits(session, clinic, row, now=now)
    row.last_alarm_seq, row.alarmed_at = message_seq, now
    touch(session, conversation_id)
    return row.reference


def put_worry(
    session: Session, clinic: Clinic, conversation_id: str, words: str, *, now: datetime
) -> Requested:
    """Put an urgent message before the nurses while the assistant cannot ask for a call.

    An open handoff becomes as urgent; without one a nurse is to read the chat in the time that the
    clinic has set for urgent calls. Raises `NotFound` or `Gone` for the conversation.
    """
    wait_for_turn(session, conversation_id)
    check_conversation(session, conversation_id)
    row_or_none = open_handoff(session, conversation_id)
    row = row_or_none or new_handoff(session, conversation_id, kind="chat", now=now)
    join_reason(row, " ".join(words.split())[:_LONGEST_WORRY], Urgency.URGENT)
    row.due_at = _earlier(row.due_at, due_time(clinic, Urgency.URGENT, now=now))
    session.flush()
    touch(session, conversation_id)
    action = "handoff.joined" if row_or_none else "handoff.created"
    _audit(session, row, actor="system", action=action, now=now)
    notices.waits(session, clinic, row, now=now)
    promise = promise_of(clinic, row.due_at, now=now)
    return Requested(row.id, row.reference, row.due_at, promise, created=row_or_none is None)


def check_conversation(session: Session, conversation_id: str) -> None:
    """Raises `NotFound`, or `Gone` when it was erased."""
    conversation = conversations.get(session, conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    if conversation.erased_at:
        raise Gone("This chat was erased. Please start a new chat.")


def wait_for_turn(session: Session, conversation_id: str) -> None:
    """Requests of one conversation come one by one, also where the database has many writers."""
    session.execute(
        select(ConversationRow.id).where(ConversationRow.id == conversation_id).with_for_update()
    )


def open_handoff(session: Session, conversation_id: str) -> HandoffRow | None:
    """The conversation's one handoff that is not resolved, if there is one."""
    return session.scalar(
        select(HandoffRow).where(
            HandoffRow.conversation_id == conversation_id, HandoffRow.state != "resolved"
        )
    )


def new_handoff(
    session: Session,
    conversation_id: str,
    *,
    kind: Literal["chat", "callback"],
    now: datetime,
) -> HandoffRow:
    """A routine one that waits, with a reference and nothing else yet."""
    row = HandoffRow(
        conversation_id=conversation_id,
        reference=new_reference(session),
        kind=kind,
        urgency=Urgency.ROUTINE.value,
        state="waiting",
        reason="",
        name="",
        phone="",
        best_time="",
        created_at=now,
    )
    session.add(row)
    chat_counts.handed_over(session, conversation_id)
    return row


def _take_details(
    row: HandoffRow, wanted: CallbackRequest, *, due_at: datetime | None, now: datetime
) -> None:
    join_reason(row, wanted.reason, wanted.urgency)
    row.triage = {**(row.triage or {}), **wanted.triage}
    row.name, row.phone, row.best_time = wanted.name, wanted.phone, wanted.best_time
    row.consent_at = now
    if row.kind == "chat" and row.call_offered_at is not None and row.alarm_seq is None:
        # Nobody came to the chat in time, and the patient has taken the call instead.
        row.kind, row.due_at = "callback", due_at
    else:
        row.due_at = _earlier(row.due_at, due_at)


def join_reason(row: HandoffRow, reason: str, urgency: Urgency) -> None:
    """Add a reason, each once, and take the graver urgency."""
    if reason and reason not in row.reason.split("\n"):
        row.reason = f"{row.reason}\n{reason}".lstrip("\n")
    row.urgency = max(Urgency(row.urgency), urgency, key=_URGENCIES.index).value


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((due for due in (one, other) if due), default=None)


def _audit(session: Session, row: HandoffRow, *, actor: str, action: str, now: datetime) -> None:
    audit.record(
        session, actor=actor, action=action, object_kind="handoff", object_id=row.id, now=now
    )
