"""Reads the rows of a period for `clinic.figures`: numbers and instants, never a text.

Both queries walk an index on the time and touch small rows only, so they take as long as the period
is busy, whatever the database holds beside it. No writer waits for them. Reading and saving are
audited.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from clinic.figures import Chat, Figures, Period, Wish, WishKind, figures_of
from clinic.settings import Clinic
from clinic.turn import Kind, Urgency
from desk import audit
from desk.accounts import Nurse
from desk.storage.database import Database
from desk.storage.figure_tables import ChatCountsRow, PastHandoffRow
from desk.storage.tables import HandoffRow

__all__ = ["read"]

_BATCH: Final = 5000
_KINDS: Final = tuple(getattr(ChatCountsRow, kind.value) for kind in Kind)


def read(
    database: Database,
    clinic: Clinic,
    period: Period,
    *,
    nurse: Nurse,
    way: Literal["read", "exported"] = "read",
    now: datetime,
) -> Figures:
    """The figures of those days; nobody gets them before it is audited."""
    since, until = period.instants(clinic.time_zone)
    with database.read() as session:
        found = figures_of(
            period,
            _chats(session, since, until),
            _wishes(session, since, until),
            zone=clinic.time_zone,
        )
    with database.write() as session:
        audit.record(
            session,
            actor=f"nurse:{nurse.id}",
            action=f"figures.{way}",
            object_kind="figures",
            object_id=f"{period.first.isoformat()}..{period.last.isoformat()}",
            now=now,
        )
    return found


def _chats(session: Session, since: datetime, until: datetime) -> Iterator[Chat]:
    row = ChatCountsRow
    rows = session.execute(
        select(
            row.begun_at,
            row.handed_over,
            row.first_message_at,
            row.first_reply_at,
            row.helpful,
            row.unhelpful,
            row.helpful_without_answer,
            row.unhelpful_without_answer,
            *_KINDS,
        )
        .where(row.begun_at >= since, row.begun_at < until, row.messages > 0)
        .execution_options(yield_per=_BATCH)
    )
    for at, over, first, reply, helped, failed, helped_without, failed_without, *kinds in rows:
        yield Chat(
            begun_at=at,
            kinds=tuple(kinds),
            handed_over=over,
            first_message_at=first,
            first_reply_at=reply,
            helped=helped,
            failed=failed,
            helped_without=helped_without,
            failed_without=failed_without,
        )


def _wishes(session: Session, since: datetime, until: datetime) -> Iterator[Wish]:
    live, past = HandoffRow, PastHandoffRow
    rows = session.execute(
        union_all(
            select(
                live.created_at.label("asked_at"),
                live.kind.label("kind"),
                live.urgency.label("urgency"),
                live.first_claimed_at.label("taken_at"),
                live.first_answered_at.label("answered_at"),
                (live.state == "resolved").label("closed"),
                live.call_offered_at.is_not(None).label("call_offered"),
            ).where(live.created_at >= since, live.created_at < until),
            select(
                past.asked_at,
                past.kind,
                past.urgency,
                past.taken_at,
                past.answered_at,
                literal(value=True),
                past.call_offered,
            ).where(past.asked_at >= since, past.asked_at < until),
        ).execution_options(yield_per=_BATCH)
    )
    for row in rows:
        yield Wish(
            kind=_wish_kind(row.kind, row.urgency),
            asked_at=row.asked_at,
            taken_at=row.taken_at,
            answered_at=row.answered_at,
            closed=bool(row.closed),
            call_offered=bool(row.call_offered),
        )


def _wish_kind(kind: str, urgency: str) -> WishKind:
    return WishKind.EMERGENCY if urgency == Urgency.EMERGENCY.value else WishKind(kind)
