"""Staffed hours: tables for the nights that go wrong, properties for all others."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.hours import SEARCH_DAYS, Schedule, Span, add_staffed_time, is_open, next_opening

UTC = timezone.utc
CHICAGO = ZoneInfo("America/Chicago")
DAY = (Span(8 * 60, 12 * 60), Span(13 * 60, 17 * 60))
NIGHT = (Span(0, 24 * 60),)
WORKDAYS = Schedule(
    time_zone=CHICAGO,
    weekly={**dict.fromkeys(range(5), DAY), 3: (DAY[0], Span(13 * 60, 19 * 60 + 30))},
    exceptions={date(2026, 12, 25): (), date(2026, 11, 28): (Span(600, 660),)},
)
ALWAYS = Schedule(time_zone=CHICAGO, weekly=dict.fromkeys(range(7), NIGHT), exceptions={})
NEVER = Schedule(time_zone=CHICAGO, weekly={}, exceptions={})


def local(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO, fold=fold)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00:00", True),
        ("2026-11-24T11:59:59", True),
        ("2026-11-24T12:00:00", False),  # lunch
        ("2026-11-24T13:00:00", True),
        ("2026-11-24T17:00:00", False),
        ("2026-11-26T19:29:00", True),  # Thursday evening
        ("2026-11-26T19:30:00", False),
        ("2026-11-28T10:30:00", True),  # a Saturday with an exception
        ("2026-11-28T11:00:00", False),
        ("2026-11-29T10:00:00", False),
        ("2026-12-25T10:00:00", False),  # a Friday with an exception
    ],
)
def test_open_or_closed(now: str, *, expected: bool) -> None:
    assert is_open(WORKDAYS, now=local(now)) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T06:00", "2026-11-24T08:00"),
        ("2026-11-24T09:30", "2026-11-24T09:30"),  # open: now itself
        ("2026-11-24T12:00", "2026-11-24T13:00"),
        ("2026-11-24T17:00", "2026-11-25T08:00"),
        ("2026-11-27T17:00", "2026-11-28T10:00"),
        ("2026-11-28T11:00", "2026-11-30T08:00"),
        ("2026-12-24T20:00", "2026-12-28T08:00"),  # over the holiday and the weekend
        ("2027-03-12T18:00", "2027-03-15T08:00"),  # over the change to summer time
    ],
)
def test_the_next_opening(now: str, expected: str) -> None:
    assert next_opening(WORKDAYS, now=local(now)) == local(expected).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-24T09:00", 2, "2026-11-24T11:00"),
        ("2026-11-24T09:00", 3, "2026-11-24T12:00"),
        ("2026-11-24T09:00", 4, "2026-11-24T14:00"),
        ("2026-11-24T12:30", 4, "2026-11-24T17:00"),
        ("2026-11-24T16:00", 4, "2026-11-25T11:00"),
        ("2026-11-27T16:00", 3, "2026-11-30T09:00"),  # one hour of it on Saturday's exception
        ("2026-11-24T18:00", 0, "2026-11-25T08:00"),
    ],
)
def test_staffed_time_skips_what_is_closed(start: str, hours: int, expected: str) -> None:
    due = add_staffed_time(WORKDAYS, start=local(start), duration=timedelta(hours=hours))
    assert due == local(expected).astimezone(UTC)


def _one_span(day: date, start: str, end: str, zone: ZoneInfo = CHICAGO) -> Schedule:
    def minutes(text: str) -> int:
        hours, rest = text.split(":")
        return int(hours) * 60 + int(rest)

    return Schedule(zone, {}, {day: (Span(minutes(start), minutes(end)),)})


SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "start", "end", "opens", "staffed_minutes"),
    [
        # 02:00 to 03:00 does not exist: the change is at 08:00 UTC.
        (SPRING, "00:00", "24:00", "2026-03-08T06:00", 23 * 60),
        (SPRING, "01:00", "04:00", "2026-03-08T07:00", 2 * 60),
        (SPRING, "02:30", "04:00", "2026-03-08T08:00", 60),
        (SPRING, "01:00", "02:30", "2026-03-08T07:00", 60),
        (SPRING, "02:15", "02:45", None, 0),
        # 01:00 to 02:00 comes twice: at 06:00 and at 07:00 UTC.
        (AUTUMN, "00:00", "24:00", "2026-11-01T05:00", 25 * 60),
        (AUTUMN, "00:00", "03:00", "2026-11-01T05:00", 4 * 60),
        (AUTUMN, "01:30", "03:00", "2026-11-01T06:30", 150),
        (AUTUMN, "00:30", "01:30", "2026-11-01T05:30", 60),
        (AUTUMN, "01:15", "01:45", "2026-11-01T06:15", 30),
    ],
)
def test_the_nights_of_summer_time(
    day: date, start: str, end: str, opens: str | None, staffed_minutes: int
) -> None:
    schedule = _one_span(day, start, end)
    before = datetime(day.year, day.month, day.day - 0, tzinfo=CHICAGO) - timedelta(hours=3)
    expected = datetime.fromisoformat(opens).replace(tzinfo=UTC) if opens else None
    assert next_opening(schedule, now=before) == expected
    counted = sum(
        is_open(schedule, now=before.astimezone(UTC) + timedelta(minutes=minute))
        for minute in range(32 * 60)
    )
    assert counted == staffed_minutes
    if expected:
        whole = timedelta(minutes=staffed_minutes)
        assert add_staffed_time(schedule, start=before, duration=whole) == expected + whole
        more = whole + timedelta(seconds=1)
        assert add_staffed_time(schedule, start=before, duration=more) is None


def test_a_zone_whose_midnight_is_skipped() -> None:
    """In Beirut summer time begins at midnight, which then does not exist."""
    beirut = ZoneInfo("Asia/Beirut")
    schedule = _one_span(date(2026, 3, 29), "00:00", "01:30", beirut)
    assert next_opening(schedule, now=datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(
        2026, 3, 28, 22, tzinfo=UTC
    )


def test_a_zone_that_left_out_a_whole_day() -> None:
    """Samoa had no 30 December 2011."""
    schedule = _one_span(date(2011, 12, 30), "08:00", "17:00", ZoneInfo("Pacific/Apia"))
    assert next_opening(schedule, now=datetime(2011, 12, 29, tzinfo=UTC)) is None


HOLIDAY, DAY_AFTER = date(2026, 11, 26), date(2026, 11, 27)
THANKSGIVING = Schedule(
    CHICAGO, WORKDAYS.weekly, {DAY_AFTER: (Span(600, 660),)}, holidays={HOLIDAY, DAY_AFTER}
)


def test_a_public_holiday_is_closed_and_a_dated_exception_goes_before_it() -> None:
    assert not is_open(THANKSGIVING, now=local("2026-11-26T10:00"))
    assert is_open(THANKSGIVING, now=local("2026-11-27T10:30"))
    opens = next_opening(THANKSGIVING, now=local("2026-11-25T17:00"))
    assert opens == local("2026-11-27T10:00").astimezone(UTC)
    due = add_staffed_time(
        THANKSGIVING, start=local("2026-11-25T16:30"), duration=timedelta(hours=1)
    )
    assert due == local("2026-11-27T10:30").astimezone(UTC)


class _EveryDay:
    """The calendar of a place of which nothing is known."""

    def __contains__(self, day: object) -> bool:
        return True


def test_a_calendar_that_knows_nothing_never_means_open() -> None:
    unknown = Schedule(CHICAGO, ALWAYS.weekly, {}, holidays=_EveryDay())
    now = local("2026-11-24T10:00")
    assert not is_open(unknown, now=now)
    assert next_opening(unknown, now=now) is None
    assert add_staffed_time(unknown, start=now, duration=timedelta(minutes=1)) is None


def test_no_staffed_time_means_never_and_not_always() -> None:
    now = local("2026-11-24T09:00")
    assert not is_open(NEVER, now=now)
    assert next_opening(NEVER, now=now) is None
    assert add_staffed_time(NEVER, start=now, duration=timedelta(0)) is None


def test_the_search_ends_after_400_days() -> None:
    now = local("2026-11-24T09:00")
    inside = now.date() + timedelta(days=SEARCH_DAYS)
    outside = inside + timedelta(days=2)
    assert next_opening(Schedule(CHICAGO, {}, {inside: DAY}), now=now) is not None
    assert next_opening(Schedule(CHICAGO, {}, {outside: DAY}), now=now) is None


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (-1, 5), (5, 1441)])
def test_an_impossible_span_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(start, end)


@st.composite
def _spans(draw: st.DrawFn) -> tuple[Span, ...]:
    cuts = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return tuple(Span(15 * start, 15 * end) for start, end in pairs)


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2036, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC, microsecond=0)
)
DATES = st.dates(date(2024, 1, 1), date(2036, 12, 31))
SCHEDULES = st.builds(
    Schedule,
    time_zone=st.sampled_from(
        ["America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
    ).map(ZoneInfo),
    weekly=st.dictionaries(st.integers(0, 6), _spans()),
    exceptions=st.dictionaries(DATES, _spans(), max_size=4),
    holidays=st.sets(DATES, max_size=8),
)


@given(schedule=SCHEDULES, now=INSTANTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    schedule: Schedule, now: datetime
) -> None:
    opening = next_opening(schedule, now=now)
    if opening is None:
        return
    assert opening >= now
    assert is_open(schedule, now=opening)
    if opening > now:
        assert not is_open(schedule, now=opening - timedelta(seconds=1))
        step = (opening - now) / 40
        assert not any(is_open(schedule, now=now + number * step) for number in range(40))


@given(schedule=SCHEDULES, now=INSTANTS)
def test_nothing_opens_on_a_holiday_without_an_exception(schedule: Schedule, now: datetime) -> None:
    opening = next_opening(schedule, now=now)
    if opening is not None:
        day = opening.astimezone(schedule.time_zone).date()
        assert day not in schedule.holidays or day in schedule.exceptions


@given(schedule=SCHEDULES, now=INSTANTS)
def test_open_now_is_the_same_as_opening_now(schedule: Schedule, now: datetime) -> None:
    assert is_open(schedule, now=now) == (next_opening(schedule, now=now) == now)


@given(schedule=SCHEDULES, now=INSTANTS, quarters=st.integers(0, 60))
def test_as_much_staffed_time_passes_as_was_asked_for(
    schedule: Schedule, now: datetime, quarters: int
) -> None:
    """Counted minute by minute, from one quarter of an hour to the next."""
    now = now.replace(minute=now.minute // 15 * 15, second=0)
    due = add_staffed_time(schedule, start=now, duration=timedelta(minutes=15 * quarters))
    if due is None or due - now > timedelta(days=30):
        return
    steps = int((due - now) / timedelta(minutes=15))
    counted = sum(
        is_open(schedule, now=now + number * timedelta(minutes=15)) for number in range(steps)
    )
    assert counted == quarters


@given(schedule=SCHEDULES, now=INSTANTS, first=st.integers(0, 600), second=st.integers(0, 600))
def test_two_stretches_of_staffed_time_are_one_long_one(
    schedule: Schedule, now: datetime, first: int, second: int
) -> None:
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    middle = add_staffed_time(schedule, start=now, duration=one)
    whole = add_staffed_time(schedule, start=now, duration=one + two)
    if middle is not None and whole is not None and two:
        assert add_staffed_time(schedule, start=middle, duration=two) == whole


@given(now=INSTANTS, minutes=st.integers(0, 10_000))
def test_where_it_is_always_open_staffed_time_is_time(now: datetime, minutes: int) -> None:
    wait = timedelta(minutes=minutes)
    assert add_staffed_time(ALWAYS, start=now, duration=wait) == now + wait
