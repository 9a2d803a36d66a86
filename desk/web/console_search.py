"""The console's search. What is searched for travels in the body alone, never in an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from desk import search
from desk.errors import Unprocessable
from desk.web.access import CurrentDesk, CurrentNurse, require_same_origin
from desk.web.handoff_page import OUTCOMES
from desk.web.rendering import render

__all__ = ["router"]

router = APIRouter(prefix="/nurse/search", include_in_schema=False)


@router.get("")
def search_form(request: Request, nurse: CurrentNurse) -> HTMLResponse:
    """The empty field."""
    return render(request, "nurse/search.html", nurse=nurse, found=None, words="", error="")


@router.post("", dependencies=[Depends(require_same_origin)])
def find(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, words: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Whom the words fit."""
    now = desk.clock()
    try:
        with desk.database.write() as session:  # searching is audited
            found = search.find(session, words, nurse=nurse, now=now)
    except Unprocessable as error:
        return render(
            request,
            "nurse/search.html",
            status=error.status,
            nurse=nurse,
            found=None,
            words=words[: search.LONGEST_SEARCH],
            error=error.detail,
        )
    return render(
        request,
        "nurse/search.html",
        nurse=nurse,
        found=found,
        most=search.MOST_FOUND,
        words=words,
        error="",
        outcomes={**OUTCOMES, "cancelled": "The patient cancelled"},
        now=now,
    )
