"""The patient's side of a live chat: asking for a nurse, writing while waiting, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.hours import is_open
from clinic.settings import Clinic
from clinic.turn import HandoffState, Urgency
from desk import accounts, audit, conversations, floor, handoffs, notices, waiting_line
from desk.chat_lines import AGAIN, in_line, say, worse
from desk.errors import Conflict
from desk.storage.database import touch
from desk.storage.tables import EventRow, HandoffKeyRow, HandoffRow

__all__ = ["ChatRequest", "Queued", "is_offered", "keep_for_nurse", "leave", "request_chat"]

# Whoever waits and writes is answered, but not after every line.
_SILENCE: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class ChatRequest:
    """A patient who wants to chat with a nurse now; the reason may be empty."""

    conversation_id: str
    reason: str
    urgency: Urgency = Urgency.ROUTINE


@dataclass(frozen=True)
class Queued:
    """What the patient is told; `created` is false when this request was known before."""

    state: Literal["queued", "connected"]
    reference: str
    place: str
    created: bool


def is_offered(session: Session, clinic: Clinic, conversation_id: str, *, now: datetime) -> bool:
    """Whether this patient can wait for a nurse in the chat now.

    It needs staffed hours, a nurse who is there, and a page that hears of her: a talk with Rasa
    alone has none. Whoever has waited in vain, or is waiting for a call that a nurse already took,
    is not sent round again.
    """
    conversation = conversations.get(session, conversation_id)
    if conversation is None or conversation.origin != "web" or conversation.erased_at:
        return False
    row = handoffs.open_handoff(session, conversation_id)
    if row is not None and (row.state != "waiting" or row.call_offered_at is not None):
        return False
    return is_open(clinic.schedule, now=now) and accounts.nurse_present(session, now=now)


def request_chat(
    session: Session,
    clinic: Clinic,
    wanted: ChatRequest,
    *,
    key: str,
    now: datetime,
    by_assistant: bool = True,
) -> Queued:
    """Put the patient into the line, once; the same `key` gets the same answer again.

    A handoff that is open already becomes this one. With a nurse in the chat nothing changes. What
    comes of it is said by the assistant, or here where the patient's page asks by itself.
    Raises `Conflict` where no nurse can come now, `NotFound` or `Gone` for the conversation.
    """
    handoffs.wait_for_turn(session, wanted.conversation_id)
    known = session.get(HandoffKeyRow, key)
    if known:
        row = session.get_one(HandoffRow, known.handoff_id)
        return Queued(_state(session, row), row.reference, known.promise, created=False)
    handoffs.check_conversation(session, wanted.conversation_id)
    holder = floor.read(session, wanted.conversation_id).holder
    row_or_none = handoffs.open_handoff(session, wanted.conversation_id)
    if holder is Holder.ASSISTANT and not is_offered(
        session, clinic, wanted.conversation_id, now=now
    ):
        raise Conflict("No nurse can come to the chat now. Ask for a call instead.")
    row = row_or_none or handoffs.new_handoff(session, wanted.conversation_id, kind="chat", now=now)
    handoffs.join_reason(row, wanted.reason, wanted.urgency)
    if holder is Holder.ASSISTANT:
        row.kind = "chat"
        row.due_at = min(
            due
            for due in (
                row.due_at,
                now + clinic.chat.nobody_came_after,
                handoffs.due_time(clinic, Urgency(row.urgency), now=now),
            )
            if due
        )
        session.flush()
        floor.ask(session, wanted.conversation_id, in_a_turn=by_assistant, now=now)
        action = "handoff.joined" if row_or_none else "handoff.created"
        audit.record(
            session,
            actor="patient",
            action=action,
            object_kind="handoff",
            object_id=row.id,
            now=now,
        )
        notices.waits(session, clinic, row, now=now)
    place = in_line(waiting_line.place(session, clinic, wanted.conversation_id, now=now))
    session.add(HandoffKeyRow(key=key, handoff_id=row.id, due_at=row.due_at, promise=place))
    if holder is Holder.ASSISTANT and not by_assistant:
        text = f"{place} Your reference is {row.reference}. {worse(clinic)}"
        say(session, row, text, HandoffState.QUEUED, now=now)
    return Queued(_state(session, row), row.reference, place, created=row_or_none is None)


def keep_for_nurse(
    session: Session, clinic: Clinic, conversation_id: str, *, now: datetime
) -> None:
    """Answer a patient who writes while waiting, when nothing was said to her for a while."""
    if floor.read(session, conversation_id).holder is not Holder.WAITING:
        return
    row = handoffs.open_handoff(session, conversation_id)
    last = session.scalar(
        select(EventRow.at)
        .where(EventRow.conversation_id == conversation_id, EventRow.author != "patient")
        .order_by(EventRow.seq.desc())
        .limit(1)
    )
    if row is None or (last is not None and now - last < _SILENCE):
        return
    place = in_line(waiting_line.place(session, clinic, conversation_id, now=now))
    text = f"Your message is kept, and the nurse will read it. {place}"
    say(session, row, text, HandoffState.QUEUED, now=now)


def leave(session: Session, conversation_id: str, *, now: datetime) -> None:
    """The patient goes back to the assistant, out of the line or out of the nurse's chat.

    A routine wish that nobody has taken is closed by it; an urgent one stays with the nurses, and
    one that a nurse has taken is hers to close. Raises `Conflict` when the assistant answers.
    """
    handoffs.wait_for_turn(session, conversation_id)
    row = handoffs.open_handoff(session, conversation_id)
    if row is None or floor.read(session, conversation_id).holder not in {
        Holder.WAITING,
        Holder.NURSE,
    }:
        raise Conflict("You are not waiting for a nurse in this chat.")
    floor.give_back(session, conversation_id, now=now)
    if row.state == "waiting" and row.urgency == Urgency.ROUTINE.value:
        row.state, row.outcome, row.resolved_at = "resolved", "patient_left", now
        text = f"You do not wait for a nurse any more. {AGAIN}"
        state = HandoffState.CLOSED
    else:
        text = (
            f"You have left the chat with the nurses. They still look at what you wrote (reference "
            f"{row.reference}). {AGAIN}"
        )
        state = HandoffState.QUEUED
    session.flush()
    say(session, row, text, state, now=now)
    audit.record(
        session,
        actor="patient",
        action="handoff.left",
        object_kind="handoff",
        object_id=row.id,
        now=now,
    )
    touch(session, conversation_id)


def _state(session: Session, row: HandoffRow) -> Literal["queued", "connected"]:
    nurse_has_it = floor.read(session, row.conversation_id).holder is Holder.NURSE
    return "connected" if nurse_has_it else "queued"
