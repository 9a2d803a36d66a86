"""The nurses' list: who waits, in the order in which to call. Reading it is audited."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit
from desk.accounts import Nurse
from desk.nurse_queue import Handoff, place, views
from desk.storage.database import Database
from desk.storage.tables import HandoffRow

__all__ = ["QueueFilter", "read"]

QueueFilter = Literal["open", "waiting", "claimed", "resolved"]


def read(
    database: Database,
    *,
    nurse: Nurse,
    now: datetime,
    state: QueueFilter = "open",
    summarised: bool = True,
    shown: frozenset[int] | None = None,
) -> tuple[Handoff, ...]:
    """The handoffs of that state, the one to call first in front; audited before they are given.

    `summarised`: each with its SBAR summary, for which every message of the patient is looked at.
    `shown`: whom the nurse's open list shows already; reading it on is audited when somebody joins.

    Emergencies, then urgent ones and routine ones past their promise, then the rest; within each
    the earliest due. Resolved ones: the latest first, at most 200. Reading many summaries takes
    long, and nobody who wants to write waits for it.
    """
    with database.read() as session:
        found = _listed(session, state, summarised=summarised)
    if state != "resolved":
        found.sort(key=lambda handoff: place(handoff, now=now))
    if shown is None or not shown.issuperset(handoff.id for handoff in found):
        with database.write() as session:
            audit.record(
                session,
                actor=f"nurse:{nurse.id}",
                action="queue.read",
                object_kind="queue",
                object_id=state,
                now=now,
            )
    return tuple(found)


def _listed(session: Session, state: QueueFilter, *, summarised: bool) -> list[Handoff]:
    query = select(HandoffRow)
    if state == "resolved":
        query = query.where(HandoffRow.state == "resolved")
        query = query.order_by(HandoffRow.resolved_at.desc()).limit(200)
    elif state == "open":
        query = query.where(HandoffRow.state != "resolved")
    else:
        query = query.where(HandoffRow.state == state)
    return views(session, session.scalars(query).all(), summarised=summarised)
