"""What holds for every request: headers that protect, a limit to bodies, and no leaking failure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.logs import describe
from desk.web.problems import problem

__all__ = [
    "LONGEST_BODY",
    "BodyLimit",
    "CrossOrigin",
    "LastResort",
    "PlainAddress",
    "SecurityHeaders",
]

LONGEST_BODY: Final = 64 * 1024  # bytes
# The actions send the whole talk with a call-back; its length must not keep a nurse from calling.
_LONGEST_INTERNAL_BODY: Final = 4 * 1024 * 1024

_log = logging.getLogger(__name__)
_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# Browsers ask every time, and get a 304 while the file is the same: a mended chat is there at once.
_FILES: Final = ("/widget/", "/static/")
_PRIVATE: Final = ("/api/", "/internal/", "/nurse", "/callback")
# What pages of other sites may use: the patient's API and the files of the chat.
_OPEN_TO_SITES: Final = (
    *("/api/conversations", "/api/availability", "/api/documents", "/api/clinic"),
    *_FILES,
)


class SecurityHeaders:
    """Adds the headers to every response; a route's own value stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith(_PRIVATE)
        is_file = scope["path"].startswith(_FILES)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if private:
                    headers.setdefault("cache-control", "no-store")
                elif is_file:
                    headers.setdefault("cache-control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class LastResort:
    """Answers 500 for what nobody caught, and logs where it came from, not what it said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _log.error("request.failed %s", describe(error))
            if started:
                return  # the reader sees the response break off
            request = Request(scope)
            answer = request.app.state.answer_problem
            response = answer(
                request,
                500,
                title="Something went wrong",
                detail="Something went wrong on our side. Please try again in a moment.",
            )
            await response(scope, receive, send)


class PlainAddress:
    """Answers 404 for an address with a NUL in it, which no database can look for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            request = Request(scope)
            answer = request.app.state.answer_problem
            detail = "There is nothing at this address. Please check it."
            response = answer(request, 404, title="Not found", detail=detail)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body of more than 64 KiB, announced or not, before a route sees any of it.

    The internal routes, which answer to this machine alone, take more.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        internal = scope["path"].startswith("/internal/")
        limit = _LONGEST_INTERNAL_BODY if internal else LONGEST_BODY
        body = bytearray()
        more = True
        too_long = announced.isdigit() and int(announced[:12]) > limit
        while more and not too_long:
            message = await receive()
            if message["type"] != "http.request":
                return  # the peer has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_long = len(body) > limit
        if too_long:
            detail = "The request is too long. Please send less at once."
            await problem(413, title="Too long", detail=detail)(scope, receive, send)
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)


class CrossOrigin:
    """CORS for the sites of `clinic.yml`, on what patients use; other routes know no other site."""

    def __init__(self, app: ASGIApp, *, allowed_origins: Sequence[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=list(allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        shared = scope["type"] == "http" and scope["path"].startswith(_OPEN_TO_SITES)
        await (self._shared if shared else self._app)(scope, receive, send)
