"""Holidays: the public ones of a country, with the corrections of line.yaml."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from routing.line import Holidays, Line
from routing.oncall.hours import Holiday, OfficeHours


def build_holiday_check(holidays: Holidays) -> Holiday:
    """A function that says if a day is a holiday; the days of a year are calculated once."""
    added, removed = frozenset(holidays.add), frozenset(holidays.remove)

    def is_holiday(day: dt.date) -> bool:
        public = holidays.country is not None and day in _public_holidays(
            holidays.country, day.year
        )
        return day in added or (public and day not in removed)

    return is_holiday


def build_office_hours(line: Line) -> OfficeHours:
    """The office hours of a line, with its holidays."""
    return OfficeHours.of(line, build_holiday_check(line.holidays))


@lru_cache(maxsize=1024)
def _public_holidays(country: str, year: int) -> frozenset[dt.date]:
    from holidays import (
        country_holidays,
    )  # slow to import, and a line without public holidays does not need it

    return frozenset(country_holidays(country, years=year))
