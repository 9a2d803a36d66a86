"""The real app on a real port, in a thread, and a patient who chats with it."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from desk.app import create_app
from desk.settings import Settings
from desk.storage.database import Database

PATIENCE_SECONDS = 8.0


class Clock:
    """The present instant, moved by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead


@dataclass
class RunningDesk:
    """A desk that listens; `http` speaks to it."""

    app: FastAPI
    url: str
    http: httpx.Client
    clock: Clock

    @property
    def database(self) -> Database:
        database: Database = self.app.state.desk.database
        return database

    def chat(self) -> Chat:
        """A new chat of a new patient."""
        opened = self.http.post("/api/conversations").json()
        return Chat(self.http, opened["id"], opened["token"])


@dataclass
class Chat:
    """One patient's chat."""

    http: httpx.Client
    id: str
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.id}"

    def post(self, text: str, *, message_id: str | None = None) -> httpx.Response:
        body = {"client_message_id": message_id or str(uuid.uuid4()), "text": text}
        return self.http.post(f"{self.path}/messages", json=body, headers=self.headers)

    def send(self, text: str, *, message_id: str | None = None) -> int:
        answer = self.post(text, message_id=message_id)
        assert answer.status_code == 202, answer.text
        seq: int = answer.json()["seq"]
        return seq

    def events(self, *, after: int = 0) -> list[dict[str, Any]]:
        answer = self.http.get(f"{self.path}/events", params={"after": after}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()
        return events

    def wait_for(self, count: int, *, author: str | None = None) -> list[dict[str, Any]]:
        """All events, once there are `count` of the author's; fails when they do not come."""

        def enough() -> bool:
            return len([e for e in self.events() if author in {None, e["author"]}]) >= count

        wait_until(enough)
        return self.events()

    def erase(self) -> httpx.Response:
        return self.http.delete(self.path, headers=self.headers)

    @contextmanager
    def stream(
        self, *, after: int | None = None, last_event_id: str | None = None
    ) -> Iterator[Iterator[str]]:
        """The lines of an open stream."""
        headers = {**self.headers, "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        params = {} if after is None else {"after": after}
        with self.http.stream(
            "GET", f"{self.path}/events", params=params, headers=headers
        ) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield answer.iter_lines()


def read_events(lines: Iterator[str], count: int) -> list[dict[str, Any]]:
    """The next `count` events of a stream; fewer when it ends before."""
    found: list[dict[str, Any]] = []
    event_id = ""
    for line in lines:
        if line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        if line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
            assert str(data["seq"]) == event_id
            found.append(data)
            if len(found) == count:
                break
    return found


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once it holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)


@contextmanager
def running(settings: Settings, *, clock: Clock | None = None) -> Iterator[RunningDesk]:
    """A desk with these settings; ended, as by SIGTERM, when the block ends."""
    clock = clock or Clock()
    app = create_app(settings, clock=clock)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    assert server.started, "the desk did not start"
    with httpx.Client(base_url=url, trust_env=False, timeout=15, verify=False) as http:
        yield RunningDesk(app, url, http, clock)
        app.state.desk.hub.close()
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive(), "the desk did not stop"
    listener.close()
