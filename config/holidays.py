"""Which days are holidays: a country's public ones, as the line's file corrects them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

from config import fields
from config.reader import Entry, Fields, FileReading, WrongField, list_of, record, word
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


def read_holidays(entry: Entry, reading: FileReading) -> Holidays:
    """A country, or fields with days to add and to remove."""
    if isinstance(entry, Fields):
        return _read_corrected(entry, reading)
    return Holidays(_read_country(entry, reading))


@lru_cache(maxsize=1024)
def _public_holidays(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(country_holidays(country, years=year))


def _read_country(entry: Entry, reading: FileReading) -> str:
    text = word(entry, reading)
    if text not in list_supported_countries():
        raise WrongField("must be a country as two capitals, such as NL")
    return text


_read_corrected = record(
    Holidays, country=_read_country, add=list_of(fields.date), remove=list_of(fields.date)
)
