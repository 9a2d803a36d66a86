"""By when something is due: staffed time for what can wait, the clock for emergencies."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.hours import Schedule, add_staffed_time
from clinic.turn import Urgency

__all__ = ["due_after"]


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


def _whole_minute(instant: datetime) -> datetime:
    # Patients are told minutes; the promise is kept at its minute, not before it has begun.
    return instant + timedelta(seconds=-instant.second % 60, microseconds=-instant.microsecond)
