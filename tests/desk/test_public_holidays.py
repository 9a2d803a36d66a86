"""Public holidays: the library's calendar, the clinic's choice, closed where nothing is known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.hours import is_open, next_opening
from clinic.hours_settings import HolidayError
from clinic.settings import load_clinic
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
US = public_holidays("US", None, ())
DATES = st.dates(date(2024, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 11, 26), True),  # Thanksgiving, the fourth Thursday
        (date(2027, 11, 25), True),
        (date(2027, 11, 26), False),
        (date(2027, 7, 5), True),  # the fourth is a Sunday
        (date(2027, 12, 31), True),  # New Year's Day 2028 is a Saturday
        (date(2026, 10, 12), True),  # Columbus Day
        (date(2026, 11, 24), False),
    ],
)
def test_the_days_off_of_the_united_states(day: date, *, off: bool) -> None:
    assert (day in US) is off


def test_a_state_has_its_own() -> None:
    texas = public_holidays("US", "TX", ())
    san_jacinto = date(2026, 4, 21)
    assert (san_jacinto in texas, san_jacinto in US) == (True, False)


def test_the_clinic_is_open_on_the_holidays_it_names() -> None:
    chosen = public_holidays("US", None, ("columbus day", "Juneteenth National Independence Day"))
    assert date(2026, 10, 12) not in chosen
    assert date(2027, 6, 18) not in chosen, "the day off in its stead goes with it"
    assert date(2026, 11, 26) in chosen


@given(DATES)
def test_a_chosen_holiday_is_never_another_one(day: date) -> None:
    chosen = public_holidays("US", None, ("Columbus Day",))
    assert (day in chosen) == (day in US and not (day.month == 10 and day.weekday() == 0))


@pytest.mark.parametrize("year", [1492, 2101, 9999])
def test_a_year_that_the_calendar_does_not_know_is_closed(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year and day < date.max:
        assert day in US
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("country", "subdivision", "open_on", "key", "expected"),
    [
        ("XX", None, (), "country", "a country"),
        ("", None, (), "country", "a country"),
        ("US", "ZZ", (), "subdivision", "AK, AL"),
        ("US", None, ("Colombus Day",), "open_on", "Columbus Day, Independence Day"),
    ],
)
def test_what_is_no_calendar_is_refused_with_what_there_is(
    country: str, subdivision: str | None, open_on: tuple[str, ...], key: str, expected: str
) -> None:
    with pytest.raises(HolidayError, match=expected) as refused:
        public_holidays(country, subdivision, open_on)
    assert refused.value.key == key


def test_a_clinic_without_the_group_has_no_holidays(tmp_path: Path) -> None:
    lines = (CHECKOUT / "clinic.yml").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("  public_holidays:"))
    path = tmp_path / "clinic.yml"
    path.write_text("\n".join([*lines[:at], *lines[at + 3 :]]), encoding="utf-8")
    schedule = load_clinic(path, public_holidays).schedule
    assert is_open(schedule, now=datetime(2026, 11, 26, 10, tzinfo=schedule.time_zone))


@given(DATES)
def test_the_example_opens_within_ten_days_and_never_on_a_holiday(day: date) -> None:
    """Hours of every day of 37 years, as the clinic's own calendar has them."""
    schedule = CLINIC.schedule
    midnight = datetime(day.year, day.month, day.day, tzinfo=schedule.time_zone)
    opening = next_opening(schedule, now=midnight)
    assert opening is not None
    assert opening - midnight < timedelta(days=10)
    opens_on = opening.astimezone(schedule.time_zone).date()
    assert opens_on not in schedule.holidays or opens_on in schedule.exceptions
    assert opens_on.weekday() < 5
