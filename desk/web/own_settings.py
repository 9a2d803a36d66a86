"""What somebody sees and changes of her own account: password, second factor, sign-ins."""

from __future__ import annotations

import contextlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from clinic.roles import needs_second_factor
from desk import own_account, second_factor, sessions
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound, TooManyTries, Unprocessable
from desk.web.access import (
    CurrentDesk,
    CurrentNurse,
    Desk,
    clear_session_cookie,
    peer_of,
    require_same_origin,
    session_token,
)
from desk.web.rendering import render

__all__ = ["router"]

_PATH: Final = "/nurse/settings"
router = APIRouter(prefix=_PATH, include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]
_Password = Annotated[str, Form()]


@router.get("")
def settings(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, done: str = ""
) -> HTMLResponse:
    """All of it on one page; `done` names what was just changed."""
    return _page(request, desk, nurse, done=done)


@router.post("/password", dependencies=_SAME_ORIGIN)
def change_password(
    request: Request,
    desk: CurrentDesk,
    nurse: CurrentNurse,
    *,
    current: _Password = "",
    new: _Password = "",
) -> Response:
    """A new password; every other sign-in ends."""
    try:
        own_account.change_password(
            desk.database,
            nurse.id,
            current=current,
            new=new,
            token=session_token(request),
            clinic=desk.clinic.name,
            peer=peer_of(request),
            now=desk.clock(),
        )
    except (Unprocessable, TooManyTries) as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail)
    return _to("?done=password")


@router.post("/second-factor/begin", dependencies=_SAME_ORIGIN)
def begin_second_factor(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, password: _Password = ""
) -> Response:
    """Make a secret to show."""
    try:
        own_account.begin_second_factor(
            desk.database, nurse.id, password=password, peer=peer_of(request), now=desk.clock()
        )
    except (Unprocessable, TooManyTries) as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail)
    return _to("/second-factor")


@router.get("/second-factor")
def show_second_factor(request: Request, desk: CurrentDesk, nurse: CurrentNurse) -> Response:
    """The QR code of what was begun, and the field for the first code."""
    return _factor_page(request, desk, nurse)


@router.post("/second-factor", dependencies=_SAME_ORIGIN)
def finish_second_factor(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, code: Annotated[str, Form()] = ""
) -> Response:
    """Have the account ask for codes from now on; shows the recovery codes."""
    try:
        with desk.database.write() as session:
            codes = own_account.finish_second_factor(
                session, nurse.id, code=code, token=session_token(request), now=desk.clock()
            )
    except Unprocessable as error:
        return _factor_page(request, desk, nurse, error=error.detail)
    except Conflict as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail)
    return render(request, "nurse/recovery_codes.html", nurse=nurse, codes=codes)


@router.post("/second-factor/remove", dependencies=_SAME_ORIGIN)
def remove_second_factor(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, password: _Password = ""
) -> Response:
    """Ask for no code any more; nurses alone may do without."""
    try:
        own_account.remove_second_factor(
            desk.database, nurse.id, password=password, peer=peer_of(request), now=desk.clock()
        )
    except (Unprocessable, TooManyTries, Conflict) as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail)
    return _to("?done=second_factor_removed")


@router.post("/recovery-codes", dependencies=_SAME_ORIGIN)
def renew_recovery_codes(
    request: Request, desk: CurrentDesk, nurse: CurrentNurse, password: _Password = ""
) -> Response:
    """New recovery codes, shown this once."""
    try:
        codes = own_account.renew_recovery_codes(
            desk.database, nurse.id, password=password, peer=peer_of(request), now=desk.clock()
        )
    except (Unprocessable, TooManyTries, Conflict) as error:
        return _page(request, desk, nurse, status=error.status, error=error.detail)
    return render(request, "nurse/recovery_codes.html", nurse=nurse, codes=codes)


@router.post("/sessions/{handle}/end", dependencies=_SAME_ORIGIN)
def end_session(handle: str, desk: CurrentDesk, nurse: CurrentNurse) -> Response:
    """End one of her own sign-ins; one that has ended already is as wished."""
    with desk.database.write() as session, contextlib.suppress(NotFound):
        sessions.end_one(session, nurse.id, handle, now=desk.clock())
    return _to("?done=session_ended")


@router.post("/sign-out-everywhere", dependencies=_SAME_ORIGIN)
def sign_out_everywhere(request: Request, desk: CurrentDesk, nurse: CurrentNurse) -> Response:
    """End every sign-in of hers, this one too."""
    with desk.database.write() as session:
        sessions.end_all(session, nurse.id, reason="signed_out", now=desk.clock())
    response = RedirectResponse("/nurse/sign-in", status_code=303)
    clear_session_cookie(request, response)
    return response


_DONE: Final = {
    "password": "Your password is changed. You are signed out everywhere else.",
    "second_factor_removed": "Your account asks for no code any more.",
    "session_ended": "That sign-in has ended.",
}


def _page(
    request: Request,
    desk: Desk,
    nurse: Nurse,
    *,
    status: int = 200,
    done: str = "",
    error: str = "",
) -> HTMLResponse:
    with desk.database.read() as session:
        open_sessions = sessions.list_open(
            session, nurse.id, token=session_token(request), now=desk.clock()
        )
        has_factor = own_account.has_second_factor(session, nurse.id)
    return render(
        request,
        "nurse/settings.html",
        status=status,
        nurse=nurse,
        sessions=open_sessions,
        has_factor=has_factor,
        needs_factor=needs_second_factor(nurse.role),
        done=_DONE.get(done, ""),
        error=error,
    )


def _factor_page(request: Request, desk: Desk, nurse: Nurse, *, error: str = "") -> Response:
    with desk.database.read() as session:
        secret = own_account.pending_secret(session, nurse.id)
    if secret is None:
        return _to("")
    address = second_factor.address(secret, email=nurse.email, clinic=desk.clinic.name)
    return render(
        request,
        "nurse/second_factor.html",
        status=422 if error else 200,
        nurse=nurse,
        secret=secret,
        qr_code=Markup(second_factor.qr_code(address)),  # noqa: S704 (drawn by us)
        error=error,
    )


def _to(where: str) -> RedirectResponse:
    return RedirectResponse(
        f"{_PATH}{where}", status_code=303, headers={"Cache-Control": "no-store"}
    )
