"""What was told to whom when nobody looked: for leads and admins, read and tried again, audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from clinic.escalation import Cause, is_quiet, next_step
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk import accounts, audit, notices, outbox
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound
from desk.storage.notice_tables import DeliveryRow, NoticeRow
from desk.storage.tables import HandoffRow

__all__ = [
    "PAGE",
    "UNSENT",
    "Delivery",
    "NoticeLog",
    "Rising",
    "read",
    "try_again",
    "unreached_addresses",
]

PAGE: Final = 100
UNSENT: Final = ("waiting", "sending", "failed")
_NOTICED_TRIES: Final = 2  # one try that fails is not worth a nurse's attention
_RECENT: Final = timedelta(days=1)


@dataclass(frozen=True)
class Delivery:
    """One message to one address; `problem` is the code of its last failure, else empty."""

    id: int
    address: str
    reference: str
    urgency: Urgency
    cause: Cause
    at: datetime
    state: str
    tries: int
    next_try_at: datetime
    ended_at: datetime | None
    problem: str


@dataclass(frozen=True)
class Rising:
    """A notice that nobody has answered yet: `to` is told at `due_at`, if not quiet then."""

    reference: str
    urgency: Urgency
    cause: Cause
    at: datetime
    to: tuple[str, ...]
    due_at: datetime
    is_quiet: bool


@dataclass(frozen=True)
class NoticeLog:
    """What is still to be told, and the newest messages of each sort, at most a page of each."""

    rising: tuple[Rising, ...]
    unsent: tuple[Delivery, ...]
    done: tuple[Delivery, ...]


def read(session: Session, clinic: Clinic, *, nurse: Nurse, now: datetime) -> NoticeLog:
    """Who is told next, what has not left, and what has left or is not needed any more.

    It is audited, so it needs a write session.
    """
    _audit(session, nurse, "notices.read", "all", now=now)
    return NoticeLog(
        rising=_rising(session, clinic, now=now),
        unsent=_newest(session, UNSENT),
        done=_newest(session, ("sent", "withdrawn")),
    )


def try_again(session: Session, delivery_id: int, *, nurse: Nurse, now: datetime) -> None:
    """Send now what was given up or waits for its next try.

    Raises `Conflict` for one that has left or is under way, and `NotFound`.
    """
    if session.get(DeliveryRow, delivery_id) is None:
        raise NotFound("There is no such message.")
    if not outbox.retry(session, delivery_id, now=now):
        raise Conflict("This message has left, or is being sent now. Load the page again.")
    _audit(session, nurse, "notice.tried_again", delivery_id, now=now)


def unreached_addresses(session: Session, *, now: datetime) -> Sequence[str]:
    """The addresses to which something of the last day does not get through, by name."""
    keeps_failing = and_(
        DeliveryRow.state.in_(("waiting", "sending")),
        DeliveryRow.problem != "",
        DeliveryRow.tries >= _NOTICED_TRIES,
    )
    given_up = and_(DeliveryRow.state == "failed", DeliveryRow.ended_at > now - _RECENT)
    return session.scalars(
        select(DeliveryRow.address)
        .where(or_(keeps_failing, given_up))
        .distinct()
        .order_by(DeliveryRow.address)
    ).all()


def _rising(session: Session, clinic: Clinic, *, now: datetime) -> tuple[Rising, ...]:
    rows = session.execute(
        select(NoticeRow, HandoffRow)
        .join(HandoffRow, HandoffRow.id == NoticeRow.handoff_id)
        .where(NoticeRow.ended_at.is_(None))
        .order_by(NoticeRow.id.desc())
        .limit(PAGE)
    ).all()
    nurse_there = accounts.nurse_present(session, now=now)
    rising = []
    for row, handoff in rows:
        notice = notices.view(row)
        following = next_step(clinic.notifications, notice, nurse_there=nurse_there)
        if following is None or notices.answered(session, row, handoff, now=now):
            continue
        due_at, step = following
        rising.append(
            Rising(
                reference=handoff.reference,
                urgency=notice.urgency,
                cause=notice.cause,
                at=notice.at,
                to=step.to,
                due_at=due_at,
                is_quiet=is_quiet(clinic.notifications, notice.urgency, now=max(due_at, now)),
            )
        )
    return tuple(sorted(rising, key=lambda one: (one.is_quiet, one.due_at)))


def _newest(session: Session, states: Sequence[str]) -> tuple[Delivery, ...]:
    rows = session.execute(
        select(DeliveryRow, NoticeRow, HandoffRow.reference)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .join(HandoffRow, HandoffRow.id == NoticeRow.handoff_id)
        .where(DeliveryRow.state.in_(states))
        .order_by(DeliveryRow.id.desc())
        .limit(PAGE)
    ).all()
    return tuple(
        Delivery(
            id=row.id,
            address=row.address,
            reference=reference,
            urgency=Urgency(notice.urgency),
            cause=Cause(notice.cause),
            at=notice.at,
            state=row.state,
            tries=row.tries,
            next_try_at=row.next_try_at,
            ended_at=row.ended_at,
            problem=row.problem,
        )
        for row, notice, reference in rows
    )


def _audit(
    session: Session, nurse: Nurse, action: str, object_id: int | str, *, now: datetime
) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=action,
        object_kind="notices" if object_id == "all" else "notice",
        object_id=object_id,
        now=now,
    )
