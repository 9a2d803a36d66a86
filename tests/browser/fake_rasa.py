"""A Rasa REST channel by hand: real sockets, fixed replies, and switches for trouble."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from clinic.handout import load_handout

HANDOUT = load_handout(Path(__file__).parents[2] / "documents" / "dry-needling.md")
EMERGENCY_TEXT = (
    "This may be an emergency. Call 911 now. If you think of suicide, call or text 988."
)
EMERGENCIES = {
    "chest": EMERGENCY_TEXT,
    "breathe": "Call 911 now. Do not wait for an answer in this chat.",
    "suicide": "Please call or text 988 now. If you are in danger right now, call 911.",
}
DECLINE_TEXT = "The handout does not say. A nurse can tell you."
SLOW_SECONDS = 1.5


def turn(kind: str, *, sections: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
    """The contract's turn with everything that is not said left at its usual value."""
    return {
        "kind": kind,
        "document": HANDOUT.id if sections else None,
        "sections": list(sections),
        "urgency": None,
        "handoff": None,
        "confidence": 0.97,
        **values,
    }


def _answer(section: str) -> list[dict[str, Any]]:
    return [
        {"text": HANDOUT.section(section).text},
        {"custom": {"turn": turn("answer", sections=(section,))}},
    ]


def reply_to(message: str) -> list[dict[str, Any]]:
    """What this Rasa says to the message, by the first word it knows in it."""
    text = message.lower()
    if "treat" in text:
        return _answer("what-it-treats")
    if "hurt" in text:
        return _answer("does-it-hurt")
    for word, words in EMERGENCIES.items():
        if word in text:
            said = turn("emergency", urgency="emergency")
            return [{"text": words}, {"custom": {"turn": said}}]
    if "which" in text:
        buttons = [
            {"title": "Soreness", "payload": "Does it hurt?"},
            {"title": "Which pains", "payload": "What can it treat?"},
        ]
        return [
            {"text": "Which one do you mean?", "buttons": buttons},
            {"custom": {"turn": turn("clarify")}},
        ]
    if "nurse" in text:
        handoff = {"state": "collecting", "asks_for": "reason", "reference": None}
        return [
            {"text": "I can ask a nurse to call you. What is it about?"},
            {"custom": {"turn": turn("handoff", handoff=handoff)}},
        ]
    return [{"text": DECLINE_TEXT}, {"custom": {"turn": turn("decline")}}]


class FakeRasa:
    """`received` holds the messages in their order; `down` makes every call fail."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self.down = False
        self.url = ""

    def reset(self) -> None:
        """Back to good health."""
        self.received.clear()
        self.down = False


@contextmanager
def serve_rasa() -> Iterator[FakeRasa]:
    """The server on a port of its own, until the block ends."""
    rasa = FakeRasa()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(503 if rasa.down else 200, {"status": "down" if rasa.down else "ready"})

        def do_DELETE(self) -> None:
            rasa.forgotten.append(self.path.rsplit("/", 1)[-1])
            self._send(204, None)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if rasa.down:
                self._send(503, {"status": "down"})
                return
            rasa.received.append(body)
            if "slow" in body["message"].lower():
                time.sleep(SLOW_SECONDS)
            elements = reply_to(body["message"])
            self._send(200, [{"recipient_id": body["sender"], **one} for one in elements])

        def _send(self, status: int, body: Any) -> None:
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    rasa.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield rasa
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
