"""The part of the clinic's settings that says when nurses are there: `hours` in `clinic.yml`."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from clinic.hours import Schedule, Span
from clinic.yaml_reader import Entry

__all__ = ["HolidayError", "PublicHolidays", "read_schedule"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"^(\d{2}):(\d{2})-(\d{2}):(\d{2})$", re.ASCII)
_SPANS_EXPECTED = 'spans such as "08:00-12:00"'
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_HOURS_A_DAY, _MINUTES_AN_HOUR = 24, 60


class HolidayError(ValueError):
    """A calendar of public holidays cannot be had.

    `key` is the setting that is wrong, `place` which of its values, counted from 0.
    """

    def __init__(
        self, key: Literal["country", "subdivision", "open_on"], expected: str, *, place: int = 0
    ) -> None:
        super().__init__(expected)
        self.key = key
        self.expected = expected
        self.place = place


class PublicHolidays(Protocol):
    """Finds the calendar of a place."""

    def __call__(
        self, country: str, subdivision: str | None, open_on: tuple[str, ...], /
    ) -> Container[date]:
        """The days off, without the holidays of the names `open_on`. Raises `HolidayError`."""


def read_schedule(entry: Entry, zone: ZoneInfo, public_holidays: PublicHolidays) -> Schedule:
    """The schedule that `hours` describes. Raises `SettingError`."""
    days = entry.mapping(_DAYS, optional=("exceptions", "public_holidays"))
    exceptions = days["exceptions"].keys() if "exceptions" in days else {}
    holidays: Container[date] = frozenset()
    if "public_holidays" in days:
        holidays = _holidays(days["public_holidays"], public_holidays)
    return Schedule(
        time_zone=zone,
        weekly={number: _spans(days[name]) for number, name in enumerate(_DAYS)},
        exceptions={_date(name, day): _spans(day) for name, day in exceptions.items()},
        holidays=holidays,
    )


def _holidays(entry: Entry, public_holidays: PublicHolidays) -> Container[date]:
    given = entry.mapping(("country",), optional=("subdivision", "open_on"))
    subdivision = given["subdivision"].text() if "subdivision" in given else ""
    names = given["open_on"].items("a list of names of holidays") if "open_on" in given else ()
    open_on = tuple(name.text("the name of a holiday") for name in names)
    country = given["country"].text('two capital letters such as "US"')
    try:
        return public_holidays(country, subdivision or None, open_on)
    except HolidayError as error:
        wrong = names[error.place] if error.key == "open_on" else given[error.key]
        raise wrong.error(error.expected) from error


def _date(name: str, entry: Entry) -> date:
    try:
        # The pattern first: younger Pythons read other forms of a date, too.
        return date.fromisoformat(name if _DATE.match(name) else "")
    except ValueError as error:
        raise entry.error_at('expected a date such as "2026-12-25" as the key') from error


def _spans(entry: Entry) -> tuple[Span, ...]:
    spans: list[Span] = []
    for item in entry.items(f"a list of {_SPANS_EXPECTED}, or [] for a closed day"):
        found = _SPAN.match(item.text(_SPANS_EXPECTED))
        if not found:
            raise item.error(_SPANS_EXPECTED)
        hours_minutes = [int(part) for part in found.groups()]
        start, end = _minute(item, *hours_minutes[:2]), _minute(item, *hours_minutes[2:])
        if start >= end:
            raise item.error("a span that begins before it ends")
        if spans and start < spans[-1].end:
            raise item.error("spans in order that do not overlap")
        spans.append(Span(start, end))
    return tuple(spans)


def _minute(entry: Entry, hour: int, minute: int) -> int:
    total = hour * _MINUTES_AN_HOUR + minute
    if minute >= _MINUTES_AN_HOUR or total > _HOURS_A_DAY * _MINUTES_AN_HOUR:
        raise entry.error(f"{_SPANS_EXPECTED} with hours from 00:00 to 24:00")
    return total
