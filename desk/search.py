"""Finding a patient again: by reference, name, number, or what she and the nurses wrote.

Only what was handed to the nurses is looked through, and nothing that was erased. A search and each
handoff that it shows are audited; what was searched for is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk import audit
from desk.accounts import Nurse
from desk.errors import Unprocessable
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.tables import EventRow, HandoffRow, NoteRow

__all__ = ["LONGEST_SEARCH", "MOST_FOUND", "Found", "find"]

LONGEST_SEARCH: Final = 100  # characters
MOST_FOUND: Final = 50  # handoffs that are shown
_SHORTEST: Final = 3
_FEWEST_DIGITS: Final = 4
_AROUND: Final = 60  # characters shown on each side of what was found
# Half a reference is no secret, and enough to find it by.
_REFERENCE_PART: Final = 3

Place = Literal["reference", "number", "name", "reason", "message", "note"]


@dataclass(frozen=True)
class Found:
    """One handoff; `before`, `match` and `after` are the words around what was found, if it was."""

    handoff_id: int
    reference: str
    kind: str
    name: str
    asked_at: datetime
    outcome: str | None
    place: Place
    before: str = ""
    match: str = ""
    after: str = ""


def find(session: Session, words: str, *, nurse: Nurse, now: datetime) -> tuple[Found, ...]:
    """The handoffs that `words` fit, open ones first, then the newest; needs a writing session.

    At most `MOST_FOUND`. Raises `Unprocessable` for too few characters or too many.
    """
    wanted = " ".join(words.replace("\0", "").split())
    if not _SHORTEST <= len(wanted) <= LONGEST_SEARCH:
        raise Unprocessable(f"Please write {_SHORTEST} to {LONGEST_SEARCH} characters.")
    found: dict[int, Found] = {}
    for place, query, column in _queries(wanted):
        for row, text in session.execute(query.limit(MOST_FOUND)).all():
            found.setdefault(row.id, _found(row, place, text if column else "", wanted))
    by_age = sorted(found.values(), key=lambda one: one.handoff_id, reverse=True)
    shown = tuple(sorted(by_age, key=lambda one: one.outcome is not None)[:MOST_FOUND])
    _audit(session, shown, nurse=nurse, now=now)
    return shown


def _queries(wanted: str) -> list[tuple[Place, Select[HandoffRow, str], bool]]:
    """Where to look, the surest place first; whether the text around is worth showing."""
    bare = "".join(char for char in wanted if char.isalnum()).upper()
    digits = "".join(char for char in wanted if char.isdigit())
    reference = func.replace(HandoffRow.reference, "-", "")
    queries: list[tuple[Place, Select[HandoffRow, str], bool]] = []
    if len(bare) >= _REFERENCE_PART:
        starts = reference.startswith(bare, autoescape=True)
        queries.append(("reference", _handoffs(HandoffRow.reference, starts), False))
    if len(digits) >= _FEWEST_DIGITS and not any(char.isalpha() for char in wanted):
        has = HandoffRow.phone.contains(digits, autoescape=True)
        queries.append(("number", _handoffs(HandoffRow.phone, has), False))
    queries += [
        ("name", _handoffs(HandoffRow.name, _has(HandoffRow.name, wanted)), False),
        ("reason", _handoffs(HandoffRow.reason, _has(HandoffRow.reason, wanted)), True),
        ("message", _of_conversations(EventRow, EventRow.text, wanted), True),
        ("note", _of_conversations(NoteRow, NoteRow.text, wanted), True),
    ]
    return queries


def _handoffs(
    text: InstrumentedAttribute[str], fits: ColumnElement[bool]
) -> Select[HandoffRow, str]:
    return select(HandoffRow, text).where(fits).order_by(HandoffRow.id.desc())


def _of_conversations(
    table: type[EventRow | NoteRow], text: InstrumentedAttribute[str], wanted: str
) -> Select[HandoffRow, str]:
    """By what was written in a chat that the handoff is of, or that a request of it came from."""
    chats = union(
        select(HandoffRow.id.label("handoff_id"), HandoffRow.conversation_id),
        select(CallbackRequestRow.handoff_id, CallbackRequestRow.conversation_id),
    ).subquery()
    query = (
        select(HandoffRow, text)
        .join(chats, chats.c.handoff_id == HandoffRow.id)
        .join(table, table.conversation_id == chats.c.conversation_id)
        .where(_has(text, wanted))
        .order_by(HandoffRow.id.desc())
    )
    # The assistant's words are the handout's, and in every chat.
    return query.where(EventRow.author.in_(("patient", "nurse"))) if table is EventRow else query


def _has(text: InstrumentedAttribute[str], wanted: str) -> ColumnElement[bool]:
    return func.lower(text).contains(wanted.lower(), autoescape=True)


def _found(row: HandoffRow, place: Place, text: str, wanted: str) -> Found:
    at = text.lower().find(wanted.lower())
    begin, end = max(at - _AROUND, 0), at + len(wanted)
    is_shown = at >= 0
    return Found(
        handoff_id=row.id,
        reference=row.reference,
        kind=row.kind,
        name=row.name,
        asked_at=row.created_at,
        outcome=row.outcome if row.state == "resolved" else None,
        place=place,
        before=("…" if begin else "") + text[begin:at] if is_shown else "",
        match=text[at:end] if is_shown else "",
        after=text[end : end + _AROUND] + ("…" if text[end + _AROUND :] else "")
        if is_shown
        else "",
    )


def _audit(session: Session, shown: tuple[Found, ...], *, nurse: Nurse, now: datetime) -> None:
    actor = f"nurse:{nurse.id}"
    audit.record(
        session,
        actor=actor,
        action="queue.searched",
        object_kind="queue",
        object_id="all",
        detail=str(len(shown)),
        now=now,
    )
    for one in shown:
        audit.record(
            session,
            actor=actor,
            action="handoff.found",
            object_kind="handoff",
            object_id=one.handoff_id,
            detail=one.place,
            now=now,
        )
