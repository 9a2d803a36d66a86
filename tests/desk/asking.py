"""What the actions ask of the desk, with usual details."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.desk.running import RunningDesk


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
        "phone": "+16085550134",
        "best_time": "after 3 p.m.",
        "consent": True,
        "urgency": "routine",
        "transcript": [],
        **details,
    }
    headers = {**internal, "Idempotency-Key": key or str(uuid.uuid4())}
    return desk.http.post("/internal/handoffs", json=body, headers=headers)
