"""Notes everything in a page that should not happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

# Chromium's own remark on a console that nobody has touched yet; the page shows a button for it.
_QUIET = "The AudioContext was not allowed to start"


@dataclass
class Watch:
    """`home` holds the only hosts a page may talk to; `allowed` pieces of expected complaints."""

    home: set[str]
    seen: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, piece: str) -> None:
        """Expect console errors that contain the piece: the test causes them on purpose."""
        self.allowed.append(piece)

    def follow(self, page: Page) -> None:
        """Begin to listen to the page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"uncaught: {error}"))
        page.on("request", self._request)

    def check(self) -> None:
        """Raises `AssertionError` with what was seen."""
        wrong = [one for one in self.seen if not any(piece in one for piece in self.allowed)]
        assert not wrong, "the page showed " + "; ".join(wrong)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and _QUIET not in message.text:
            self.seen.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc not in self.home:
            self.seen.append(f"request to {parts.netloc}")
