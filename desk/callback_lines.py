"""What the desk says in a patient's chat about her call: tried, late, given up, cancelled.

Nobody is left waiting without knowing. A patient of the form, or one who speaks to Rasa alone,
hears nothing from here, and neither does one who erased the chat.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from clinic.attempts import UNREACHED, AttemptOutcome
from clinic.settings import Clinic
from clinic.turn import Handoff, HandoffState, Kind, Turn
from desk import callback_requests, conversations
from desk.chat_lines import ASK_FOR_A_CALL, worse
from desk.promises import clock_time
from desk.storage.tables import ConversationRow, HandoffRow

__all__ = ["given_up", "late", "reads_the_chat", "tried"]

_HAPPENED: Final = {
    AttemptOutcome.NO_ANSWER: "A nurse called you at {at} and nobody answered.",
    AttemptOutcome.VOICEMAIL: "A nurse called you at {at} and left a voicemail.",
    AttemptOutcome.WRONG_NUMBER: (
        "A nurse tried to call you at {at}, but the number you gave does not seem to be yours. "
        "To give another one, ask for a call here again."
    ),
}


def reads_the_chat(session: Session, conversation_id: str) -> bool:
    """Whether the patient sees what is said in this conversation."""
    conversation = session.get_one(ConversationRow, conversation_id)
    return conversation.origin == "web" and conversation.erased_at is None


def tried(
    session: Session,
    clinic: Clinic,
    row: HandoffRow,
    outcome: AttemptOutcome,
    *,
    now: datetime,
) -> None:
    """A call that did not reach the patient, and by when the next one comes."""
    if outcome not in UNREACHED:
        return
    happened = _HAPPENED[outcome].format(at=clock_time(clinic, now))
    again = f"A nurse will try again by {clock_time(clinic, row.due_at)}." if row.due_at else ""
    text = f"{happened} {again} Your reference is {row.reference}. {worse(clinic)}"
    offers = outcome is AttemptOutcome.WRONG_NUMBER
    _say(session, row, " ".join(text.split()), HandoffState.QUEUED, offers_call=offers, now=now)


def given_up(
    session: Session, clinic: Clinic, row: HandoffRow, *, attempts: int, now: datetime
) -> None:
    """The request is closed although nobody was reached."""
    text = (
        f"We called you {attempts} times and did not reach you, so your request {row.reference} is "
        f"closed. If you still want a nurse to call you, ask here again. {worse(clinic)}"
    )
    _say(session, row, text, HandoffState.CLOSED, offers_call=True, now=now)


def late(session: Session, clinic: Clinic, row: HandoffRow, *, now: datetime) -> None:
    """The promised time has gone by. In a live chat `desk.attendance` has the word instead."""
    if row.alarm_seq is not None:
        text = f"No nurse has read this chat yet. Do not wait: call {clinic.emergency_number} now."
    elif row.kind == "callback":
        text = (
            "We have not called you by the time we promised, and we are sorry. Your request "
            f"{row.reference} is still open, and the nurses see that it is late."
            f"{_or_by_phone(clinic)} {worse(clinic)}"
        )
    else:
        return
    _say(session, row, text, HandoffState.QUEUED, now=now)


def _or_by_phone(clinic: Clinic) -> str:
    return f" You can also call the clinic at {clinic.phone}." if clinic.phone else ""


def _say(
    session: Session,
    row: HandoffRow,
    text: str,
    state: HandoffState,
    *,
    now: datetime,
    offers_call: bool = False,
) -> None:
    """In every chat in which this patient asked for the call and waits for it."""
    turn = Turn(kind=Kind.HANDOFF, handoff=Handoff(state, reference=row.reference)).to_json()
    asked = callback_requests.requests_of(session, row.id)
    waiting = {request.conversation_id for request in asked if request.withdrawn_at is None}
    for conversation_id in sorted({row.conversation_id, *waiting}):
        if reads_the_chat(session, conversation_id):
            conversations.append(
                session,
                conversation_id,
                author="system",
                text=text,
                turn=turn,
                buttons=(ASK_FOR_A_CALL,) if offers_call else (),
                now=now,
            )
