"""The page of one handoff: everything a nurse needs beside the patient, and what went wrong if so.

Used by every form of the console that changes a handoff (`console_handoff`, `console_callbacks`).
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from clinic.floor import Holder
from desk import canned_replies, closing, conversations, earlier, floor, nurse_chat, nurse_work
from desk.accounts import Nurse
from desk.errors import Conflict, Gone, Unprocessable
from desk.nurse_work import Outcome
from desk.turns import LONGEST_TEXT
from desk.web.access import Desk, current_nurse
from desk.web.rendering import render

__all__ = [
    "CALLS",
    "LONGEST_NOTE",
    "OUTCOMES",
    "WatchingNurse",
    "changed",
    "handoff_page",
    "short_note",
    "to_page",
]

OUTCOMES: Final[dict[Outcome, str]] = {
    "reached": "Reached the patient",
    "no_answer": "No answer",
    "voicemail": "Left a voicemail",
    "wrong_number": "Wrong number",
    "helped": "Helped in the chat",
    "handed_back": "Handed back to the assistant",
    "patient_left": "The patient left the chat",
    "other": "Something else (say what in the note)",
}
# How a call-back ends, where there is no chat with a nurse.
_BY_PHONE: Final[tuple[Outcome, ...]] = (
    *("reached", "no_answer", "voicemail", "wrong_number", "other"),
)
CALLS: Final[dict[AttemptOutcome, str]] = {
    AttemptOutcome.NO_ANSWER: "No answer",
    AttemptOutcome.VOICEMAIL: "Left a voicemail",
    AttemptOutcome.WRONG_NUMBER: "Wrong number",
    AttemptOutcome.REACHED: "Reached the patient",
}
LONGEST_NOTE: Final = 2000


def _watching_nurse(request: Request, *, watching: bool = False) -> Nurse:
    return current_nurse(request, acting=not watching)


# `watching`: the page asks by itself, which does not keep an idle session open.
WatchingNurse = Annotated[Nurse, Depends(_watching_nurse)]


def changed(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    handoff_id: int,
    change: Callable[[Session], None],
    *,
    note: str = "",
    then: str = "",
) -> Response:
    """Make the change and go on to `then`, else to the handoff; or say on its page why not."""
    try:
        with desk.database.write() as session:
            change(session)
    except (Conflict, Gone, Unprocessable) as error:
        return handoff_page(
            request, desk, nurse, handoff_id, status=error.status, error=error.detail, note=note
        )
    return to_page(then or f"/nurse/handoffs/{handoff_id}")


def handoff_page(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    handoff_id: int,
    *,
    status: int = 200,
    error: str = "",
    missing_outcome: bool = False,
    note: str = "",
) -> HTMLResponse:
    """The page of one handoff, with what went wrong if anything did."""
    now = desk.clock()
    with desk.database.write() as session:
        found = nurse_work.read(session, handoff_id, nurse=nurse, now=now)
        events = conversations.read_for_nurse(
            session, found.conversation_id, nurse_id=nurse.id, now=now
        )
        others = dict.fromkeys(asked.conversation_id for asked in found.requests)
        other_chats = [
            conversations.read_for_nurse(session, other, nurse_id=nurse.id, now=now)
            for other in others
            if other != found.conversation_id
        ]
        conversation = conversations.get(session, found.conversation_id)
        values = {
            "notes": nurse_chat.notes(session, found.conversation_id, nurse=nurse, now=now),
            "colleagues": [
                one
                for one in nurse_chat.colleagues(session, now=now)
                if one.available and one.id not in {nurse.id, found.assigned_to_id}
            ],
            "earlier": earlier.of_the_same_number(session, found, nurse=nurse, now=now),
            "hindrance": closing.hindrance(session, desk.clinic, handoff_id),
            "canned": canned_replies.filled_for(session, nurse, desk.clinic),
            "floor": floor.read(session, found.conversation_id).holder,
        }
    choices = OUTCOMES if found.kind == "chat" else {one: OUTCOMES[one] for one in _BY_PHONE}
    return render(
        request,
        "nurse/handoff.html",
        status=status,
        nurse=nurse,
        handoff=found,
        events=events,
        other_chats=[chat for chat in other_chats if chat],
        in_chat=values["floor"] in {Holder.WAITING, Holder.NURSE},
        has_chat=conversation is not None and conversation.origin == "web",
        outcomes={**OUTCOMES, "cancelled": "The patient cancelled"},
        choices=choices,
        calls=CALLS,
        key=secrets.token_urlsafe(16),
        error=error,
        missing_outcome=missing_outcome,
        note=note,
        message_id=uuid.uuid4(),
        longest_text=LONGEST_TEXT,
        longest_note=LONGEST_NOTE,
        now=now,
        **values,
    )


def short_note(note: str) -> str | None:
    """The note as it is kept; None when it is empty. Raises `Unprocessable` for a long one."""
    kept = note.replace("\0", "").strip()
    if len(kept) > LONGEST_NOTE:
        raise Unprocessable("Please shorten the note.")
    return kept or None


def to_page(path: str) -> RedirectResponse:
    """Go on to another page of the console, by GET."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
