"""By when, and half of it: staffed time for what can wait, the clock for emergencies."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.due import due_after, halfway
from clinic.hours import Schedule, Span, staffed_time
from clinic.turn import Urgency

CHICAGO = ZoneInfo("America/Chicago")
DAY = (Span(8 * 60, 12 * 60), Span(13 * 60, 17 * 60))
WORKDAYS = Schedule(CHICAGO, dict.fromkeys(range(5), DAY), {}, holidays={date(2026, 11, 26)})
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2036, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=timezone.utc)
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("urgency", "start", "due", "half"),
    [
        (Urgency.ROUTINE, "2026-11-24T09:00", "2026-11-24T14:00", "2026-11-24T11:00"),
        (Urgency.ROUTINE, "2026-11-24T16:00", "2026-11-25T11:00", "2026-11-25T09:00"),
        (Urgency.ROUTINE, "2026-11-25T16:00", "2026-11-27T09:00", "2026-11-25T17:00"),  # a holiday
        (Urgency.URGENT, "2026-11-28T03:00", "2026-11-30T08:30", "2026-11-30T08:15"),
        (Urgency.EMERGENCY, "2026-11-28T03:00", "2026-11-28T03:06", "2026-11-28T03:03"),
        (Urgency.ROUTINE, "2026-11-24T09:00", "2026-11-24T08:00", "2026-11-24T08:00"),  # gone by
        (Urgency.ROUTINE, "2026-11-28T09:00", "2026-11-29T09:00", "2026-11-29T09:00"),  # weekend
    ],
)
def test_half_of_the_time_that_counts(urgency: Urgency, start: str, due: str, half: str) -> None:
    found = halfway(WORKDAYS, urgency, start=local(start), due=local(due))
    assert found == local(half).astimezone(timezone.utc)


@pytest.mark.parametrize("second", ["00.000002", "00.999999", "01", "59.999999"])
def test_nothing_is_due_before_it_is_asked_for(second: str) -> None:
    start = local(f"2026-11-24T09:00:{second}")
    due = due_after(WORKDAYS, Urgency.EMERGENCY, timedelta(0), now=start)
    assert due == local("2026-11-24T09:01")


@given(start=INSTANTS, minutes=st.integers(0, 3000), urgency=st.sampled_from(Urgency))
def test_as_much_time_lies_before_the_half_as_after_it(
    start: datetime, minutes: int, urgency: Urgency
) -> None:
    due = due_after(WORKDAYS, urgency, timedelta(minutes=minutes), now=start)
    assert due is not None
    half = halfway(WORKDAYS, urgency, start=start, due=due)
    assert half <= due
    if urgency is Urgency.EMERGENCY:
        before, after = half - start, due - half
    else:
        before = staffed_time(WORKDAYS, start=start, end=half)
        after = staffed_time(WORKDAYS, start=half, end=due)
    assert abs(before - after) <= timedelta(microseconds=1)


@given(start=INSTANTS, minutes=st.integers(0, 3000))
def test_what_is_due_after_so_much_staffed_time_has_so_much_before_it(
    start: datetime, minutes: int
) -> None:
    """To the minute: a promise is rounded up to one."""
    wait = timedelta(minutes=minutes)
    due = due_after(WORKDAYS, Urgency.ROUTINE, wait, now=start)
    assert due is not None
    assert due.second == due.microsecond == 0
    assert abs(staffed_time(WORKDAYS, start=start, end=due) - wait) <= timedelta(minutes=1)


@given(start=INSTANTS, hours=st.integers(-100, 0))
def test_backwards_there_is_no_time(start: datetime, hours: int) -> None:
    assert staffed_time(WORKDAYS, start=start, end=start + timedelta(hours=hours)) == timedelta()
