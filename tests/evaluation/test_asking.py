"""`python3 -m evaluation` over real HTTP, against a stand-in for Rasa's REST channel."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evaluation import __main__ as program

QUESTIONS = [
    {"text": "does it hurt?", "expect": {"kind": "answer", "sections": ["does-it-hurt"]}},
    {"text": "my aunt Agatha says hi", "expect": {"kind": "chitchat"}},
]


class Channel(ThreadingHTTPServer):
    """Answers every message with `turn`, in two elements as Rasa does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.turn: dict[str, Any] = {}
        self.senders: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Channel

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.senders.append(asked["sender"])
        reply = [{"text": "Words of the handout."}, {"custom": {"turn": self.server.turn}}]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(reply).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def channel() -> Iterator[Channel]:
    server = Channel()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the program, its results in a folder of its own."""
    questions = tmp_path / "asked.jsonl"
    questions.write_text("\n".join(map(json.dumps, QUESTIONS)), encoding="utf-8")
    monkeypatch.setattr(program, "RESULTS", tmp_path / "results")

    def go(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["evaluation", "--no-report", *arguments, str(questions)])
        return program.main()

    return go


def test_a_set_is_asked_judged_and_compared_with_the_last_run(
    channel: Channel, run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel.turn = {"kind": "decline", "sections": [], "confidence": 0.2}
    assert run("--url", channel.url) == 0
    first = capsys.readouterr().out
    assert "no earlier run to compare with" in first
    assert "Agatha" not in first
    assert len(set(channel.senders)) == len(QUESTIONS)

    channel.turn = {"kind": "answer", "sections": ["does-it-hurt"], "confidence": 0.9}
    assert run("--url", channel.url, "--details") == 0
    second = capsys.readouterr().out
    assert "1 newly right, 0 newly not right" in second
    assert "+ asked.jsonl:1: does-it-hurt <- does-it-hurt (right), before decline" in second
    assert "wrong   asked.jsonl:2 chitchat  <- answer does-it-hurt 0.9: my aunt Agatha" in second
    for path in (tmp_path / "results").rglob("*.jsonl"):
        assert "Agatha" not in path.read_text(encoding="utf-8")


def test_an_address_that_does_not_answer_is_one_sentence(
    channel: Channel, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--url", f"{channel.url}0") == 1
    assert "does not reply as Rasa's REST channel does" in capsys.readouterr().err


def test_a_reply_without_a_turn_is_wrong(
    channel: Channel, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "ask", lambda _url, _text: [])
    assert run("--url", channel.url, "--details") == 0
    assert "<- no turn: does it hurt?" in capsys.readouterr().out
