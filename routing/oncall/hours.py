"""Hours of the week: office hours, and the quiet hours of an engineer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from routing.contracts.plans import OfficeTime
from routing.line import EVERY_DAY, Engineer, Hours, Line
from routing.oncall.local_time import instant, wall

Holiday = Callable[[dt.date], bool]
"""Whether a day is a holiday; asked with local dates of the line."""

_DAY = dt.timedelta(days=1)
_PATIENCE = 3660
"""Days after which counting office time stops, so that a deadline exists even if the office never
opens."""


def covers(hours: Hours, now: dt.datetime) -> bool:
    """Whether a local time is in the hours. Hours past midnight belong to the day they begin."""
    return end_of(hours, now) is not None


def end_of(hours: Hours, now: dt.datetime) -> dt.datetime | None:
    """The local end of the hours that cover a local time. None when they do not cover it."""
    today = now.date()
    for day in (today, today - _DAY):
        if EVERY_DAY[day.weekday()] in hours.days and _begin(hours, day) <= now < _end(hours, day):
            return _end(hours, day)
    return None


def turns_of_day(
    hours: Iterable[Hours], zone: str, start: dt.datetime, end: dt.datetime
) -> Iterator[dt.datetime]:
    """The instants between two, at which a day or any of the hours may begin or end."""
    times = sorted({dt.time(0), *(t for h in hours for t in (h.start, h.end))})
    day, last = wall(start, zone).date(), wall(end, zone).date()
    while day <= last:
        for at in (instant(dt.datetime.combine(day, time), zone) for time in times):
            if start < at < end:
                yield at
        day += _DAY


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours in which the office is open; a holiday is closed from midnight to midnight."""

    hours: tuple[Hours, ...]
    timezone: str
    is_holiday: Holiday

    @classmethod
    def of(cls, line: Line, is_holiday: Holiday) -> OfficeHours:
        """The office of a line, with its holidays."""
        return cls(line.office_hours, line.timezone, is_holiday)

    def is_open(self, moment: dt.datetime) -> bool:
        """Whether an aware moment is in office hours."""
        now = wall(moment, self.timezone)
        return any(covers(h, now) for h in self.hours) and not self.is_holiday(now.date())

    def changes(self, start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
        """The instants between two, at which the office may open or close."""
        return turns_of_day(self.hours, self.timezone, start, end)

    def opens(self, moment: dt.datetime) -> dt.datetime | None:
        """The first instant from a moment at which the office is open. None if that takes years."""
        if self.is_open(moment):
            return moment
        changes = self.changes(moment, moment + _PATIENCE * _DAY)
        return next((change for change in changes if self.is_open(change)), None)

    def after(self, moment: dt.datetime, time: OfficeTime) -> dt.datetime:
        """The instant, in UTC, at which a duration that begins at a moment has passed.

        "4 office hours" from Friday 16:00 end on Monday at 11:00 if the office is open from 09:00
        to 18:00. If the office stays closed for ten years, the rest counts as plain time.
        """
        now = moment.astimezone(dt.UTC)
        left = time.length
        if not time.office:
            return now + left
        for change in self.changes(now, now + _PATIENCE * _DAY):
            if self.is_open(now):
                if left <= change - now:
                    break
                left -= change - now
            now = change
        return now + left

    def passed(self, start: dt.datetime, end: dt.datetime, *, office: bool) -> dt.timedelta:
        """The time between two aware moments: plain, or in office hours only."""
        if not office or start >= end:
            return max(end - start, dt.timedelta(0))
        moments = (start, *self.changes(start, end), end)
        opened = (later - at for at, later in pairwise(moments) if self.is_open(at))
        return sum(opened, dt.timedelta(0))


def _begin(hours: Hours, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, hours.start)


def _end(hours: Hours, day: dt.date) -> dt.datetime:
    last = day
    if hours.start >= hours.end:
        last = day + _DAY
    return dt.datetime.combine(last, hours.end)


LONGEST_QUIET = dt.timedelta(weeks=1)
"""Quiet hours hold no message for longer."""


def quiet_until(engineer: Engineer, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The instant, in UTC, at which an engineer's quiet hours end. None outside them. Adjacent
    quiet hours are joined. ``now`` is aware; the hours are local to the zone."""
    over = now
    while (end := _end_of_quiet(engineer.quiet, over, zone)) is not None:
        if end - now >= LONGEST_QUIET:
            return now.astimezone(dt.UTC) + LONGEST_QUIET
        over = end
    if over is now:
        return None
    return over


def quiet_since(engineer: Engineer, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The instant, in UTC, at which the quiet hours of a moment began. None outside them, or when
    they have lasted for a week."""
    if not engineer.quiet or _end_of_quiet(engineer.quiet, now, zone) is None:
        return None
    turns = turns_of_day(engineer.quiet, zone, now - LONGEST_QUIET, now)
    for turn in (now, *sorted(turns, reverse=True)):
        if _end_of_quiet(engineer.quiet, turn - dt.timedelta.resolution, zone) is None:
            return turn.astimezone(dt.UTC)
    return None


def _end_of_quiet(quiet: tuple[Hours, ...], at: dt.datetime, zone: str) -> dt.datetime | None:
    clock = wall(at, zone)
    ends = [end for hours in quiet if (end := end_of(hours, clock)) is not None]
    if not ends:
        return None
    return instant(max(ends), zone)
