"""What clocks on the wall show, and when: the one place where local time is turned.

Two rules hold everywhere. A local time that does not exist (spring) means the first instant after
the gap; one that comes twice (autumn) means the first. So the clocks of a zone are read as if
they never went back: while an hour repeats, they stand still just before its end. Local times can
then be compared and counted as plain numbers, in any zone, over any number of years.
"""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Now:
    """One moment as a zone knows it: the instant in UTC, and how far its clocks have got."""

    instant: dt.datetime
    wall: dt.datetime

    @classmethod
    def at(cls, moment: dt.datetime, zone: str) -> Now:
        """An aware moment, seen from a zone."""
        return cls(moment.astimezone(dt.UTC), wall(moment, zone))

    def within(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether the moment lies from ``start`` to just before ``end``, local or with offsets."""
        return self._reached(start) and not self._reached(end)

    def _reached(self, at: dt.datetime) -> bool:
        return at <= (self.wall if at.tzinfo is None else self.instant)


def wall(moment: dt.datetime, zone: str) -> dt.datetime:
    """How far the clocks of a zone have got at an aware moment, as a naive local time."""
    here = ZoneInfo(zone)
    instant = moment.astimezone(dt.UTC)
    shown = instant.astimezone(here)
    if not shown.fold:
        return shown.replace(tzinfo=None)
    first_time = shown.replace(fold=0).astimezone(dt.UTC)
    change = _change(first_time, instant, here)
    return _naive(first_time, here) + (change - first_time) - dt.datetime.resolution


def instant(at: dt.datetime, zone: str) -> dt.datetime:
    """The first instant, in UTC, by which clocks of a zone have reached a local time.

    A time that carries an offset is only converted.
    """
    if at.tzinfo is not None:
        return at.astimezone(dt.UTC)
    here = ZoneInfo(zone)
    first = at.replace(tzinfo=here, fold=0).astimezone(dt.UTC)
    second = at.replace(tzinfo=here, fold=1).astimezone(dt.UTC)
    # In a gap the two come in the wrong order, one on each side of the change.
    return first if first <= second else _change(second, first, here)


def local(at: dt.datetime, zone: str) -> dt.datetime:
    """The naive local time of a zone for a time that may carry an offset."""
    return at if at.tzinfo is None else _naive(at, ZoneInfo(zone))


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
