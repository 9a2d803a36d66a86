"""Refusals over HTTP: RFC 9457 problem details that say what to do and never repeat the input."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from desk.errors import DeskError

__all__ = ["RESPONSES", "PageRenderer", "install", "problem"]

PageRenderer = Callable[..., Response]  # (request, *, status, title, detail)

_SENTENCES: Final = {
    400: "The request could not be read. Please check it and try again.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "The request is too long. Please send less at once.",
    500: "Something went wrong on our side. Please try again in a moment.",
}
# How the schema (/openapi.json) describes every refusal and failure of every address.
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "A problem (RFC 9457), in words that say what to do",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "errors": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "field": {"type": "string"},
                                    "problem": {"type": "string"},
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
_VALIDATION: Final = {
    "missing": "is missing",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
    "uuid_parsing": "has to be a UUID",
    "extra_forbidden": "",
    "json_invalid": "",
}


def problem(status: int, *, detail: str, title: str | None = None, **more: Any) -> JSONResponse:
    """The problem as a response; `more` are members of its own."""
    return JSONResponse(
        {
            "type": "about:blank",
            "title": title or HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **more,
        },
        status_code=status,
        media_type="application/problem+json",
    )


def install(app: FastAPI, *, render_page: PageRenderer | None = None) -> None:
    """Have every refusal of the app answered here; pages get `render_page`, if there is one."""

    def answer(request: Request, status: int, *, title: str, detail: str, **more: Any) -> Response:
        if render_page is not None and _is_for_people(request):
            return render_page(request, status=status, title=title, detail=detail)
        return problem(status, title=title, detail=detail, **more)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DeskError)  # noqa: S101 (registered for this type below)
        response = answer(request, error.status, title=error.title, detail=error.detail)
        if error.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(error.retry_after_seconds)
        if error.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        fields = _fields(error)
        detail = " ".join(f"The field {name} {what}." for name, what in fields.items())
        return answer(
            request,
            422,
            title="Please check what you sent",
            detail=detail or "The request does not have the expected form.",
            errors=[{"field": name, "problem": what} for name, what in fields.items()],
        )

    def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        status = HTTPStatus(error.status_code)
        detail = _SENTENCES.get(status, f"{status.phrase}.")
        response = answer(request, status, title=status.phrase, detail=detail)
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(DeskError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, failed)
    app.state.answer_problem = answer


def _is_for_people(request: Request) -> bool:
    path = request.url.path
    return not path.startswith(("/api/", "/internal/")) and "text/html" in request.headers.get(
        "accept", ""
    )


def _fields(error: RequestValidationError) -> dict[str, str]:
    # Of an unknown field even the name is the caller's text, so it is left out.
    found: dict[str, str] = {}
    for item in error.errors():
        what = _VALIDATION.get(item["type"], "is not as expected")
        names = [part for part in item["loc"][1:] if isinstance(part, str)]
        if what and names:
            found.setdefault(names[0], what)
    return found
