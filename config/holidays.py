"""Which days are holidays: a country's public ones, as the line's file corrects them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from routing.line import Holidays, Line
from routing.oncall.hours import Holiday, OfficeHours


def build_holiday_check(holidays: Holidays) -> Holiday:
    """Whether a day is a holiday; a year is worked out once, when it is first asked for."""
    added, removed = frozenset(holidays.add), frozenset(holidays.remove)

    def is_holiday(day: dt.date) -> bool:
        public = holidays.country is not None and day in _public_holidays(
            holidays.country, day.year
        )
        return day in added or (public and day not in removed)

    return is_holiday


def build_office_hours(line: Line) -> OfficeHours:
    """The office of a line, closed on the holidays of its file."""
    return OfficeHours.of(line, build_holiday_check(line.holidays))


@lru_cache(maxsize=1024)
def _public_holidays(country: str, year: int) -> frozenset[dt.date]:
    from holidays import country_holidays  # a line without public holidays does not wait for it

    return frozenset(country_holidays(country, years=year))
