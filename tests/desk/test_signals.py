"""What holds at this moment, beside the log: typing, what was seen, the queue as it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.desk.cast import Account
from tests.desk.chatting import (
    claim,
    claimed_chat,
    come,
    handoff_of,
    in_staffed_hours,
    status,
    waiting_chat,
    wants_nurse,
    write,
)
from tests.desk.running import Clock, RunningDesk


@pytest.fixture
def clock() -> Clock:
    """In staffed hours."""
    return in_staffed_hours()


class Signs:
    """Named events of an open stream; `after` waits for the next one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> dict[str, Any]:
        for line in self._lines:
            if line == "event: signal":
                found: dict[str, Any] = json.loads(next(self._lines).removeprefix("data: "))
                return found
        raise AssertionError("the stream ended")

    def until(self, **wanted: object) -> dict[str, Any]:
        while True:
            found = self.next()
            if {name: found[name] for name in wanted} == wanted:
                return found


def test_typing_and_what_was_seen_are_signals_that_no_log_holds(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    before = chat.events()
    headers = {**chat.headers, "Accept": "text/event-stream"}
    with desk.http.stream(
        "GET", f"{chat.path}/events?after={len(before)}&signals=true", headers=headers
    ) as answer:
        signs = Signs(answer.iter_lines())
        assert signs.next()["typing"] is False
        ada.http.post(f"/api/nurse/conversations/{chat.id}/typing", json={})
        assert signs.until(typing=True)["nurse"] == "Ada"
        clock.ahead += timedelta(seconds=7)
        signs.until(typing=False)
        ada.http.post(f"/api/nurse/conversations/{chat.id}/seen", json={"seq": 1})
        signs.until(seen=1)
        ada.http.post(f"/api/nurse/handoffs/{handoff_of(ada, chat)['id']}/hand-back")
        signs.until(floor="assistant")
    assert [event["author"] for event in chat.events(after=len(before))] == ["system"]


def test_only_who_has_the_patient_types_to_her(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    path = f"/api/nurse/conversations/{chat.id}"
    assert bea.http.post(f"{path}/typing", json={}).status_code == 409
    assert bea.http.post(f"{path}/seen", json={"seq": 1}).status_code == 204
    assert (status(chat)["typing"], status(chat)["seen"]) == (False, 0)


def test_a_stream_without_signals_has_numbered_events_alone(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    with chat.stream(after=0) as lines:
        ada.http.post(f"/api/nurse/conversations/{chat.id}/typing", json={})
        write(ada, chat, "Hello")
        seen = []
        for line in lines:
            seen.append(line)
            if '"author":"nurse"' in line:
                break
    assert not any(line.startswith("event:") for line in seen)


class Board:
    """A nurse's screen that follows the queue."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.items: dict[int, dict[str, Any]] = {}
        self.told: list[str] = []

    def until(self, holds: Any) -> None:
        """Apply what is told until the screen shows what is wanted."""
        while not holds(self.items):
            line = next(self._lines)
            if not line.startswith("data: "):
                continue
            change = json.loads(line.removeprefix("data: "))
            kind = change.pop("type")
            self.told.append(kind)
            if kind == "queue":
                self.items = {item["id"]: item for item in change["handoffs"]}
            elif kind == "handoff":
                self.items[change["id"]] = change
            elif kind == "gone":
                del self.items[change["id"]]
            else:
                self.items = {number: self.items[number] for number in change["ids"]}


def test_the_queue_is_followed_as_it_changes(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    first = waiting_chat(desk, internal)
    with bea.http.stream("GET", "/api/nurse/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        board = Board(answer.iter_lines())
        board.until(lambda items: len(items) == 1)
        second = desk.chat()
        wants_nurse(desk, internal, second, urgency="urgent")
        board.until(lambda items: len(items) == 2)
        board.until(lambda items: next(iter(items.values()))["urgency"] == "urgent")
        claim(ada, second)
        board.until(lambda items: any(item["assigned_to"] == "Ada" for item in items.values()))
        seq = second.send("hello")
        board.until(lambda items: any(item["last_seq"] == seq for item in items.values()))
        desk.http.post(f"{second.path}/typing", headers=second.headers, json={})
        board.until(lambda items: any(item["patient_typing"] for item in items.values()))
        first.http.delete(f"{first.path}/handoff", headers=first.headers)
        board.until(lambda items: len(items) == 1)
        assert board.told[0] == "queue"
        shown = next(iter(board.items.values()))
        text = json.dumps(board.items)
    assert shown["conversation"] == second.id
    assert (shown["floor"], shown["state"]) == ("nurse", "claimed")
    for word in ("sore", "Kim", "608", second.token):
        assert word not in text


def test_the_nurses_stream_ends_with_the_session(desk: RunningDesk, ada: Account) -> None:
    with ada.http.stream("GET", "/api/nurse/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        with httpx.Client(base_url=desk.url, trust_env=False) as other:
            other.headers["Authorization"] = ada.http.headers["Authorization"]
            other.delete("/api/nurse/session")
        assert all(line.startswith((":", "data: ")) or not line for line in lines)
