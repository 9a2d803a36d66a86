"""A Rasa REST channel by hand, on real sockets, that can fail in every way the real one does."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a-secret-of-the-tests"
ANSWER = {
    "kind": "answer",
    "document": "dry-needling",
    "sections": ["does-it-hurt"],
    "urgency": None,
    "handoff": None,
    "confidence": 0.97,
}
URGENT = {**ANSWER, "kind": "urgent", "sections": [], "urgency": "urgent"}
EMERGENCY = {**ANSWER, "kind": "emergency", "sections": [], "urgency": "emergency"}
COLLECTING = {"state": "collecting", "asks_for": "phone", "reference": None}
# What a try may meet, by name; `ok` answers.
FAILURES = ("error", "empty", "two_turns", "no_turn", "no_list", "no_json", "hang", "drop")
REFUSALS = ("error", "empty", "two_turns", "no_turn", "no_list", "no_json")


@dataclass
class FakeRasa:
    """`mode` holds until changed; `received` are the webhook's bodies in the order of arrival."""

    mode: str = "ok"
    is_ready: bool = True
    forget_status: int = 204
    hang_seconds: float = 1.2
    received: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    forget_tries: int = 0
    most_at_once: int = 0
    most_of_one_sender: int = 0
    senders: list[str] = field(default_factory=list)
    port: int = 0
    server: ThreadingHTTPServer | None = None
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        return [body["message"] for body in self.received]

    def start(self) -> None:
        """Listen, on the same port as before when there was one."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self.server = _Server(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening: connections are refused."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests want."""


def reply(text: str) -> list[dict[str, Any]]:
    """An answer, an emergency's reply to chest pain, one of its kind to "urgent:" and "decline:";
    "form:" is asked in the middle of a form."""
    turn: dict[str, Any] = EMERGENCY if "chest pain" in text else ANSWER
    if text.startswith("urgent:"):
        turn = URGENT
    if text.startswith("decline:"):
        turn = {**ANSWER, "kind": "decline", "sections": []}
    if text.startswith("form:"):
        turn = {**turn, "handoff": COLLECTING}
    return [{"recipient_id": "x", "text": f"You said: {text}"}, {"custom": {"turn": turn}}]


def _handler(rasa: FakeRasa) -> type[BaseHTTPRequestHandler]:  # noqa: C901 (a list of modes)
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._send(200 if rasa.is_ready else 503, {"status": "ready"})

        def do_DELETE(self) -> None:
            rasa.forget_tries += 1
            if self.headers["Authorization"] != f"Bearer {SECRET}":
                self._send(401, {})
                return
            if rasa.forget_status == 204:
                rasa.forgotten.append(self.path.rsplit("/", 1)[-1])
            self._send(rasa.forget_status, None)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with rasa.lock:
                rasa.received.append(body)
                rasa.senders.append(body["sender"])
                rasa.most_at_once = max(rasa.most_at_once, len(rasa.senders))
                rasa.most_of_one_sender = max(
                    rasa.most_of_one_sender, rasa.senders.count(body["sender"])
                )
            try:
                self._answer(body)
            finally:
                with rasa.lock:
                    rasa.senders.remove(body["sender"])

        def _answer(self, body: dict[str, Any]) -> None:  # noqa: C901
            good = reply(body["message"])
            match rasa.mode:
                case "ok":
                    self._send(200, good)
                case "brief":
                    time.sleep(0.1)
                    self._send(200, good)
                case "error":
                    self._send(500, {"reason": "trouble", "message": body["message"]})
                case "empty":
                    self._send(200, [])
                case "two_turns":
                    self._send(200, [*good, good[1]])
                case "no_turn":
                    self._send(200, good[:1])
                case "no_list":
                    self._send(200, {"turn": ANSWER})
                case "no_json":
                    self._send(200, None)
                case "hang":
                    time.sleep(rasa.hang_seconds)
                    self._send(200, good)
                case "hold":
                    rasa.release.wait(timeout=20)
                    self._send(200, good)
                case "drop":
                    self.connection.shutdown(socket.SHUT_RDWR)

        def _send(self, status: int, data: Any) -> None:
            raw = b"" if data is None else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    return Handler


@contextmanager
def serve() -> Iterator[FakeRasa]:
    rasa = FakeRasa()
    rasa.start()
    try:
        yield rasa
    finally:
        rasa.stop()
