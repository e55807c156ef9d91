"""Weeks and months as a clock of the wall has them: whole local days, however long each is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ivr_app.calendars.stretches import Span
from routing.schedule.wallclock import instant

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
LAST_YEAR = 2999


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in a row, from the first to just before ``after``, by the clock of a zone."""

    first: dt.date
    after: dt.date
    zone: ZoneInfo

    @property
    def days(self) -> list[dt.date]:
        """Each of them."""
        return [self.first + n * DAY for n in range((self.after - self.first).days)]

    @property
    def span(self) -> Span:
        """From midnight to midnight, as instants."""
        return midnight(self.first, self.zone), midnight(self.after, self.zone)


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When a day begins."""
    return instant(dt.datetime.combine(day, dt.time()), zone.key)


def week_of(day: dt.date, zone: ZoneInfo) -> Period:
    """The week, from Monday, that a day lies in."""
    monday = day - day.weekday() * DAY
    return Period(monday, monday + WEEK, zone)


def month_of(day: dt.date, zone: ZoneInfo) -> Period:
    """The month that a day lies in."""
    first = day.replace(day=1)
    return Period(first, (first + 31 * DAY).replace(day=1), zone)


def weeks_of(month: Period) -> Period:
    """The whole weeks that a month touches."""
    first, last = (week_of(day, month.zone) for day in (month.first, month.after - DAY))
    return Period(first.first, last.after, month.zone)


def around(spans: list[Span], zone: ZoneInfo, at_most: int) -> Period:
    """The days that these times touch, and one on either side; so many at most."""
    first = min(start for start, _ in spans).astimezone(zone).date() - DAY
    last = max(end for _, end in spans).astimezone(zone).date() + 2 * DAY
    return Period(first, min(last, first + at_most * DAY), zone)


def read_day(written: str | None, today: dt.date) -> dt.date:
    """The day that an address names, or today; none that a neighbouring month would lie outside
    what clocks can tell."""
    try:
        day = dt.date.fromisoformat(written or "")
    except ValueError:
        return today
    return day if 1971 <= day.year < LAST_YEAR else today
