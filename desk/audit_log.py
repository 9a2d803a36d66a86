"""Reading the audit trail: what of it, and as a table for other programs. Reading it is audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit, spreadsheet
from desk.accounts import Nurse
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import AuditRow

__all__ = ["PAGE", "AuditFilter", "Line", "as_csv", "kinds", "people", "read"]

PAGE: Final = 100
_MOST_EXPORTED: Final = 100_000
_COLUMNS: Final = ("id", "at", "actor", "name", "action", "object_kind", "object_id", "detail")


@dataclass(frozen=True)
class AuditFilter:
    """Which lines: of that actor, that sort of object, that object, from and until an instant.

    `before` is the number of a line: only older ones. Empty and None leave the matter open.
    """

    actor: str = ""
    kind: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """One act. `name` is the nurse's, empty for everybody else."""

    id: int
    at: datetime
    actor: str
    name: str
    action: str
    object_kind: str
    object_id: str
    detail: str


def read(
    session: Session,
    wanted: AuditFilter,
    *,
    nurse: Nurse,
    way: Literal["read", "exported"] = "read",
    now: datetime,
) -> tuple[Line, ...]:
    """The newest lines first: a page of them, or all that are exported at once."""
    query = select(AuditRow).order_by(AuditRow.id.desc())
    for column, value in (
        (AuditRow.actor, wanted.actor),
        (AuditRow.object_kind, wanted.kind),
        (AuditRow.object_id, wanted.object_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.since:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditRow.at < wanted.until)
    if wanted.before is not None:
        query = query.where(AuditRow.id < wanted.before)
    rows = session.scalars(query.limit(PAGE if way == "read" else _MOST_EXPORTED))
    names = people(session)
    found = tuple(
        Line(
            id=row.id,
            at=row.at,
            actor=row.actor,
            name=names.get(row.actor, ""),
            action=row.action,
            object_kind=row.object_kind,
            object_id=row.object_id,
            detail=row.detail,
        )
        for row in rows
    )
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=f"audit.{way}",
        object_kind="audit",
        object_id=wanted.actor or "all",
        now=now,
    )
    return found


def people(session: Session) -> dict[str, str]:
    """Each nurse's actor and name, by name."""
    rows = session.execute(select(NurseRow.id, NurseRow.name).order_by(NurseRow.name)).all()
    return {f"nurse:{row.id}": row.name for row in rows}


def kinds(session: Session) -> Sequence[str]:
    """The sorts of objects that the trail has."""
    return session.scalars(
        select(AuditRow.object_kind).distinct().order_by(AuditRow.object_kind)
    ).all()


def as_csv(lines: Sequence[Line]) -> Iterator[str]:
    """The lines for a spreadsheet, their heading first."""
    return spreadsheet.as_csv(_COLUMNS, ([str(cell) for cell in _cells(line)] for line in lines))


def _cells(line: Line) -> Sequence[object]:
    return (
        line.id,
        line.at.isoformat(),
        line.actor,
        line.name,
        line.action,
        line.object_kind,
        line.object_id,
        line.detail,
    )
