"""Whole days by the clocks of a zone, one after the other: a month, a year, or any other."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass, replace

from routing.schedule.wallclock import instant

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the first day to the end of the last."""

    first: dt.date
    last: dt.date
    zone: str

    @property
    def since(self) -> dt.datetime:
        """The instant at which it begins."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> dt.datetime:
        """The first instant after it."""
        return _midnight(self.last + DAY, self.zone)

    def months(self) -> list[Period]:
        """Its months in order, of which the first and the last need not be whole."""
        found, first = list[Period](), self.first
        while first <= self.last:
            last = min(month_of(first, self.zone).last, self.last)
            found.append(replace(self, first=first, last=last))
            first = last + DAY
        return found

    def days(self) -> list[Period]:
        """Its days in order."""
        every = (self.first + DAY * n for n in range((self.last - self.first).days + 1))
        return [replace(self, first=day, last=day) for day in every]


def month_of(day: dt.date, zone: str) -> Period:
    """The whole month in which a day lies."""
    last = monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), zone)


def months_until(day: dt.date, many: int, zone: str) -> Period:
    """So many months, the last being that in which a day lies."""
    years, month = divmod(day.year * 12 + day.month - many, 12)
    return Period(dt.date(years, month + 1, 1), month_of(day, zone).last, zone)


def _midnight(day: dt.date, zone: str) -> dt.datetime:
    return instant(dt.datetime.combine(day, dt.time()), zone)
