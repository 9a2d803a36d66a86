"""Staffed hours: when the nurses' office is open, opens next, and how staffed time adds up.

Hours are written in wall-clock time. Each span is one interval of real time: in the hour that
summer time repeats it begins at the first showing of its start and ends at the first showing of
its end; a time that summer time skips means the moment of the change.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

__all__ = [
    "SEARCH_DAYS",
    "Schedule",
    "Span",
    "add_staffed_time",
    "is_open",
    "next_opening",
    "staffed_time",
]

# Longer than a year, so that a schedule of dated exceptions only is found too.
SEARCH_DAYS = 400
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, order=True)
class Span:
    """From `start` up to, not including, `end`, in minutes after midnight, 0 to 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= _MINUTES_A_DAY:
            raise ValueError("a span must begin before it ends, within one day")


@dataclass(frozen=True)
class Schedule:
    """The spans of each weekday (0 is Monday) and of dated exceptions, which replace the day.

    A weekday that is missing is closed, and so is a public holiday, unless an exception says
    otherwise. Spans of a day are in order and do not overlap.
    """

    time_zone: ZoneInfo
    weekly: Mapping[int, tuple[Span, ...]]
    exceptions: Mapping[date, tuple[Span, ...]]
    holidays: Container[date] = frozenset()

    def spans(self, day: date) -> tuple[Span, ...]:
        """What holds on that day of the clinic's calendar."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.holidays:
            return ()
        return self.weekly.get(day.weekday(), ())


def is_open(schedule: Schedule, *, now: datetime) -> bool:
    """Whether `now` (aware) lies in staffed hours."""
    # One day of margin: the local date may be skipped or shifted by the zone.
    return any(start <= now < end for start, end in _intervals(schedule, now=now, days=1))


def next_opening(schedule: Schedule, *, now: datetime) -> datetime | None:
    """The first staffed instant at or after `now`, in UTC: `now` itself while it is open.

    None when there is none within the next 400 days.
    """
    for start, end in _intervals(schedule, now=now, days=SEARCH_DAYS):
        if end > now:
            return max(start, now.astimezone(timezone.utc))
    return None


def add_staffed_time(
    schedule: Schedule, *, start: datetime, duration: timedelta
) -> datetime | None:
    """The instant, in UTC, at which `duration` of staffed time has passed since `start`.

    With no duration it is the next opening. None when the next 400 days do not hold so much.
    """
    left = duration
    for opens, closes in _intervals(schedule, now=start, days=SEARCH_DAYS):
        if closes <= start:
            continue
        begin = max(opens, start.astimezone(timezone.utc))
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    return None


def staffed_time(schedule: Schedule, *, start: datetime, end: datetime) -> timedelta:
    """How much staffed time lies between two instants; none when `end` is not the later one."""
    total = timedelta()
    for opens, closes in _intervals(schedule, now=start, days=max((end - start).days, 0) + 2):
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total


def _intervals(
    schedule: Schedule, *, now: datetime, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """Staffed intervals in UTC, in order, from the day before `now` to `days` after it."""
    today = now.astimezone(schedule.time_zone).date()
    for offset in range(-1, days + 1):
        day = today + timedelta(days=offset)
        for span in schedule.spans(day):
            start = _instant(day, span.start, schedule.time_zone)
            end = _instant(day, span.end, schedule.time_zone)
            if start < end:
                yield start, end


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    instant = wall.replace(tzinfo=zone).astimezone(timezone.utc)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Skipped by the zone. Read with the offset that holds afterwards it lies before the change,
    # with the one before it lies after: halve the way between until the change is found.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(timezone.utc)
    offset = before.astimezone(zone).utcoffset()
    after = instant
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
