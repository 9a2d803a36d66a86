"""A patient and a nurse in one chat, as the tests of the live chat need them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
from sqlalchemy import update

from clinic.hours import next_opening
from clinic.settings import load_clinic
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from tests.desk.cast import Account
from tests.desk.running import Chat, Clock, RunningDesk

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)


def in_staffed_hours() -> Clock:
    """A clock that shows half an hour after an opening, from which the office stays open."""
    clock = Clock()
    now = datetime.now(timezone.utc)
    opens = next_opening(CLINIC.schedule, now=now + timedelta(days=1))
    assert opens is not None
    first = next_opening(CLINIC.schedule, now=opens + timedelta(hours=12))
    assert first is not None
    clock.ahead = first + timedelta(minutes=30) - now
    return clock


def come(nurse: Account) -> None:
    assert nurse.http.put("/api/nurse/presence", json={"state": "available"}).status_code == 200


def wants_nurse(
    desk: RunningDesk, internal: dict[str, str], chat: Chat, *, key: str | None = None, **more: Any
) -> httpx.Response:
    """What the assistant's action asks of the desk."""
    body = {"conversation": chat.id, "reason": "sore for days", **more}
    headers = {**internal, "Idempotency-Key": key or str(uuid.uuid4())}
    return desk.http.post("/internal/chats", json=body, headers=headers)


def waiting_chat(desk: RunningDesk, internal: dict[str, str]) -> Chat:
    """A patient who waits for a nurse in the chat."""
    chat = desk.chat()
    chat.send("a nurse please")
    chat.wait_for(2)
    assert wants_nurse(desk, internal, chat).status_code == 201
    return chat


def claimed_chat(desk: RunningDesk, internal: dict[str, str], nurse: Account) -> Chat:
    """A patient whom the nurse has joined."""
    chat = waiting_chat(desk, internal)
    assert claim(nurse, chat).status_code == 200
    return chat


def handoff_of(nurse: Account, chat: Chat) -> dict[str, Any]:
    found = nurse.http.get("/api/nurse/handoffs").json()
    return next(item for item in found if item["conversation"] == chat.id)


def claim(nurse: Account, chat: Chat) -> httpx.Response:
    return nurse.http.post(f"/api/nurse/handoffs/{handoff_of(nurse, chat)['id']}/claim")


def write(nurse: Account, chat: Chat, text: str, **more: Any) -> httpx.Response:
    return nurse.http.post(
        f"/api/nurse/conversations/{chat.id}/messages", json={"text": text, **more}
    )


def status(chat: Chat) -> dict[str, Any]:
    answer = chat.http.get(f"{chat.path}/status", headers=chat.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last(chat: Chat) -> dict[str, Any]:
    return chat.events()[-1]


def stay(desk: RunningDesk, clock: Clock) -> None:
    """Let the nurses be there after a jump of the clock, which is no absence of theirs."""
    with desk.database.write() as session:
        now = clock()
        session.execute(update(NurseRow).values(seen_at=now))
        session.execute(update(NurseSessionRow).values(used_at=now, created_at=now))
