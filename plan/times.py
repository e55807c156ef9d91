"""Times as people write them: lengths, days, hours of the week and moments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Literal, TypeVar

from plan.reading import Reader, Reading, Wrong, word
from plan.sheet import Entry
from routing.line import EVERY_DAY, OfficeTime, Rate, Weekday

T = TypeVar("T")

_UNITS = {
    "s": dt.timedelta(seconds=1),
    "m": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "d": dt.timedelta(days=1),
    "w": dt.timedelta(weeks=1),
}
_NAMES = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}
_LENGTH = re.compile(r"(\d{1,9}) *([a-z]+?)s?", re.ASCII)
_YEARS_LONG = re.compile(r"(\d{1,2}) *(year)s?", re.ASCII)
_A_YEAR = dt.timedelta(days=365)
_SHORTEST_KEPT = dt.timedelta(days=30)
"""What happened last month can always be told."""

_OFFICE = re.compile(r"(\d{1,9}) +office +hours?", re.ASCII)
_EVERY = re.compile(r"(?:(\d{1,4}) +)?(hour|day|week|month)s?", re.ASCII)
_RATE = re.compile(r"(\d{1,6}) */ *(\d{0,4}) *([smhd])", re.ASCII)
_HOURS = re.compile(r"(\d\d:\d\d) *- *(\d\d:\d\d)", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?)?", re.ASCII)
"""As spreadsheets save a day too: with the midnight at which it begins."""
_YEARS = range(1970, 3000)
"""Far enough for anybody, and near enough for every zone to count with."""

Unit = Literal["hour", "day", "week", "month"]


def _written(make: Callable[[str], T], example: str) -> Reader[T]:
    """A word in some form; whatever goes wrong in reading it, the example shows what is right."""

    def read(entry: Entry, reading: Reading) -> T:
        text = word(entry, reading)
        try:
            return make(text)
        except (ValueError, OverflowError):
            raise Wrong(f"must be {example}") from None

    return read


def _match(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if not found:
        raise ValueError
    return found.groups("")


def _wait(text: str) -> dt.timedelta:
    count, unit = _match(_LENGTH, text)
    short = _NAMES.get(unit, unit)
    if short not in _UNITS:
        raise ValueError
    return int(count) * _UNITS[short]


def _length(text: str) -> dt.timedelta:
    found = _wait(text)
    if not found:
        raise ValueError
    return found


def _kept(text: str) -> dt.timedelta:
    count, unit = _match(_YEARS_LONG, text) if "year" in text else ("", "")
    found = int(count) * _A_YEAR if unit else _wait(text)
    if found < _SHORTEST_KEPT:
        raise ValueError
    return found


def _office_time(text: str) -> OfficeTime:
    if not text.endswith(("office hour", "office hours")):
        return OfficeTime(_length(text))
    (count,) = _match(_OFFICE, text)
    if not int(count):
        raise ValueError
    return OfficeTime(int(count) * _UNITS["h"], office=True)


def _every(text: str) -> tuple[int, Unit]:
    count, unit = _match(_EVERY, text)
    units: dict[str, Unit] = {"hour": "hour", "day": "day", "week": "week", "month": "month"}
    if not int(count or 1):
        raise ValueError
    return int(count or 1), units[unit]


def _rate(text: str) -> Rate:
    count, per, unit = _match(_RATE, text)
    if not int(per or 1):
        raise ValueError
    return Rate(int(count), int(per or 1) * _UNITS[unit])


def _hours(text: str) -> tuple[dt.time, dt.time]:
    start, end = _match(_HOURS, text)
    return dt.time.fromisoformat(start), dt.time.fromisoformat(end)


def _time(text: str) -> dt.time:
    return _hours(f"{text}-{text}")[0]


def _moment(text: str) -> dt.datetime:
    _match(_MOMENT, text)
    value = dt.datetime.fromisoformat(text)
    if value.year not in _YEARS:
        raise ValueError
    return value


def _date(text: str) -> dt.date:
    (day,) = _match(_DATE, text)
    return dt.date.fromisoformat(day)


def _weekday(text: str) -> Weekday:
    return EVERY_DAY[[str(day) for day in EVERY_DAY].index(text)]


length = _written(_length, "a length of time from a second up: 30s, 5m, 2h, 1d or 1 week")
kept = _written(_kept, "how long it is kept, 30 days or more: 90 days, 26 weeks or 2 years")
wait = _written(_wait, "a length of time to wait: 0s, 30s, 5m, 2h, 1d or 1 week")
office_time = _written(_office_time, "a length of time: 30m, 2h, 1d, 1 week or 4 office hours")
every = _written(_every, "a number of hours, days, weeks or months, such as 1 week")
rate = _written(_rate, "a number within a time, such as 3/h")
hours = _written(_hours, 'hours such as "09:00-18:00"; "00:00-00:00" is the whole day')
time = _written(_time, 'a time of day such as "07:30"')
moment = _written(
    _moment, "a date and time such as 2026-12-24T18:00, with an offset or without, to the year 2999"
)
date = _written(_date, "a date such as 2026-12-31, the year first")
weekday = _written(_weekday, f"one of {', '.join(EVERY_DAY)}")
