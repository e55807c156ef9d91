"""Hours of the week: office hours, and the quiet hours of an engineer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

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


_MIDNIGHT = dt.time(0)

DayHours = tuple[tuple[dt.timedelta, dt.timedelta], ...]
"""The hours of a day in which the office is open, counted from midnight, in order and apart."""


@lru_cache(maxsize=256)
def find_week(hours: tuple[Hours, ...]) -> tuple[DayHours, ...]:
    """The hours of each day of a week, from Monday on. Hours past midnight count on both days."""
    return tuple(_find_day(hours, day) for day in range(7))


def _find_day(hours: tuple[Hours, ...], day: int) -> DayHours:
    parts: list[tuple[dt.timedelta, dt.timedelta]] = []
    for each in hours:
        start, end = _since_midnight(each.start), _since_midnight(each.end)
        past_midnight = start >= end
        if EVERY_DAY[day] in each.days:
            parts.append((start, _DAY if past_midnight else end))
        if past_midnight and end and EVERY_DAY[day - 1] in each.days:
            parts.append((dt.timedelta(0), end))
    joined: list[tuple[dt.timedelta, dt.timedelta]] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            first, last = joined.pop()
            start, end = first, max(last, end)
        joined.append((start, end))
    return tuple(joined)


def _since_midnight(at: dt.time) -> dt.timedelta:
    midnight = dt.datetime.combine(dt.date.min, _MIDNIGHT)
    return dt.datetime.combine(dt.date.min, at) - midnight


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
        time = now - dt.datetime.combine(now, _MIDNIGHT)
        today = find_week(self.hours)[now.weekday()]
        return any(start <= time < end for start, end in today) and not self.is_holiday(now.date())

    def changes(self, start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
        """The instants between two, at which the office may open or close."""
        return turns_of_day(self.hours, self.timezone, start, end)

    def opens(self, moment: dt.datetime) -> dt.datetime | None:
        """The first instant from a moment at which the office is open. None if that takes years."""
        if self.is_open(moment):
            return moment
        return next((start for start, _ in self._openings(moment)), None)

    def after(self, moment: dt.datetime, time: OfficeTime) -> dt.datetime:
        """The instant, in UTC, at which a duration that begins at a moment has passed.

        "4 office hours" from Friday 16:00 end on Monday at 11:00 if the office is open from 09:00
        to 18:00. If the office stays closed for ten years, the rest counts as plain time.
        """
        (instant,) = self.after_each(moment, (time.length,), office=time.office)
        return instant

    def after_each(
        self, moment: dt.datetime, lengths: Sequence[dt.timedelta], *, office: bool
    ) -> list[dt.datetime]:
        """The same of several durations, the shortest first, in one walk through the hours."""
        now = moment.astimezone(dt.UTC)
        if not office:
            return [now + length for length in lengths]
        found: list[dt.datetime] = []
        passed = dt.timedelta(0)
        for start, end in self._openings(now):
            open_for = passed + (end - start)
            here = [length for length in lengths[len(found) :] if length <= open_for]
            found += [start + (length - passed) for length in here]
            if len(found) == len(lengths):
                return found
            passed = open_for
        given_up = now + _PATIENCE * _DAY - passed
        return found + [given_up + length for length in lengths[len(found) :]]

    def passed(self, start: dt.datetime, end: dt.datetime, *, office: bool) -> dt.timedelta:
        """The time between two aware moments: plain, or in office hours only."""
        if not office or start >= end:
            return max(end - start, dt.timedelta(0))
        total = dt.timedelta(0)
        for opened, closed in self._openings(start):
            if opened >= end:
                break
            total += min(closed, end) - opened
        return total

    def _openings(self, moment: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """From when to when the office is open, from a moment on, in UTC and in order. A week
        without hours has none: nobody looks through ten years of it."""
        week = find_week(self.hours)
        if not any(week):
            return
        now, zone = moment.astimezone(dt.UTC), self.timezone
        first = wall(now, zone).date()
        for day in (first + n * _DAY for n in range(_PATIENCE)):
            today = week[day.weekday()]
            if not today or self.is_holiday(day):
                continue
            midnight = dt.datetime.combine(day, _MIDNIGHT)
            for start, end in today:
                opens = max(instant(midnight + start, zone), now)
                closes = instant(midnight + end, zone)
                if opens < closes:
                    yield opens, closes


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
