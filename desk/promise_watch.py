"""Watches the times by which patients were told they are called: half of it gone, and all of it.

Each passing is noted once, in the transaction that does what follows from it, so that a crash
neither loses nor doubles one. `on_passed` is where a notifier joins that transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from clinic.due import halfway
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import audit, callback_lines, handoffs
from desk.logs import describe
from desk.storage.callback_tables import PromiseRow
from desk.storage.database import Database, touch
from desk.storage.tables import HandoffRow

__all__ = ["OnPassed", "Passed", "look", "run"]

_log = logging.getLogger(__name__)
_ACTIONS: Final = {"half": "handoff.promise_half_gone", "end": "handoff.promise_broken"}


@dataclass(frozen=True)
class Passed:
    """Half of the promised time has gone by without an end, or all of it."""

    handoff_id: int
    mark: Literal["half", "end"]
    due_at: datetime
    urgency: Urgency


OnPassed = Callable[[Session, Passed], None]


async def run(
    database: Database,
    clinic: Clinic,
    *,
    every: timedelta,
    clock: Callable[[], datetime],
    on_passed: Sequence[OnPassed] = (),
) -> None:
    """Look until cancelled."""
    while True:
        try:
            await asyncio.to_thread(look, database, clinic, now=clock(), on_passed=on_passed)
        except Exception as error:  # noqa: BLE001 (one bad moment must not end the watch)
            _log.error("promise_watch.look_failed %s", describe(error))
        await asyncio.sleep(every.total_seconds())


def look(
    database: Database, clinic: Clinic, *, now: datetime, on_passed: Sequence[OnPassed] = ()
) -> tuple[Passed, ...]:
    """Note what has passed by `now`, and what was newly promised; what has passed."""
    with database.read() as session:
        found = session.scalars(_to_look_at(now)).all()
    passed = []
    for handoff_id in found:
        with database.write() as session:
            one = _note(session, clinic, handoff_id, now=now)
            if one is not None:
                for join in on_passed:
                    join(session, one)
                passed.append(one)
    return tuple(passed)


def _of_this_promise() -> ColumnElement[bool]:
    return and_(PromiseRow.handoff_id == HandoffRow.id, PromiseRow.due_at == HandoffRow.due_at)


def _is_waited_for() -> ColumnElement[bool]:
    # A nurse who has taken a chat is there; one who has taken a call-back has not called yet.
    return and_(
        HandoffRow.state != "resolved",
        HandoffRow.due_at.is_not(None),
        or_(HandoffRow.kind == "callback", HandoffRow.state == "waiting"),
    )


def _to_look_at(now: datetime) -> Select[int]:
    return (
        select(HandoffRow.id)
        .outerjoin(PromiseRow, _of_this_promise())
        .where(
            _is_waited_for(),
            or_(
                PromiseRow.handoff_id.is_(None),
                and_(PromiseRow.half_noted_at.is_(None), PromiseRow.half_at <= now),
                and_(PromiseRow.end_noted_at.is_(None), PromiseRow.due_at <= now),
            ),
        )
        .order_by(HandoffRow.due_at, HandoffRow.id)
    )


def _note(session: Session, clinic: Clinic, handoff_id: int, *, now: datetime) -> Passed | None:
    conversation_id = session.get_one(HandoffRow, handoff_id).conversation_id
    handoffs.wait_for_turn(session, conversation_id)
    # Somebody may have acted since: it is read again under the lock.
    row = session.scalar(
        select(HandoffRow)
        .where(HandoffRow.id == handoff_id, _is_waited_for())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.due_at is None:
        return None
    urgency = Urgency(row.urgency)
    promise = session.get(PromiseRow, (row.id, row.due_at), populate_existing=True)
    if promise is None:
        half = halfway(clinic.schedule, urgency, start=now, due=row.due_at)
        promise = PromiseRow(handoff_id=row.id, due_at=row.due_at, half_at=half)
        session.add(promise)
    if row.due_at <= now and promise.end_noted_at is None:
        # With all of it gone nobody needs to hear of the half.
        promise.half_noted_at = promise.half_noted_at or now
        promise.end_noted_at = now
        session.flush()
        callback_lines.late(session, clinic, row, now=now)
        return _passed(session, row, "end", row.due_at, now=now)
    if promise.half_at <= now and promise.half_noted_at is None:
        promise.half_noted_at = now
        return _passed(session, row, "half", row.due_at, now=now)
    return None


def _passed(
    session: Session,
    row: HandoffRow,
    mark: Literal["half", "end"],
    due_at: datetime,
    *,
    now: datetime,
) -> Passed:
    touch(session, row.conversation_id)
    audit.record(
        session,
        actor="system",
        action=_ACTIONS[mark],
        object_kind="handoff",
        object_id=row.id,
        now=now,
    )
    return Passed(row.id, mark, due_at, Urgency(row.urgency))
