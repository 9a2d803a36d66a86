"""By when a nurse calls, in the words that patients are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from clinic.hours import is_open, next_opening
from clinic.settings import Clinic

__all__ = ["clock_time", "local_time", "promise_of", "unattended"]

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def clock_time(clinic: Clinic, instant: datetime) -> str:
    """The instant on the clinic's clock: "10:30 a.m. on Wednesday, November 25 (clinic time)"."""
    return f"{local_time(clinic, instant)} (clinic time)"


def local_time(clinic: Clinic, instant: datetime) -> str:
    """The same where it is plain whose clock is meant."""
    local = instant.astimezone(clinic.time_zone)
    half = "a.m." if local.hour < 12 else "p.m."  # noqa: PLR2004 (noon)
    hour = local.hour % 12 or 12
    day = f"{_DAYS[local.weekday()]}, {_MONTHS[local.month - 1]} {local.day}"
    return f"{hour}:{local.minute:02d} {half} on {day}"


def promise_of(clinic: Clinic, due_at: datetime | None, *, now: datetime) -> str:
    """One or two sentences; without a due time, or with one gone by, they promise no time."""
    if due_at and due_at > now:
        return f"A nurse will call you by {clock_time(clinic, due_at)}."
    if due_at:
        return (
            "You are already in the nurses' queue, and a nurse will call you as soon as possible."
        )
    call = f" If you cannot wait, call the clinic at {clinic.phone}." if clinic.phone else ""
    return f"A nurse will call you back when the nurses' office opens again.{call}"


def unattended(clinic: Clinic, *, now: datetime) -> str:
    """Until when nobody reads what is written, and where to turn meanwhile; empty while open."""
    if is_open(clinic.schedule, now=now):
        return ""
    opens = next_opening(clinic.schedule, now=now)
    until = f" before {clock_time(clinic, opens)}" if opens else " now"
    meanwhile = (
        f" If you need a nurse sooner, call {clinic.after_hours_phone}."
        if clinic.after_hours_phone
        else ""
    )
    return f"The nurses' office is closed, and nobody reads this{until}.{meanwhile}"
