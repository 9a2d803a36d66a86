"""Public holidays by country and subdivision, out of the library `holidays`."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, datetime, timezone
from typing import Final

import holidays

from clinic.hours_settings import HolidayError

__all__ = ["public_holidays"]

_SUFFIX: Final = re.compile(r" \([^)]*\)$")
"""What the library adds to a name, such as "(observed)" for the day off in a holiday's stead."""
_YEARS_OF_NAMES: Final = 6  # enough to meet every name, whatever weekday each falls on


class _Calendar(Container[date]):
    """The days on which the clinic is closed, by the calendar of its country.

    A year that the calendar does not know is closed as a whole: nobody is promised a nurse on a
    day that may be a holiday.
    """

    def __init__(self, country: str, subdivision: str | None, open_on: frozenset[str]) -> None:
        self._country, self._subdivision, self._open_on = country, subdivision, open_on
        known = holidays.country_holidays(country, subdiv=subdivision)
        self._years = range(known.start_year, known.end_year + 1)
        self._found: dict[int, frozenset[date]] = {}

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        if day.year not in self._years:
            return True
        if day.year not in self._found:
            names = _names(self._country, self._subdivision, (day.year,))
            self._found[day.year] = frozenset(
                found for found, said in names.items() if not said <= self._open_on
            )
        return day in self._found[day.year]


def public_holidays(
    country: str, subdivision: str | None, open_on: tuple[str, ...]
) -> Container[date]:
    """The days off of that country, or of one of its subdivisions.

    `country` and `subdivision` are ISO 3166 codes such as "US" and "WI"; `open_on` names the
    holidays on which the clinic is open all the same. Raises `HolidayError`.
    """
    if country not in holidays.list_supported_countries(include_aliases=False):
        raise HolidayError("country", 'a country whose holidays are known, such as "US"')
    subdivisions = holidays.list_supported_countries()[country]
    if subdivision is not None and subdivision not in subdivisions:
        expected = f"one of {', '.join(subdivisions)}" if subdivisions else "no subdivision"
        raise HolidayError("subdivision", expected)
    this_year = datetime.now(timezone.utc).year
    said = _names(country, subdivision, range(this_year, this_year + _YEARS_OF_NAMES)).values()
    known = {name.casefold(): name for names in said for name in names}
    wanted = []
    for place, name in enumerate(open_on):
        if name.casefold() not in known:
            expected = f"one of {', '.join(sorted(known.values()))}"
            raise HolidayError("open_on", expected, place=place)
        wanted.append(known[name.casefold()])
    return _Calendar(country, subdivision, frozenset(wanted))


def _names(
    country: str, subdivision: str | None, years: range | tuple[int, ...]
) -> dict[date, frozenset[str]]:
    found = holidays.country_holidays(country, subdiv=subdivision, years=years)
    return {day: frozenset(_SUFFIX.sub("", name) for name in found.get_list(day)) for day in found}
