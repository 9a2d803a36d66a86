"""The floor in the store: the only place that changes who answers in a conversation.

What is allowed stands in `clinic.floor`; here it is done, one change at a time for each
conversation. A nurse who gets the floor takes over what the assistant still owes: pending turns are
withdrawn in the same transaction, so the assistant's late reply is never said.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from clinic import floor as rules
from clinic.floor import Floor, FloorError, Holder
from desk.errors import Conflict, Gone, NotFound
from desk.storage.database import touch
from desk.storage.tables import ConversationRow, PendingTurnRow

__all__ = [
    "ask",
    "end",
    "give_back",
    "pass_on",
    "put_back",
    "read",
    "take",
    "tell_of_closing",
    "view",
]


def view(row: ConversationRow) -> Floor:
    """Who has the floor, by the row; before the first change it is the assistant's."""
    return Floor(
        Holder(row.floor),
        since=row.floor_since or row.created_at,
        nurse=row.floor_nurse_id,
        closing_told=row.floor_closing_told,
    )


def read(session: Session, conversation_id: str) -> Floor:
    """Who has the floor; nobody else changes it before the session's transaction has ended.

    Raises `NotFound`.
    """
    return view(_row(session, conversation_id))


def ask(session: Session, conversation_id: str, *, now: datetime, in_a_turn: bool = True) -> Floor:
    """The patient begins to wait for a nurse, and what she writes from now on is for the nurse.

    `in_a_turn`: the assistant asks for her, and still says what comes of it.
    """
    after = _change(session, conversation_id, lambda floor: rules.ask(floor, now=now))
    if after.holder is Holder.WAITING:
        first = (
            select(func.min(PendingTurnRow.seq))
            .where(PendingTurnRow.conversation_id == conversation_id)
            .scalar_subquery()
        )
        others = PendingTurnRow.seq > (first if in_a_turn else 0)
        _withdraw(session, conversation_id, others, now=now)
    return after


def take(session: Session, conversation_id: str, nurse: int, *, now: datetime) -> Floor:
    """The nurse answers from now on, and owes what the assistant has not answered yet."""
    after = _change(session, conversation_id, lambda floor: rules.take(floor, nurse, now=now))
    _withdraw(session, conversation_id, PendingTurnRow.seq > 0, now=now)
    return after


def pass_on(session: Session, conversation_id: str, to: int, *, now: datetime) -> Floor:
    """Another nurse answers from now on."""
    return _change(session, conversation_id, lambda floor: rules.pass_on(floor, to, now=now))


def put_back(session: Session, conversation_id: str, *, now: datetime) -> Floor:
    """The nurse has left, and the patient waits for another."""
    return _change(session, conversation_id, lambda floor: rules.put_back(floor, now=now))


def give_back(session: Session, conversation_id: str, *, now: datetime) -> Floor:
    """The assistant answers again, from the next message on."""
    return _change(session, conversation_id, lambda floor: rules.give_back(floor, now=now))


def end(session: Session, conversation_id: str, *, now: datetime) -> Floor:
    """The chat is erased."""
    return _change(session, conversation_id, lambda floor: rules.end(floor, now=now))


def tell_of_closing(session: Session, conversation_id: str) -> Floor:
    """Note that the patient was told of the closing office."""
    return _change(session, conversation_id, rules.told_of_closing)


def _change(session: Session, conversation_id: str, step: Callable[[Floor], Floor]) -> Floor:
    """Store what the step makes of the floor. Raises `Gone`, `Conflict`, `NotFound`."""
    row = _row(session, conversation_id)
    before = view(row)
    try:
        after = step(before)
    except FloorError as error:
        if before.holder is Holder.ENDED:
            raise Gone("This chat was erased.") from error
        raise Conflict("Somebody else answers in this chat now. Load it again.") from error
    if after != before:
        row.floor, row.floor_since = after.holder.value, after.since
        row.floor_nurse_id, row.floor_closing_told = after.nurse, after.closing_told
        session.flush()
        touch(session, conversation_id)
    return after


def _row(session: Session, conversation_id: str) -> ConversationRow:
    session.flush()
    row = session.get(
        ConversationRow, conversation_id, with_for_update=True, populate_existing=True
    )
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


def _withdraw(
    session: Session, conversation_id: str, which: ColumnElement[bool], *, now: datetime
) -> None:
    # Not deleted at once: the desk's own alarm looks at each of them first (`desk.outages`).
    session.execute(
        update(PendingTurnRow)
        .where(PendingTurnRow.conversation_id == conversation_id, which)
        .values(withdrawn=True, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
