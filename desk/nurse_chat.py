"""What nurses do in a live chat: write, keep notes for one another, pass the patient on.

Only the nurse who has claimed the handoff writes to the patient; writing takes the floor, so the
assistant is silent from then on. Everything is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.floor import Holder
from desk import accounts, audit, conversations, floor, handoffs, live_chat
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound
from desk.nurse_queue import Handoff, view
from desk.nurse_work import find_row, hers, lock, taken
from desk.storage.database import touch
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import EventRow, HandoffRow, NoteRow

__all__ = ["Note", "add_note", "check_hers", "colleagues", "notes", "saw", "transfer", "write"]


@dataclass(frozen=True)
class Note:
    """What a nurse wrote for the others; the patient never gets it."""

    id: int
    at: datetime
    nurse: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """As the nurse's API shows it."""
        return {"id": self.id, "at": self.at.isoformat(), "nurse": self.nurse, "text": self.text}


def write(
    session: Session,
    conversation_id: str,
    *,
    nurse: Nurse,
    text: str,
    message_id: str,
    now: datetime,
) -> int:
    """Say it to the patient; its `seq`. The same `message_id` again is the same message.

    Raises `Conflict`, which says who has the patient, when it is not this nurse, and when the
    patient has no chat to read it in; `NotFound`, and `Gone` when the chat was erased.
    """
    handoffs.check_conversation(session, conversation_id)
    handoffs.wait_for_turn(session, conversation_id)
    known = session.scalar(
        select(EventRow.seq).where(
            EventRow.conversation_id == conversation_id, EventRow.client_message_id == message_id
        )
    )
    if known is not None:
        return known
    row = check_hers(session, conversation_id, nurse)
    conversation = conversations.get(session, conversation_id)
    if conversation is None or conversation.origin != "web":
        raise Conflict("This patient has no chat to read it in. Please call instead.")
    live_chat.join(session, row, nurse.id, now=now)
    event = conversations.append(
        session,
        conversation_id,
        author="nurse",
        text=text,
        client_message_id=message_id,
        nurse_id=nurse.id,
        now=now,
    )
    row.first_answered_at = row.first_answered_at or now
    _audit(session, nurse, "conversation.written", conversation_id, now=now)
    return event.seq


def add_note(
    session: Session, conversation_id: str, *, nurse: Nurse, text: str, now: datetime
) -> Note:
    """Keep a note for the nurses. Raises `NotFound` for one that was never handed to them."""
    conversations.check_handed_over(session, conversation_id)
    row = NoteRow(conversation_id=conversation_id, nurse_id=nurse.id, at=now, text=text)
    session.add(row)
    session.flush()
    _audit(session, nurse, "conversation.noted", conversation_id, now=now)
    touch(session, conversation_id)
    return Note(row.id, row.at, nurse.name, row.text)


def notes(
    session: Session, conversation_id: str, *, nurse: Nurse, now: datetime
) -> tuple[Note, ...]:
    """The notes in their order; audited, needs a writing session. Raises `NotFound`."""
    conversations.check_handed_over(session, conversation_id)
    rows = session.execute(
        select(NoteRow, NurseRow.name)
        .join(NurseRow, NurseRow.id == NoteRow.nurse_id)
        .where(NoteRow.conversation_id == conversation_id)
        .order_by(NoteRow.id)
    ).all()
    _audit(session, nurse, "conversation.notes_read", conversation_id, now=now)
    return tuple(Note(row.id, row.at, name, row.text) for row, name in rows)


def transfer(
    session: Session, handoff_id: int, *, nurse: Nurse, to: int, note: str | None, now: datetime
) -> Handoff:
    """Give the patient to a colleague who is there; the note is for her, not for the patient.

    Raises `Conflict` when somebody else has it or nobody does, or when the colleague is not there,
    and `NotFound`.
    """
    target = session.get(NurseRow, to)
    if target is None or not target.active:
        raise NotFound("There is no such colleague.")
    before = lock(session, handoff_id)
    if not accounts.is_there(target, now=now):
        raise Conflict(f"{target.name} is not there now. Choose somebody else, or give it back.")
    old = before.assigned_to
    if old == to:
        raise Conflict(f"{target.name} already has this patient.")
    moved = session.scalar(
        update(HandoffRow)
        .where(
            HandoffRow.id == handoff_id,
            HandoffRow.state == "claimed",
            HandoffRow.assigned_to == old,
            hers(nurse),
        )
        .values(assigned_to=to, claimed_at=now)
        .returning(HandoffRow.id)
        .execution_options(synchronize_session=False)
    )
    row = find_row(session, handoff_id)
    if moved is None or old is None:
        raise taken(session, row)
    if floor.read(session, row.conversation_id).holder is Holder.NURSE:
        live_chat.pass_on(session, row, old=old, new=to, now=now)
    if note:
        add_note(session, row.conversation_id, nurse=nurse, text=note, now=now)
    touch(session, row.conversation_id)
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action="handoff.transferred",
        object_kind="handoff",
        object_id=handoff_id,
        detail=f"nurse:{to}",
        now=now,
    )
    return view(session, row)


def colleagues(session: Session, *, now: datetime) -> tuple[Nurse, ...]:
    """Every active account, by name; `available` says who is there to take a patient."""
    rows = session.scalars(
        select(NurseRow).where(NurseRow.active.is_(True)).order_by(NurseRow.name, NurseRow.id)
    )
    return tuple(accounts.view(row, now=now) for row in rows)


def saw(session: Session, conversation_id: str, *, nurse: Nurse, seq: int) -> None:
    """The nurse who has the patient has seen the events up to `seq`; nobody else's look counts."""
    row = handoffs.open_handoff(session, conversation_id)
    if row is not None and row.assigned_to == nurse.id:
        conversations.note_seen(session, conversation_id, by="nurse", seq=seq)


def check_hers(session: Session, conversation_id: str, nurse: Nurse) -> HandoffRow:
    """The open handoff, which the nurse has claimed. Raises `Conflict` and `NotFound`."""
    row = handoffs.open_handoff(session, conversation_id)
    if row is None:
        conversations.check_handed_over(session, conversation_id)
        raise Conflict("This chat is closed in the queue. Wait until the patient asks again.")
    if row.state != "claimed" or row.assigned_to != nurse.id:
        raise taken(session, row)
    return row


def _audit(
    session: Session, nurse: Nurse, action: str, conversation_id: str, *, now: datetime
) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=action,
        object_kind="conversation",
        object_id=conversation_id,
        now=now,
    )
