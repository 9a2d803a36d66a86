"""The admins' pages about accounts: who has one, inviting, roles, closing, new links."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from clinic.roles import ROLES, Permission, Role
from desk import audit, staff
from desk.accounts import Nurse
from desk.errors import Conflict, DeskError, NotAllowed, Unprocessable
from desk.invitations import LIFE, Purpose
from desk.staff import MadeNurse
from desk.web.access import CurrentDesk, Desk, is_https, require_same_origin, requires
from desk.web.rendering import render
from desk.web.welcome import WELCOME

__all__ = ["router"]

_PATH: Final = "/nurse/accounts"
router = APIRouter(prefix=_PATH, include_in_schema=False)
_SAME_ORIGIN: Final = [Depends(require_same_origin)]
AccountId = Annotated[int, Field(ge=1, le=2**31 - 1)]
Admin = Annotated[Nurse, Depends(requires(Permission.MANAGE_ACCOUNTS))]


@router.get("")
def accounts(request: Request, desk: CurrentDesk, admin: Admin) -> HTMLResponse:
    """Who has an account."""
    return _page(request, desk, admin)


@router.post("", dependencies=_SAME_ORIGIN)
def invite(
    request: Request,
    desk: CurrentDesk,
    admin: Admin,
    *,
    email: Annotated[str, Form(max_length=254)] = "",
    name: Annotated[str, Form(max_length=80)] = "",
    role: Annotated[Role, Form()] = "nurse",
) -> HTMLResponse:
    """Make an account, and show its one-time link."""
    try:
        with desk.database.write() as session:
            made = staff.make_nurse(
                session, email=email, name=name, role=role, now=desk.clock(), by=_actor(admin)
            )
    except (Conflict, Unprocessable) as error:
        return _page(
            request, desk, admin, error=error, values={"email": email, "name": name, "role": role}
        )
    return _link(request, admin, made, "welcome")


@router.get("/{account_id}")
def account(
    request: Request, desk: CurrentDesk, admin: Admin, account_id: AccountId
) -> HTMLResponse:
    """One account and what can be done with it."""
    return _account_page(request, desk, admin, account_id)


@router.post("/{account_id}/role", dependencies=_SAME_ORIGIN)
def change_role(
    request: Request,
    desk: CurrentDesk,
    admin: Admin,
    account_id: AccountId,
    role: Annotated[Role, Form()],
) -> Response:
    """Give it another role."""
    _not_oneself(admin, account_id)
    try:
        with desk.database.write() as session:
            staff.change_role(session, account_id, role, now=desk.clock(), by=_actor(admin))
    except Conflict as error:
        return _account_page(request, desk, admin, account_id, error=error)
    return _to(account_id)


@router.post("/{account_id}/active", dependencies=_SAME_ORIGIN)
def set_active(
    request: Request,
    desk: CurrentDesk,
    admin: Admin,
    account_id: AccountId,
    *,
    active: Annotated[bool, Form()],
) -> Response:
    """Close it, which signs its owner out at once, or open it again."""
    _not_oneself(admin, account_id)
    try:
        with desk.database.write() as session:
            staff.set_active(session, account_id, active=active, now=desk.clock(), by=_actor(admin))
    except Conflict as error:
        return _account_page(request, desk, admin, account_id, error=error)
    return _to(account_id)


@router.post("/{account_id}/link", dependencies=_SAME_ORIGIN)
def new_link(
    request: Request,
    desk: CurrentDesk,
    admin: Admin,
    account_id: AccountId,
    purpose: Annotated[Purpose, Form()],
) -> HTMLResponse:
    """Take the password away, or the second factor too, and show a new link."""
    _not_oneself(admin, account_id)
    try:
        with desk.database.write() as session:
            made = staff.new_link(session, account_id, purpose, now=desk.clock(), by=_actor(admin))
    except Conflict as error:
        return _account_page(request, desk, admin, account_id, error=error)
    return _link(request, admin, made, purpose)


def _not_oneself(admin: Nurse, account_id: int) -> None:
    # One slip would lock her out; her own password and factor are under Settings.
    if account_id == admin.id:
        raise NotAllowed("This is your own account. Another admin can change it.")


def _page(
    request: Request,
    desk: Desk,
    admin: Nurse,
    *,
    error: DeskError | None = None,
    values: dict[str, str] | None = None,
) -> HTMLResponse:
    now = desk.clock()
    with desk.database.write() as session:  # reading is audited
        found = staff.list_accounts(session, now=now)
        audit.record(
            session,
            actor=_actor(admin),
            action="accounts.read",
            object_kind="accounts",
            object_id="all",
            now=now,
        )
    return render(
        request,
        "nurse/accounts.html",
        status=error.status if error else 200,
        nurse=admin,
        accounts=found,
        roles=ROLES,
        values=values or {},
        error=error.detail if error else "",
    )


def _account_page(
    request: Request,
    desk: Desk,
    admin: Nurse,
    account_id: int,
    *,
    error: DeskError | None = None,
) -> HTMLResponse:
    now = desk.clock()
    with desk.database.write() as session:  # reading is audited
        found = staff.find(session, account_id, now=now)
        audit.record_account(session, account_id, "accounts.read", by=_actor(admin), now=now)
    return render(
        request,
        "nurse/account.html",
        status=error.status if error else 200,
        nurse=admin,
        account=found,
        roles=ROLES,
        error=error.detail if error else "",
    )


def _link(request: Request, admin: Nurse, made: MadeNurse, purpose: Purpose) -> HTMLResponse:
    scheme = "https" if is_https(request) else "http"
    address = f"{scheme}://{request.base_url.netloc}{WELCOME}#{made.token}"
    return render(
        request,
        "nurse/link.html",
        nurse=admin,
        made=made.nurse,
        link=address,
        hours=LIFE[purpose].days * 24,
    )


def _actor(nurse: Nurse) -> str:
    return f"nurse:{nurse.id}"


def _to(account_id: int) -> RedirectResponse:
    return RedirectResponse(
        f"{_PATH}/{account_id}", status_code=303, headers={"Cache-Control": "no-store"}
    )
