"""Who is asking: the desk behind a request, the bearer token, the nurse, the peer, the origin."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from clinic.handout import Handout
from clinic.roles import Permission, may
from clinic.settings import Clinic
from desk import sessions
from desk.accounts import Nurse
from desk.errors import NotAllowed, NotSignedIn
from desk.metrics import Metrics
from desk.outages import Outages
from desk.queue_views import QueueViews
from desk.rasa_client import Assistant
from desk.rate_limits import RateLimits
from desk.settings import Settings
from desk.signals import Signals
from desk.storage.database import Database
from desk.web.events import Hub

__all__ = [
    "COOKIE",
    "CurrentDesk",
    "CurrentNurse",
    "Desk",
    "PollingNurse",
    "bearer_token",
    "clear_session_cookie",
    "cookie_name",
    "current_nurse",
    "get_desk",
    "is_https",
    "is_loopback",
    "peer_of",
    "require_same_origin",
    "requires",
    "session_token",
    "set_session_cookie",
]

COOKIE: Final = "clinic_nurse"
# Browsers take a cookie of this name from this very host alone, over TLS: no neighbouring site can
# lay a session of its own under a nurse's fingers.
_SECURE_COOKIE: Final = "__Host-clinic_nurse"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Desk:
    """Everything that a route may use; `clock` gives the present instant in UTC."""

    settings: Settings
    clinic: Clinic
    database: Database
    handouts: Mapping[str, Handout]
    assistant: Assistant
    outages: Outages
    limits: RateLimits
    hub: Hub
    metrics: Metrics
    signals: Signals
    queue_views: QueueViews
    clock: Callable[[], datetime]


def get_desk(request: Request) -> Desk:
    """The desk that `create_app` wired."""
    desk: Desk = request.app.state.desk
    return desk


CurrentDesk = Annotated[Desk, Depends(get_desk)]


def bearer_token(request: Request) -> str:
    """The token of the Authorization header; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def session_token(request: Request) -> str:
    """The nurse's token: of the header for programs, of the cookie for pages."""
    return bearer_token(request) or request.cookies.get(cookie_name(request), "")


def cookie_name(request: Request) -> str:
    """The name under which the browser of this request keeps the session."""
    return _SECURE_COOKIE if is_https(request) else COOKIE


def current_nurse(request: Request, *, acting: bool = True) -> Nurse:
    """The nurse who asks. Raises `NotSignedIn`, or `NotAllowed` for a change from another site."""
    if not bearer_token(request) and request.method not in _SAFE_METHODS:
        require_same_origin(request)
    token = session_token(request)
    if not token:
        raise NotSignedIn("Please sign in.")
    desk = get_desk(request)
    return sessions.authenticate(desk.database, token, now=desk.clock(), acting=acting)


def _acting_nurse(request: Request) -> Nurse:
    return current_nurse(request)


def _polling_nurse(request: Request) -> Nurse:
    return current_nurse(request, acting=False)


CurrentNurse = Annotated[Nurse, Depends(_acting_nurse)]
# For what a page asks by itself: a sign of life that does not keep an idle session open.
PollingNurse = Annotated[Nurse, Depends(_polling_nurse)]


def requires(permission: Permission) -> Callable[[Request], Nurse]:
    """A dependency: the nurse who asks, if her role may do it. Raises `NotAllowed` if not.

    Every route that not everybody may use takes its nurse from here and nowhere else.
    """

    def check(request: Request) -> Nurse:
        nurse = current_nurse(request)
        if not may(nurse.role, permission):
            raise NotAllowed("Your account may not do this. An admin of your clinic can help.")
        return nurse

    return check


def require_same_origin(request: Request) -> None:
    """Refuse a form or script of another site. Raises `NotAllowed`.

    Browsers say where a request comes from; one that says neither is refused too.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        allowed = site == "same-origin"
    else:
        allowed = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise NotAllowed("This has to be sent from the clinic's own page. Open it and try again.")


def is_loopback(request: Request) -> bool:
    """Whether the connection itself comes from this machine."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def is_https(request: Request) -> bool:
    """Whether the browser speaks TLS, also to a proxy on this machine."""
    if is_loopback(request) and "x-forwarded-proto" in request.headers:
        return request.headers["x-forwarded-proto"].split(",")[-1].strip() == "https"
    return request.url.scheme == "https"


def peer_of(request: Request) -> str:
    """The address to throttle by: what a proxy on this machine saw, else the connection's own."""
    forwarded = request.headers.get("x-forwarded-for", "")
    if is_loopback(request) and forwarded:
        return forwarded.split(",")[-1].strip()
    return request.client.host if request.client else ""


def set_session_cookie(request: Request, response: Response, signed_in: sessions.SignedIn) -> None:
    """Give the session to the browser, out of reach of scripts and of other sites."""
    response.set_cookie(
        cookie_name(request),
        signed_in.token,
        max_age=int(sessions.ABSOLUTE_LIFE.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )


def clear_session_cookie(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )
