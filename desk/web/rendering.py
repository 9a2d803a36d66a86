"""How HTML pages are made: the templates and their filters.

Used by `pages` and `console`. Instants become clinic time here and nowhere else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup

from clinic.handout import Handout
from clinic.roles import Permission, may
from desk import sbar
from desk.accounts import Nurse
from desk.callbacks import check_field
from desk.conversations import Event
from desk.flag_marks import pieces
from desk.nurse_queue import Handoff
from desk.promises import local_time
from desk.sheets import duration
from desk.web.access import get_desk
from desk.web.turn_words import Guess, guess_of

__all__ = ["render"]

_FOLDER: Final = Path(__file__).resolve().parent.parent / "templates"
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})
_TEMPLATES: Final = Jinja2Templates(directory=_FOLDER)


def render(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as a page that nobody keeps a copy of."""
    desk = get_desk(request)
    response = _TEMPLATES.TemplateResponse(
        request,
        name,
        {"clinic": desk.clinic, "handouts": tuple(desk.handouts.values()), **values},
        status_code=status,
    )
    response.headers["Cache-Control"] = "no-store"
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@pass_context
def _clock(context: Context, instant: datetime) -> str:
    return local_time(context["clinic"], instant)


@pass_context
def _moment(context: Context, instant: datetime) -> str:
    """The time of the day, with the day where it is another than today."""
    zone = context["clinic"].time_zone
    today = context["now"].astimezone(zone).date() == instant.astimezone(zone).date()
    said: str = _clock(context, instant)
    return said.partition(" on ")[0] if today else said


def _since(now: datetime, begun: datetime) -> str:
    waited = max(now - begun, timedelta())
    minutes = int(waited.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (left, "minute")]
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said[:2])


@pass_context
def _sbar(context: Context, handoff: Handoff) -> list[tuple[str, str]]:
    """The summary's lines, each as its name and what it says; none where it was not asked for."""
    if handoff.facts is None:
        return []
    lines = sbar.write(handoff.facts, context["clinic"], _by_id(context)).splitlines()
    return [(name, said) for name, _, said in (line.partition(": ") for line in lines)]


@pass_context
def _guess(context: Context, event: Event) -> Guess | None:
    """What the assistant took the message for; None where it has guessed nothing."""
    return guess_of(event.author, event.turn, _by_id(context))


def _by_id(context: Context) -> dict[str, Handout]:
    return {handout.id: handout for handout in context["handouts"]}


def _sign(handoff: Handoff, now: datetime) -> str:
    """What a nurse's page compares with the stream's item of the same handoff (`board.js`)."""
    parts = (
        str(handoff.id),
        handoff.state,
        handoff.urgency.value,
        handoff.assigned_to or "",
        handoff.due_at.isoformat() if handoff.due_at else "",
        "overdue" if handoff.overdue(now) else "",
        handoff.alarmed_at.isoformat() if handoff.alarmed_at else "",
    )
    return "|".join(parts)


def _markdown(text: str) -> Markup:
    # The renderer escapes everything it does not make itself: html is off.
    return Markup(_MARKDOWN.render(text))  # noqa: S704


@pass_context
def _phone(context: Context, number: str) -> str:
    """A stored number as people in the clinic's country write it."""
    return check_field("phone", number, country=context["clinic"].country).shown


def _dial(phone: str) -> str:
    """The number without what people put in to read it better, for a tel: link."""
    return "".join(char for char in phone if char.isdigit() or char == "+")


def _amount(value: int | timedelta | None) -> str:
    """A count, or how long something took."""
    return str(value) if isinstance(value, int) else duration(value)


def _may(nurse: Nurse, permission: str) -> bool:
    """Whether to show a person what only that permission opens; the routes ask again."""
    return may(nurse.role, Permission[permission])


_TEMPLATES.env.filters.update(
    may=_may,
    amount=_amount,
    clock=_clock,
    moment=_moment,
    since=_since,
    guess=_guess,
    sbar=_sbar,
    sign=_sign,
    markdown=_markdown,
    dial=_dial,
    phone=_phone,
    pieces=pieces,
)
