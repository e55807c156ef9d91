"""Which days are holidays: a country's public ones, as the line's file corrects them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

from config import fields
from config.reader import Entry, Fields, FileReading, WrongField, many, record, word
from routing.line import Holidays, Line
from routing.oncall.hours import Holiday, OfficeHours


def calendar(holidays: Holidays) -> Holiday:
    """Whether a day is a holiday; a year is worked out once, when it is first asked for."""
    added, removed = frozenset(holidays.add), frozenset(holidays.remove)

    def is_holiday(day: dt.date) -> bool:
        public = holidays.country is not None and day in _public(holidays.country, day.year)
        return day in added or (public and day not in removed)

    return is_holiday


def office(line: Line) -> OfficeHours:
    """The office of a line, closed on the holidays of its file."""
    return OfficeHours.of(line, calendar(line.holidays))


def read_holidays(entry: Entry, reading: FileReading) -> Holidays:
    """A country, or fields with days to add and to remove."""
    if isinstance(entry, Fields):
        return _corrected(entry, reading)
    return Holidays(_country(entry, reading))


@lru_cache(maxsize=1024)
def _public(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(country_holidays(country, years=year))


def _country(entry: Entry, reading: FileReading) -> str:
    text = word(entry, reading)
    if text not in list_supported_countries():
        raise WrongField("must be a country as two capitals, such as NL")
    return text


_corrected = record(Holidays, country=_country, add=many(fields.date), remove=many(fields.date))
