"""What a notice says, to people and to programs: reference, urgency, clock time, where to go.

Nothing that the patient wrote, no name and no number: whoever sees a locked phone, a mail server
or a pager's log learns nothing about anybody.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Final

from clinic.escalation import Cause
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk.outbox import Told
from desk.promises import clock_time

__all__ = ["body_of", "payload_of", "title_of"]

_URGENCIES: Final = {
    Urgency.EMERGENCY: "Emergency",
    Urgency.URGENT: "Urgent",
    Urgency.ROUTINE: "Routine",
}
_HAPPENED: Final = {
    Cause.WAITS: "a patient waits for a nurse",
    Cause.GRAVER: "a waiting patient has become more urgent",
    Cause.UNCLAIMED: "nobody came to a patient's chat in time",
    Cause.RETURNED: "a patient waits again, no nurse has her now",
    Cause.HALF: "half of the time until a promised call is gone",
    Cause.END: "a promised call is late",
}
_TYPES: Final = {
    Cause.WAITS: "patient.waits",
    Cause.GRAVER: "patient.graver",
    Cause.UNCLAIMED: "patient.unclaimed",
    Cause.RETURNED: "patient.returned",
    Cause.HALF: "promise.half_gone",
    Cause.END: "promise.late",
}


def title_of(told: Told) -> str:
    """One line, fit for a pager."""
    return f"{_URGENCIES[told.urgency]}: {_HAPPENED[told.cause]} ({told.reference})"


def body_of(clinic: Clinic, told: Told) -> str:
    """A few lines of plain text."""
    lines = [f"Waiting since {clock_time(clinic, told.waiting_since)}."]
    if told.due_at is not None:
        lines.append(f"A nurse is due by {clock_time(clinic, told.due_at)}.")
    lines.append(f"Please claim {told.reference} at {clinic.notifications.console}")
    lines.append(clinic.name)
    return "\n".join(lines)


def payload_of(clinic: Clinic, told: Told) -> bytes:
    """The body of a webhook, the same in every try: type, time of what happened, and data."""
    payload = {
        "type": _TYPES[told.cause],
        "timestamp": _iso(told.at),
        "data": {
            "reference": told.reference,
            "urgency": told.urgency.value,
            "waiting_since": _iso(told.waiting_since),
            "due_at": _iso(told.due_at),
            "console": clinic.notifications.console,
        },
    }
    return json.dumps(payload, separators=(",", ":")).encode()


def _iso(instant: datetime | None) -> str | None:
    return instant.astimezone(timezone.utc).isoformat() if instant else None
