"""Pages for patients: the demo page, the handouts, and the call-back form.

The form works without scripts and without the assistant.
"""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from clinic.consent import FORM as FORM_CONSENT
from clinic.consent import TEXTS as CONSENT_TEXTS
from clinic.settings import Clinic
from desk import availability, conversations, handoffs
from desk.callbacks import Field, check_field
from desk.errors import NotFound, Unprocessable
from desk.web.access import CurrentDesk, Desk, peer_of, require_same_origin
from desk.web.rendering import render

__all__ = ["render_error", "router"]

router = APIRouter()
_LONGEST_KEY: Final = 64


@router.get("/", include_in_schema=False)
def home(request: Request, desk: CurrentDesk) -> HTMLResponse:
    """A plausible page of a clinic, with the chat."""
    handout = next(iter(desk.handouts.values()))
    return render(request, "home.html", handout=handout, availability=_availability(desk))


@router.get("/handouts/{document}", include_in_schema=False)
def handout_page(request: Request, document: str, desk: CurrentDesk) -> HTMLResponse:
    """One handout, each section under its own anchor."""
    handout = desk.handouts.get(document)
    if handout is None:
        raise NotFound(
            "The clinic has no handout of this name. The top of the page has those it has."
        )
    return render(request, "handout.html", handout=handout)


@router.get("/callback", include_in_schema=False)
def callback_form(request: Request, desk: CurrentDesk) -> HTMLResponse:
    """The empty form."""
    return _form(request, desk, {"key": secrets.token_urlsafe(24)}, {})


@router.post("/callback", include_in_schema=False, dependencies=[Depends(require_same_origin)])
def ask_for_callback(
    request: Request,
    desk: CurrentDesk,
    *,
    key: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
    time: Annotated[str, Form()] = "",
    consent: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Put the patient into the nurses' queue, or say what is missing and keep what was entered."""
    now = desk.clock()
    values = {"reason": reason, "name": name, "phone": phone, "time": time}
    key = key[:_LONGEST_KEY] or secrets.token_urlsafe(24)
    checked, errors = _check(values, desk.clinic)
    if consent != "yes":
        errors["consent"] = "A nurse may call you only if you agree. Please tick the box."
    if errors:
        return _form(request, desk, {**values, "consent": consent, "key": key}, errors, status=422)
    with desk.database.write() as session:
        # One page of the form is one conversation: sent twice it is one request, sent again with
        # other words it joins the first.
        conversation_id = f"form-{_digest(key)}"
        if conversations.get(session, conversation_id) is None:
            desk.limits.begin_conversation(peer=peer_of(request), now=now)
            conversations.create(session, now=now, origin="form", conversation_id=conversation_id)
        wanted = handoffs.CallbackRequest(
            conversation_id=conversation_id,
            reason=checked["reason"],
            name=checked["name"],
            phone=checked["phone"],
            best_time=checked["time"],
            consent=True,
            consent_version=FORM_CONSENT,
        )
        asked = f"form-{_digest(key, *checked.values())}"
        requested = handoffs.request_callback(session, desk.clinic, wanted, key=asked, now=now)
    return render(
        request,
        "callback_done.html",
        reference=requested.reference,
        promise=requested.promise,
    )


@router.get("/api/clinic", include_in_schema=True, tags=["patient"])
def clinic_facts(desk: CurrentDesk) -> dict[str, str | None]:
    """The name and the numbers that the chat shows before anything is asked."""
    return {
        "name": desk.clinic.name,
        "phone": desk.clinic.phone,
        "emergency_number": desk.clinic.emergency_number,
        "crisis_line": desk.clinic.crisis_line,
    }


def render_error(request: Request, *, status: int, title: str, detail: str) -> Response:
    """A refusal or a failure as a page with a way on; `problems` gives it to people's browsers."""
    if status == HTTPStatus.UNAUTHORIZED and request.url.path.startswith("/nurse"):
        return RedirectResponse("/nurse/sign-in", status_code=303)
    heading = "There is no such page" if status == HTTPStatus.NOT_FOUND else title
    return render(request, "error.html", status=status, heading=heading, detail=detail)


def _check(values: dict[str, str], clinic: Clinic) -> tuple[dict[str, str], dict[str, str]]:
    """The checked values and the complaints, each by the field's name."""
    checked: dict[str, str] = {}
    errors: dict[str, str] = {}
    names: tuple[Field, ...] = get_args(Field)
    for name in sorted(names, key=list(values).index):
        try:
            checked[name] = check_field(name, values[name], country=clinic.country).value
        except Unprocessable as error:  # noqa: PERF203 (four fields, each with its own complaint)
            errors[name] = error.detail
    return checked, errors


def _form(
    request: Request,
    desk: Desk,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    status: int = 200,
) -> HTMLResponse:
    return render(
        request,
        "callback.html",
        status=status,
        values=values,
        errors=errors,
        consent_text=CONSENT_TEXTS[FORM_CONSENT],
        availability=_availability(desk),
    )


def _availability(desk: Desk) -> str:
    with desk.database.read() as session:
        return availability.find(session, desk.clinic, now=desk.clock()).message


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
