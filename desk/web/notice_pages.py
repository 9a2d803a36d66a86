"""The page about notices: which left, which did not, and a button to try one again."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from clinic.roles import Permission
from desk import notice_log
from desk.accounts import Nurse
from desk.errors import Conflict
from desk.notice_words import happened, problem_in_words
from desk.web.access import CurrentDesk, Desk, require_same_origin, requires
from desk.web.rendering import render

__all__ = ["router"]

_PATH: Final = "/nurse/notices"
router = APIRouter(prefix=_PATH, include_in_schema=False)
Reader = Annotated[Nurse, Depends(requires(Permission.READ_NOTICES))]
DeliveryId = Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("")
def notices(request: Request, desk: CurrentDesk, reader: Reader) -> HTMLResponse:
    """What has not left, then what has."""
    return _page(request, desk, reader)


@router.post("/{delivery_id}/again", dependencies=[Depends(require_same_origin)])
def try_again(
    request: Request, desk: CurrentDesk, reader: Reader, delivery_id: DeliveryId
) -> Response:
    """Send it now."""
    try:
        with desk.database.write() as session:
            notice_log.try_again(session, delivery_id, nurse=reader, now=desk.clock())
    except Conflict as error:
        return _page(request, desk, reader, error=error)
    return RedirectResponse(_PATH, status_code=303, headers={"Cache-Control": "no-store"})


def _page(
    request: Request, desk: Desk, reader: Nurse, *, error: Conflict | None = None
) -> HTMLResponse:
    now = desk.clock()
    with desk.database.write() as session:  # reading is audited
        log = notice_log.read(session, desk.clinic, nurse=reader, now=now)
    return render(
        request,
        "nurse/notices.html",
        status=error.status if error else 200,
        nurse=reader,
        log=log,
        addresses=desk.clinic.notifications.addresses,
        problem=problem_in_words,
        happened=happened,
        now=now,
        error=error.detail if error else "",
    )
