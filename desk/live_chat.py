"""Live chat: each change of who answers, together with the line that tells the patient.

The floor itself is changed by `desk.floor` alone; the handoff's row stays with its callers. Used by
`desk.nurse_work`, `desk.nurse_chat`, `desk.chat_requests` and `desk.attendance`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.hours import next_opening
from clinic.settings import Clinic
from clinic.turn import HandoffState, Urgency
from desk import floor, notices, waiting_line
from desk.chat_lines import AGAIN, in_line, name_of, say, worse
from desk.handoffs import due_time
from desk.promises import clock_time, promise_of
from desk.storage.tables import HandoffRow

__all__ = ["closing", "ended", "join", "lost", "nobody_comes", "pass_on", "put_back", "silent"]

_WROTE: Final = "What you wrote is kept for the nurses."


def join(session: Session, row: HandoffRow, nurse_id: int, *, now: datetime) -> None:
    """The nurse answers from now on; the patient is told, unless she did already."""
    before = floor.read(session, row.conversation_id)
    after = floor.take(session, row.conversation_id, nurse_id, now=now)
    row.call_offered_at = None
    if after == before:
        return
    name = name_of(session, nurse_id)
    text = f"{name}, a nurse, has joined the chat and answers you now."
    say(session, row, text, HandoffState.CONNECTED, nurse_id=nurse_id, now=now)


def pass_on(session: Session, row: HandoffRow, *, old: int, new: int, now: datetime) -> None:
    """Another nurse answers from now on."""
    floor.pass_on(session, row.conversation_id, new, now=now)
    text = (
        f"{name_of(session, old)} has left the chat. {name_of(session, new)}, a nurse, has joined "
        "and answers you now."
    )
    say(session, row, text, HandoffState.CONNECTED, nurse_id=new, now=now)


def put_back(
    session: Session, clinic: Clinic, row: HandoffRow, *, nurse_id: int, now: datetime
) -> None:
    """The nurse has left; the patient waits at the place that the handoff always had."""
    _wait_again(session, clinic, row, f"{name_of(session, nurse_id)} has left the chat.", now=now)


def lost(
    session: Session, clinic: Clinic, row: HandoffRow, *, nurse_id: int, now: datetime
) -> None:
    """The nurse was not heard of for too long; the patient waits at the handoff's place."""
    gone = f"The connection to {name_of(session, nurse_id)} was lost."
    _wait_again(session, clinic, row, gone, now=now)
    notices.returned(session, clinic, row, now=now)


def nobody_comes(
    session: Session, clinic: Clinic, row: HandoffRow, *, closed: bool, now: datetime
) -> None:
    """Nobody took the chat in time, or the office has closed: offer a call, and never silence.

    The handoff stays in the nurses' queue, and a nurse may still join.
    """
    floor.give_back(session, row.conversation_id, now=now)
    row.call_offered_at = now
    if closed:
        due = due_time(clinic, Urgency(row.urgency), now=now)
        row.due_at = due if row.alarm_seq is None else row.due_at
        first = f"The nurses' office has closed. {_opening(clinic, now=now)}"
    else:
        first = "I am sorry, no nurse could come to the chat in time."
    call = promise_of(clinic, due_time(clinic, Urgency(row.urgency), now=now), now=now)
    text = (
        f"{first} {_WROTE} Would you like a nurse to call you instead? If you ask now: {call} "
        f"{AGAIN} {worse(clinic)}"
    )
    say(session, row, text, HandoffState.OFFERED, offers_call=True, now=now)
    notices.unclaimed(session, clinic, row, now=now)


def closing(
    session: Session, clinic: Clinic, row: HandoffRow, *, nurse_id: int, now: datetime
) -> None:
    """The office closed while the nurse chats: she may finish, and the patient knows."""
    floor.tell_of_closing(session, row.conversation_id)
    text = (
        f"The nurses' office has closed. {name_of(session, nurse_id)} can finish this chat with "
        f"you. {_opening(clinic, now=now)}".strip()
    )
    say(session, row, text, HandoffState.CONNECTED, nurse_id=nurse_id, now=now)


def silent(
    session: Session, clinic: Clinic, row: HandoffRow, *, nurse_id: int, now: datetime
) -> None:
    """The nurse has not answered for long: the patient is told, and may wait or go back."""
    name = name_of(session, nurse_id)
    call = f" You can also call the clinic at {clinic.phone}." if clinic.phone else ""
    text = (
        f"{name} is still in this chat but has not answered for a while. You can wait for {name} "
        f"or go back to the assistant.{call} {worse(clinic)}"
    )
    say(session, row, text, HandoffState.CONNECTED, nurse_id=nurse_id, now=now)


def ended(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    *,
    nurse_id: int,
    handed_back: bool,
    now: datetime,
) -> None:
    """The handoff is closed: the assistant answers again, and the patient is told by whom."""
    before = floor.read(session, row.conversation_id)
    if before.holder is Holder.ENDED:
        return
    floor.give_back(session, row.conversation_id, now=now)
    name = name_of(session, nurse_id)
    if before.holder is not Holder.NURSE:
        text = (
            f"A nurse has looked at this chat and closed it in the nurses' queue (reference "
            f"{row.reference}). You can go on writing here. {worse(clinic)}"
        )
    elif handed_back:
        text = f"{name} has left the chat. {AGAIN} {worse(clinic)}"
    else:
        text = (
            f"{name} has ended the chat with you (reference {row.reference}). {AGAIN} "
            f"{worse(clinic)}"
        )
    say(session, row, text, HandoffState.CLOSED, nurse_id=nurse_id, now=now)


def _wait_again(
    session: Session, clinic: Clinic, row: HandoffRow, first: str, *, now: datetime
) -> None:
    # The handoff is in the queue again before the place is counted.
    row.state, row.assigned_to, row.claimed_at = "waiting", None, None
    floor.put_back(session, row.conversation_id, now=now)
    place = waiting_line.place(session, clinic, row.conversation_id, now=now)
    text = f"{first} {_WROTE} {in_line(place)} {worse(clinic)}"
    say(session, row, text, HandoffState.QUEUED, now=now)


def _opening(clinic: Clinic, *, now: datetime) -> str:
    opens = next_opening(clinic.schedule, now=now)
    return f"It opens again at {clock_time(clinic, opens)}." if opens else ""
