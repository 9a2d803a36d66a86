"""Counts what happens in each chat as it happens, for the figures; numbers and no words.

Each function joins its caller's transaction, so a count stands exactly if what it counts does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, update
from sqlalchemy.orm import Session

from clinic.turn import Kind
from desk.storage.base import UtcDateTime
from desk.storage.figure_tables import ChatCountsRow

__all__ = ["begun", "handed_over", "judged", "said", "taken_over"]

_KINDS = frozenset(kind.value for kind in Kind)
# What the desk says by itself counts only where it is an alarm, in place of the assistant's.
_ALARMS = frozenset({Kind.EMERGENCY.value, Kind.URGENT.value})


def begun(session: Session, conversation_id: str, *, now: datetime) -> None:
    """A chat was opened; nothing is said in it yet."""
    session.add(ChatCountsRow(conversation_id=conversation_id, begun_at=now))


def said(
    session: Session,
    conversation_id: str,
    *,
    author: str,
    turn: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Somebody said something; lines of the desk and of nurses are not counted."""
    kind, at = str(turn.get("kind")) if turn else "", literal(now, UtcDateTime())
    values: dict[str, Any] = {}
    if author == "patient":
        values["messages"] = ChatCountsRow.messages + 1
        values["first_message_at"] = func.coalesce(ChatCountsRow.first_message_at, at)
    elif author == "assistant":
        values["first_reply_at"] = func.coalesce(ChatCountsRow.first_reply_at, at)
    if kind in (_KINDS if author == "assistant" else _ALARMS):
        values[kind] = getattr(ChatCountsRow, kind) + 1
    if values:
        _add(session, conversation_id, values)


def taken_over(
    session: Session, conversation_id: str, *, messages: int, replied: bool, now: datetime
) -> None:
    """A chat began with so many messages of the patient, said elsewhere before."""
    values: dict[str, Any] = {"messages": messages}
    if messages:
        values["first_message_at"] = now
    if replied:
        values["first_reply_at"] = now
    _add(session, conversation_id, values)


def judged(
    session: Session, conversation_id: str, *, kind: str, helpful: bool, before: bool | None
) -> None:
    """A patient said whether a reply of that kind helped; `before` is what she had said of it."""
    if helpful == before:
        return
    tail = "" if kind == Kind.ANSWER.value else "_without_answer"
    values = {}
    for opinion, change in ((helpful, 1), (before, -1)):
        if opinion is not None:
            name = ("helpful" if opinion else "unhelpful") + tail
            values[name] = getattr(ChatCountsRow, name) + change
    _add(session, conversation_id, values)


def handed_over(session: Session, conversation_id: str) -> None:
    """The patient was put before the nurses."""
    _add(session, conversation_id, {"handed_over": True})


def _add(session: Session, conversation_id: str, values: dict[str, Any]) -> None:
    session.execute(
        update(ChatCountsRow)
        .where(ChatCountsRow.conversation_id == conversation_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
