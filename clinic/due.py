"""By when something is due: staffed time for what can wait, the clock for emergencies."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from clinic.hours import Schedule, add_staffed_time, staffed_time
from clinic.turn import Urgency

__all__ = ["due_after", "halfway"]


def due_after(
    schedule: Schedule, urgency: Urgency, wait: timedelta, *, now: datetime
) -> datetime | None:
    """The whole minute, in UTC, at which `wait` has passed since `now`.

    None when the schedule has no staffed time for that within the next 400 days.
    """
    if urgency is Urgency.EMERGENCY:
        return _whole_minute(now + wait)
    due = add_staffed_time(schedule, start=now, duration=wait)
    return _whole_minute(due) if due else None


def halfway(schedule: Schedule, urgency: Urgency, *, start: datetime, due: datetime) -> datetime:
    """The instant, in UTC, at which half of the time until `due` has passed, staffed or not.

    `due` itself when that is not later than `start`, or when no staffed time lies in between.
    """
    if due <= start:
        return due.astimezone(timezone.utc)
    if urgency is Urgency.EMERGENCY:
        return (start + (due - start) / 2).astimezone(timezone.utc)
    half = staffed_time(schedule, start=start, end=due) / 2
    found = add_staffed_time(schedule, start=start, duration=half) if half else None
    return min(found or due, due).astimezone(timezone.utc)


def _whole_minute(instant: datetime) -> datetime:
    # Patients are told minutes; the promise is kept at its minute, not before it has begun.
    begun = timedelta(seconds=instant.second, microseconds=instant.microsecond)
    return instant + (timedelta(minutes=1) - begun if begun else begun)
