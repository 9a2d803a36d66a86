"""A desk by hand, and how an action is run without a Rasa."""

from __future__ import annotations

import asyncio
import json
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

DETAILS = {"reason": "sore", "name": "Jo", "phone": "+16085550142", "time": "any", "consent": True}


class FakeDesk(BaseHTTPRequestHandler):
    """A desk that keeps what it got and answers what the test set; without a nurse in the chat."""

    received: ClassVar[list[tuple[str, dict[str, str], dict[str, Any]]]] = []
    answer: tuple[int, dict[str, Any]] = (200, {})
    offered: bool = False

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        FakeDesk.received.append((self.path, dict(self.headers), body))
        status, data = FakeDesk.answer
        if self.path == "/internal/live-chat":
            status, data = 200, {"offered": FakeDesk.offered}
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def run(action: Any, state: Tracker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the action says, and the slots it sets."""
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, state, {}))
    return dispatcher.messages, events


def slots(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}
