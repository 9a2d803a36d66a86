"""The pages behind a one-time link: somebody sets her password, and her second factor.

The link's secret stands behind the `#`, which browsers keep to themselves: no proxy's log has it.
A small script puts it into the form; without scripts it is copied there by hand.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from desk import invitations, second_factor
from desk.errors import NotFound, Unprocessable
from desk.web.access import (
    CurrentDesk,
    Desk,
    peer_of,
    require_same_origin,
    set_session_cookie,
)
from desk.web.rendering import render

__all__ = ["WELCOME", "router"]

WELCOME: Final = "/nurse/welcome"
router = APIRouter(prefix=WELCOME, include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]


@router.get("")
def open_link(request: Request) -> HTMLResponse:
    """Where a link leads; what it is for is not known yet."""
    return render(request, "nurse/welcome_link.html", error="")


@router.post("", dependencies=_SAME_ORIGIN)
def show(request: Request, desk: CurrentDesk, token: Annotated[str, Form()] = "") -> Response:
    """The form to fill, or why the link is not good."""
    return _form(request, desk, token.strip())


@router.post("/done", dependencies=_SAME_ORIGIN)
def accept(
    request: Request,
    desk: CurrentDesk,
    *,
    token: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Open the account, or say what to mend."""
    try:
        accepted = invitations.accept(
            desk.database,
            token,
            password=password,
            code=code,
            clinic=desk.clinic.name,
            peer=peer_of(request),
            now=desk.clock(),
        )
    except NotFound as error:
        return _stale(request, error)
    except Unprocessable as error:
        return _form(request, desk, token, error=error.detail)
    response: Response
    if accepted.recovery_codes:
        nurse = accepted.signed_in.nurse if accepted.signed_in else None
        response = render(
            request, "nurse/recovery_codes.html", nurse=nurse, codes=accepted.recovery_codes
        )
    else:
        response = RedirectResponse(
            "/nurse" if accepted.signed_in else "/nurse/sign-in", status_code=303
        )
    if accepted.signed_in:
        set_session_cookie(request, response, accepted.signed_in)
    return response


def _form(request: Request, desk: Desk, token: str, *, error: str = "") -> HTMLResponse:
    try:
        with desk.database.read() as session:
            offered = invitations.look(session, token, now=desk.clock())
    except NotFound as stale:
        return _stale(request, stale)
    qr_code = None
    if offered.secret:
        address = second_factor.address(
            offered.secret, email=offered.email, clinic=desk.clinic.name
        )
        qr_code = Markup(second_factor.qr_code(address))  # noqa: S704 (drawn by us from our secret)
    return render(
        request,
        "nurse/welcome.html",
        status=422 if error else 200,
        offered=offered,
        qr_code=qr_code,
        token=token,
        error=error,
    )


def _stale(request: Request, error: NotFound) -> HTMLResponse:
    return render(request, "nurse/welcome_link.html", status=error.status, error=error.detail)
