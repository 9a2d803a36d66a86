"""The desk's one tree of refusals. Use cases raise them; `desk.web.problems` renders them.

    DeskError
    ├── NotSignedIn 401         a token is missing, wrong or run out
    ├── NotAllowed 403          signed in, but not for this
    ├── NotFound 404
    ├── Conflict 409            somebody or something was first
    ├── Gone 410                it was erased
    ├── TooLarge 413
    ├── Unprocessable 422       the words cannot be used; says what is expected
    ├── TooManyTries 429        wait, then try again
    └── Unavailable 503

`detail` is a plain sentence that says what to do. It never repeats what the caller wrote.
"""
# ruff: noqa: N818 (refusals are named for what they say, as HTTP does)

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "Conflict",
    "DeskError",
    "Gone",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "TooLarge",
    "TooManyTries",
    "Unavailable",
    "Unprocessable",
]


class DeskError(Exception):
    """A refusal with its HTTP status, a title for its sort, and a sentence saying what to do."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class NotSignedIn(DeskError):
    """No usable token came with the request."""

    status = 401
    title = "Not signed in"


class NotAllowed(DeskError):
    """The caller is known and may not do this."""

    status = 403
    title = "Not allowed"


class NotFound(DeskError):
    """There is nothing by that name."""

    status = 404
    title = "Not found"


class Conflict(DeskError):
    """The thing is not in the state that the request supposes."""

    status = 409
    title = "Already changed"


class Gone(DeskError):
    """The conversation was erased."""

    status = 410
    title = "Erased"


class TooLarge(DeskError):
    """The request is longer than the desk takes."""

    status = 413
    title = "Too long"


class Unprocessable(DeskError):
    """The request was understood, but a value in it cannot be used."""

    status = 422
    title = "Please check what you entered"


class TooManyTries(DeskError):
    """The caller has to wait `retry_after_seconds`."""

    status = 429
    title = "Too many tries"


class Unavailable(DeskError):
    """A part that the request needs does not answer."""

    status = 503
    title = "Not available now"
