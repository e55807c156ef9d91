"""Conversion between instants and local times. No other module does it.

Two rules hold everywhere. A local time that does not exist (spring) means the first instant after
the gap. A local time that occurs twice (autumn) means the first. So clocks never go back: while an
hour repeats, they show the last moment before its end. Local times can then be compared and
counted as plain numbers, in any zone, over any number of years.
"""

from __future__ import annotations

import bisect
import datetime as dt
from calendar import monthrange
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

_SECOND = dt.timedelta(seconds=1)
_NO_OFFSET = dt.timedelta(0)
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH = _EPOCH_UTC.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class ZonedMoment:
    """One moment in a zone: the instant in UTC, and the local time."""

    instant: dt.datetime
    wall: dt.datetime

    @classmethod
    def at(cls, moment: dt.datetime, zone: str) -> ZonedMoment:
        """An aware moment, seen from a zone."""
        return cls(moment.astimezone(dt.UTC), wall(moment, zone))

    def within(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether the moment is from ``start`` to just before ``end``, local or with offsets."""
        return self._reached(start) and not self._reached(end)

    def _reached(self, at: dt.datetime) -> bool:
        if at.tzinfo is None:
            return at <= self.wall
        return at <= self.instant


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """A moment that is said or shown in the local time of a zone, as the listener's or reader's
    language has it."""

    at: dt.datetime
    zone: str


def wall(moment: dt.datetime, zone: str) -> dt.datetime:
    """The naive local time of a zone at an aware moment."""
    here = ZoneInfo(zone)
    instant = moment.astimezone(dt.UTC)
    shown = instant.astimezone(here)
    if not shown.fold:
        return dt.datetime.combine(shown, shown.time())  # three times as fast as replace
    first_time = shown.replace(fold=0).astimezone(dt.UTC)
    change = _change(first_time, instant, here)
    return _naive(first_time, here) + (change - first_time) - dt.datetime.resolution


def instant(at: dt.datetime, zone: str) -> dt.datetime:
    """The first instant, in UTC, at which clocks of a zone have reached a local time. A time with
    an offset is only converted."""
    if at.tzinfo is not None:
        return at.astimezone(dt.UTC)
    here = ZoneInfo(zone)
    offset = here.utcoffset(at) or _NO_OFFSET
    found = _EPOCH_UTC + (at - _EPOCH - offset)
    if found.astimezone(here).utcoffset() == offset and not at.fold:
        return found
    first = at.replace(tzinfo=here, fold=0).astimezone(dt.UTC)
    second = at.replace(tzinfo=here, fold=1).astimezone(dt.UTC)
    # In a gap the two come in the wrong order, one on each side of the change.
    if first <= second:
        return first
    return _change(second, first, here)


def local(at: dt.datetime, zone: str) -> dt.datetime:
    """The naive local time of a zone for a time with or without an offset."""
    if at.tzinfo is None:
        return at
    return _naive(at, ZoneInfo(zone))


def _naive(at: dt.datetime, here: ZoneInfo) -> dt.datetime:
    return at.astimezone(here).replace(tzinfo=None)


def _change(before: dt.datetime, after: dt.datetime, here: ZoneInfo) -> dt.datetime:
    """The whole second after ``before`` at which the clocks of the zone were changed."""
    old = before.astimezone(here).utcoffset()
    origin = before.replace(microsecond=0)
    seconds = range(int((after - origin) / _SECOND) + 1)
    changed = bisect.bisect_left(
        seconds,
        True,
        key=lambda s: (origin + s * _SECOND).astimezone(here).utcoffset() != old,
    )
    return origin + changed * _SECOND


DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, from the beginning of the first to the end of the last."""

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
        """Its months in order. The first and the last may be partial."""
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
    """The whole month of a day."""
    last = monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), zone)


def months_until(day: dt.date, many: int, zone: str) -> Period:
    """A number of months, of which the last is the month of a day."""
    years, month = divmod(day.year * 12 + day.month - many, 12)
    return Period(dt.date(years, month + 1, 1), month_of(day, zone).last, zone)


def _midnight(day: dt.date, zone: str) -> dt.datetime:
    return instant(dt.datetime.combine(day, dt.time()), zone)


def format_local(at: dt.datetime | str | None, zone: str, timespec: str = "seconds") -> str:
    """A moment as local time, for a sentence or a table. Empty when there is none."""
    if not at:
        return ""
    if isinstance(at, str):
        at = dt.datetime.fromisoformat(at)
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", timespec)
