"""What the actions ask of the desk, with usual details."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import httpx

from tests.desk.running import RunningDesk


def number_of(conversation: str) -> str:
    """A phone number of this conversation's patient alone."""
    digits = int(hashlib.sha256(conversation.encode()).hexdigest(), 16) % 10**6
    return f"+16085{digits:06}"


def callback(
    desk: RunningDesk,
    internal: dict[str, str],
    conversation: str,
    *,
    key: str | None = None,
    **details: Any,
) -> httpx.Response:
    """Ask for a call-back; `key` is the idempotency key."""
    body = {
        "conversation": conversation,
        "reason": "sore for days",
        "name": "Kim Doe",
        "phone": number_of(conversation),
        "best_time": "after 3 p.m.",
        "consent": True,
        "urgency": "routine",
        "transcript": [],
        **details,
    }
    headers = {**internal, "Idempotency-Key": key or str(uuid.uuid4())}
    return desk.http.post("/internal/handoffs", json=body, headers=headers)
