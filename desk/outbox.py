"""The outbox: messages that have to leave, each held by one sender at a time until it has.

A message is claimed for a while before it is sent and marked afterwards. Whoever dies in between
loses its hold, and the message is sent again under the same id: never lost, and doubled only where
the receiver does not look at the id.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from clinic.escalation import Address, Cause, Step
from clinic.turn import Urgency
from desk import audit, notices
from desk.storage.notice_tables import DeliveryRow, NoticeRow
from desk.storage.tables import HandoffRow

__all__ = [
    "Claimed",
    "Told",
    "claim",
    "count",
    "free",
    "is_due",
    "is_unreached",
    "mark_failed",
    "mark_sent",
    "put",
    "retry",
]

# A step of which every message has failed so often is passed over: the next one is told at once.
_FAILURES_TO_GO_ON: Final = 2
_HELD = and_(DeliveryRow.state == "sending", DeliveryRow.lease_until.is_not(None))


@dataclass(frozen=True)
class Told:
    """What a message may say: no name, no number, no word of the patient's."""

    cause: Cause
    urgency: Urgency
    reference: str
    at: datetime
    waiting_since: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Claimed:
    """One message that the caller alone may send now. `tries` counts this one."""

    id: int
    address: str
    message_id: str
    created_at: datetime
    tries: int
    handoff_id: int
    told: Told


def put(session: Session, notice: NoticeRow, step: Step, *, now: datetime) -> None:
    """The messages of the notice's next step, in the caller's transaction."""
    for name in step.to:
        session.add(
            DeliveryRow(
                notice_id=notice.id,
                step=notice.told,
                address=name,
                message_id=f"msg_{uuid.uuid4().hex}",
                state="waiting",
                tries=0,
                created_at=now,
                next_try_at=now,
                problem="",
            )
        )


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether `claim` would find something; reads only."""
    return session.scalar(select(DeliveryRow.id).where(_due(now)).limit(1)) is not None


def claim(
    session: Session,
    addresses: Collection[Address],
    *,
    lease: timedelta,
    under_way: Mapping[str, int],
    at_once: int,
    now: datetime,
) -> tuple[Claimed, ...]:
    """Take hold of what is due, the most urgent first.

    Of each address `at_once` at most, with those that are `under_way` there: one that hangs does
    not keep the others. A message to people that a nurse has made needless is withdrawn instead;
    what an address of another program is owed it gets.
    """
    kinds = {address.name: address.kind for address in addresses}
    rank = [urgency.value for urgency in reversed(Urgency)]
    rows = session.execute(
        select(DeliveryRow, NoticeRow, HandoffRow)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .join(HandoffRow, HandoffRow.id == NoticeRow.handoff_id)
        .where(_due(now))
        .with_for_update(of=DeliveryRow, skip_locked=True)
    ).all()
    held = Counter(under_way)
    claimed = []
    for row, notice, handoff in sorted(
        rows, key=lambda found: (rank.index(found[1].urgency), found[0].next_try_at, found[0].id)
    ):
        for_people = kinds.get(row.address) != "webhook"
        if for_people and notices.answered(session, notice, handoff, now=now):
            row.state, row.ended_at, row.lease_until = "withdrawn", now, None
            continue
        if held[row.address] >= at_once:
            continue
        held[row.address] += 1
        row.state, row.tries, row.lease_until = "sending", row.tries + 1, now + lease
        claimed.append(_claimed(row, notice, handoff))
    return tuple(claimed)


def mark_sent(session: Session, claimed: Claimed, *, now: datetime) -> bool:
    """It has left. False when the hold was lost, and somebody else has it now."""
    done = _end(session, claimed, state="sent", problem="", ended_at=now, next_try_at=now)
    if done:
        _audit(session, claimed, "notice.sent", now=now)
    return done


def mark_failed(
    session: Session,
    claimed: Claimed,
    *,
    problem: str,
    wait: timedelta | None,
    now: datetime,
) -> bool:
    """It has not left: try again after `wait`, or never by itself where that is None."""
    if wait is not None:
        again_at = now + wait
        return _end(
            session, claimed, state="waiting", problem=problem, ended_at=None, next_try_at=again_at
        )
    given_up = _end(
        session, claimed, state="failed", problem=problem, ended_at=now, next_try_at=now
    )
    if given_up:
        _audit(session, claimed, "notice.given_up", now=now)
    return given_up


def _audit(session: Session, claimed: Claimed, action: str, *, now: datetime) -> None:
    audit.record(
        session,
        actor="system",
        action=action,
        object_kind="handoff",
        object_id=claimed.handoff_id,
        detail=claimed.address,
        now=now,
    )


def retry(session: Session, delivery_id: int, *, now: datetime) -> bool:
    """Try one that was given up, or waits for its next try, now; false when there is none such."""
    found = session.scalar(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.state.in_(("failed", "waiting")))
        .values(state="waiting", next_try_at=now, created_at=now, ended_at=None)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None


def free(session: Session, *, now: datetime) -> None:
    """End every hold: for the start of a desk that is the only one on its database."""
    session.execute(
        update(DeliveryRow)
        .where(_HELD)
        .values(lease_until=now)
        .execution_options(synchronize_session=False)
    )


def is_unreached(session: Session, notice: NoticeRow) -> bool:
    """Whether no message of the notice's last step has left, each having failed repeatedly."""
    if notice.told == 0:
        return False
    rows = session.scalars(
        select(DeliveryRow).where(
            DeliveryRow.notice_id == notice.id, DeliveryRow.step == notice.told - 1
        )
    ).all()
    return bool(rows) and all(
        row.state == "failed"
        or (row.state == "waiting" and row.tries >= _FAILURES_TO_GO_ON)
        or (row.state == "sending" and row.tries > _FAILURES_TO_GO_ON)
        for row in rows
    )


def count(session: Session) -> dict[str, int]:
    """How many messages there are in each state; every state has its number."""
    found = session.execute(
        select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
    ).all()
    counted = {row[0]: row[1] for row in found}
    states = ("waiting", "sending", "sent", "failed", "withdrawn")
    return {state: counted.get(state, 0) for state in states}


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(DeliveryRow.state == "waiting", DeliveryRow.next_try_at <= now),
        and_(_HELD, DeliveryRow.lease_until <= now),
    )


def _claimed(row: DeliveryRow, notice: NoticeRow, handoff: HandoffRow) -> Claimed:
    return Claimed(
        id=row.id,
        address=row.address,
        message_id=row.message_id,
        created_at=row.created_at,
        tries=row.tries,
        handoff_id=handoff.id,
        told=Told(
            cause=Cause(notice.cause),
            urgency=Urgency(notice.urgency),
            reference=handoff.reference,
            at=notice.at,
            waiting_since=handoff.created_at,
            due_at=notice.due_at,
        ),
    )


def _end(session: Session, claimed: Claimed, **values: object) -> bool:
    found = session.scalar(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == claimed.id,
            DeliveryRow.state == "sending",
            DeliveryRow.tries == claimed.tries,
        )
        .values(lease_until=None, **values)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None
