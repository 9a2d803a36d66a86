"""The questions without an answer, as leads and admins review them: a page, its forms, a CSV."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from clinic.roles import Permission
from desk import question_review, spreadsheet
from desk.accounts import Nurse
from desk.errors import Conflict, DeskError, Unprocessable
from desk.question_review import KINDS, LONGEST_NOTE, VERDICTS
from desk.web.access import CurrentDesk, Desk, require_same_origin, requires
from desk.web.rendering import render

__all__ = ["router"]

_PATH: Final = "/nurse/unanswered"
router = APIRouter(prefix=_PATH, include_in_schema=False)
Reviewer = Annotated[Nurse, Depends(requires(Permission.READ_FIGURES))]
_PAGE: Final = 25  # groups
# A form may name so many; the rest of a larger group stays open for the next decision.
_MOST_AT_ONCE: Final = 500
_LARGEST: Final = 2**31 - 1
_QuestionId = Annotated[int, Form(ge=1, le=_LARGEST)]
_Kind = Annotated[str, Query(max_length=16)]


@router.get("")
def read_unanswered(
    request: Request,
    desk: CurrentDesk,
    reviewer: Reviewer,
    *,
    kind: _Kind = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The open groups, the largest first, and the latest decisions."""
    return _page(request, desk, reviewer, kind=kind, page=page)


@router.get(".csv")
def export_unanswered(desk: CurrentDesk, reviewer: Reviewer, *, kind: _Kind = "") -> Response:
    """All that is open, for whoever writes the handout."""
    groups = question_review.open_groups(
        desk.database,
        question_review.weights_of(desk.handouts.values()),
        nurse=reviewer,
        kind=_known(kind),
        way="exported",
        now=desk.clock(),
    )
    return StreamingResponse(
        spreadsheet.as_csv(question_review.COLUMNS, question_review.as_lines(groups)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="unanswered.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.post("/decisions", dependencies=[Depends(require_same_origin)])
def decide(
    request: Request,
    desk: CurrentDesk,
    reviewer: Reviewer,
    *,
    question: Annotated[list[_QuestionId], Form(max_length=_MOST_AT_ONCE)],
    verdict: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
) -> Response:
    """Decide about the questions of one group that were shown."""
    try:
        with desk.database.write() as session:
            question_review.decide(
                session, question, verdict=verdict, note=note, nurse=reviewer, now=desk.clock()
            )
    except (Conflict, Unprocessable) as error:
        return _page(request, desk, reviewer, kind=kind, error=error)
    return _back(kind)


@router.post("/decisions/{decision_id}/reopen", dependencies=[Depends(require_same_origin)])
def reopen(
    desk: CurrentDesk,
    reviewer: Reviewer,
    decision_id: int,
    *,
    kind: Annotated[str, Form()] = "",
) -> Response:
    """Take a decision back."""
    with desk.database.write() as session:
        question_review.reopen(
            session, min(max(decision_id, 0), _LARGEST), nurse=reviewer, now=desk.clock()
        )
    return _back(kind)


def _page(
    request: Request,
    desk: Desk,
    reviewer: Nurse,
    *,
    kind: str = "",
    page: int = 1,
    error: DeskError | None = None,
) -> HTMLResponse:
    kind = _known(kind)
    weights = question_review.weights_of(desk.handouts.values())
    groups = question_review.open_groups(
        desk.database, weights, nurse=reviewer, kind=kind, now=desk.clock()
    )
    with desk.database.read() as session:
        decisions = question_review.decisions(session)
    first = (page - 1) * _PAGE
    return render(
        request,
        "nurse/unanswered.html",
        status=error.status if error else 200,
        nurse=reviewer,
        groups=[
            (group, question_review.decided_before(group, decisions, weights))
            for group in groups[first : first + _PAGE]
        ],
        group_count=len(groups),
        question_count=sum(len(group.questions) for group in groups),
        later=_address(kind, page=page + 1) if first + _PAGE < len(groups) else None,
        earlier=_address(kind, page=page - 1) if page > 1 else None,
        export=_address(kind, path=f"{_PATH}.csv"),
        decisions=decisions,
        kinds=KINDS,
        kind=kind,
        verdicts=VERDICTS,
        longest_note=LONGEST_NOTE,
        most_at_once=_MOST_AT_ONCE,
        error=error.detail if error else "",
    )


def _known(kind: str) -> str:
    return kind if kind in KINDS else ""


def _address(kind: str, *, path: str = _PATH, **more: int) -> str:
    chosen = {**({"kind": kind} if kind else {}), **more}
    return f"{path}?{urlencode(chosen)}" if chosen else path


def _back(kind: str) -> RedirectResponse:
    return RedirectResponse(
        _address(_known(kind)), status_code=303, headers={"Cache-Control": "no-store"}
    )
