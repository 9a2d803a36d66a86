"""What a notice says, to people and to programs: reference, urgency, clock time, where to go.

Nothing that the patient wrote, no name and no number: whoever sees a locked phone, a mail server
or a pager's log learns nothing about anybody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from clinic.escalation import Cause
from clinic.settings import Clinic
from clinic.turn import Urgency
from desk.outbox import Told
from desk.promises import clock_time

__all__ = ["Message", "happened", "message_of", "problem_in_words", "trial_message"]

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


_PROBLEMS: Final = {
    "": "",
    "not_taken": "the service did not take it",
    "no_such_address": "clinic.yml names no such address any more",
    "gone": "the receiver takes no more of them (HTTP 410)",
    "ConnectError": "no connection, or a certificate that is not trusted",
    "ConnectTimeout": "no answer",
    "ReadTimeout": "no answer in time",
}


@dataclass(frozen=True)
class Message:
    """`title` is one line, fit for a pager, `text` a few; `payload` is the body of a webhook."""

    title: str
    text: str
    payload: bytes
    presses: bool


def happened(cause: Cause) -> str:
    """What has happened, as half a sentence."""
    return _HAPPENED[cause]


def problem_in_words(code: str) -> str:
    """What went wrong, as half a sentence; what has no words yet by its code."""
    status = code.removeprefix("http_")
    if status != code:
        return f"the receiver answered with HTTP {status}"
    return _PROBLEMS.get(code, code)


def message_of(clinic: Clinic, told: Told) -> Message:
    """The notice, the same in every try."""
    lines = [f"Waiting since {clock_time(clinic, told.waiting_since)}."]
    if told.due_at is not None:
        lines.append(f"A nurse is due by {clock_time(clinic, told.due_at)}.")
    lines.append(f"Please claim {told.reference} at {clinic.notifications.console}")
    data = {
        "reference": told.reference,
        "urgency": told.urgency.value,
        "waiting_since": _iso(told.waiting_since),
        "due_at": _iso(told.due_at),
        "console": clinic.notifications.console,
    }
    return Message(
        title=f"{_URGENCIES[told.urgency]}: {_HAPPENED[told.cause]} ({told.reference})",
        text="\n".join([*lines, clinic.name]),
        payload=_payload(_TYPES[told.cause], told.at, data),
        presses=told.urgency is not Urgency.ROUTINE,
    )


def trial_message(clinic: Clinic, *, now: datetime) -> Message:
    """What somebody gets who tries whether she is reached; nobody waits."""
    return Message(
        title="Test: nobody waits",
        text=f"This is how a notice of {clinic.name} reaches you. There is nothing to do.",
        payload=_payload("test", now, {"console": clinic.notifications.console}),
        presses=False,
    )


def _payload(what: str, at: datetime, data: dict[str, str | None]) -> bytes:
    payload = {"type": what, "timestamp": _iso(at), "data": data}
    return json.dumps(payload, separators=(",", ":")).encode()


def _iso(instant: datetime | None) -> str | None:
    return instant.astimezone(timezone.utc).isoformat() if instant else None
