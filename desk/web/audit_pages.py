"""The audit trail as admins read it: a page with a filter, and the same as CSV."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from clinic.roles import Permission
from desk import audit_log
from desk.accounts import Nurse
from desk.audit_log import AuditFilter
from desk.web.access import CurrentDesk, Desk, requires
from desk.web.rendering import render

__all__ = ["router"]

router = APIRouter(prefix="/nurse", include_in_schema=False)
Reader = Annotated[Nurse, Depends(requires(Permission.READ_AUDIT))]
_LARGEST: Final = 2**31 - 1
_Text = Annotated[str, Query(max_length=255)]


class Filter:
    """The fields of the form; a day that is none is left out, for the form says so itself."""

    def __init__(
        self,
        desk: CurrentDesk,
        *,
        actor: _Text = "",
        kind: _Text = "",
        object: _Text = "",  # noqa: A002 (the name of the field)
        since: _Text = "",
        until: _Text = "",
        before: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None,
    ) -> None:
        self.fields = {
            "actor": actor,
            "kind": kind,
            "object": object.strip(),
            "since": since,
            "until": until,
        }
        self.wanted = AuditFilter(
            actor=actor,
            kind=kind,
            object_id=object.strip(),
            since=_midnight(desk, since),
            until=_midnight(desk, until, later=timedelta(days=1)),
            before=before,
        )

    def address(self, path: str, **more: int) -> str:
        """The same filter at another address."""
        chosen = {name: value for name, value in self.fields.items() if value}
        return f"{path}?{urlencode({**chosen, **more})}"


Wanted = Annotated[Filter, Depends(Filter)]


@router.get("/audit")
def read_audit(request: Request, desk: CurrentDesk, reader: Reader, wanted: Wanted) -> HTMLResponse:
    """The newest acts first, a page at a time."""
    with desk.database.write() as session:  # reading is audited
        lines = audit_log.read(session, wanted.wanted, nurse=reader, now=desk.clock())
        people, kinds = audit_log.people(session), audit_log.kinds(session)
    older = (
        wanted.address("/nurse/audit", before=lines[-1].id)
        if len(lines) == audit_log.PAGE
        else None
    )
    return render(
        request,
        "nurse/audit.html",
        nurse=reader,
        lines=lines,
        people=people,
        kinds=kinds,
        fields=wanted.fields,
        older=older,
        export=wanted.address("/nurse/audit.csv"),
    )


@router.get("/audit.csv")
def export_audit(desk: CurrentDesk, reader: Reader, wanted: Wanted) -> Response:
    """All that the filter lets through, for a spreadsheet."""
    with desk.database.write() as session:  # exporting is audited
        lines = audit_log.read(
            session, wanted.wanted, nurse=reader, way="exported", now=desk.clock()
        )
    return StreamingResponse(
        audit_log.as_csv(lines),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "no-store",
        },
    )


def _midnight(desk: Desk, day: str, *, later: timedelta = timedelta()) -> datetime | None:
    """The first instant of that day at the clinic, or of one some days later."""
    try:
        found = date.fromisoformat(day) + later
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), tzinfo=desk.clinic.time_zone)
