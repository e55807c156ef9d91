"""Schedules as lanes: who is on call as bars, and when nobody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.holidays import build_office_hours
from config.staffing import split_at_changes
from ivr_app.console.calls.drawing import LETTER, WIDTH, TimeScale
from routing.line import Line, Schedule
from routing.oncall.handover import rung_schedules
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant
from routing.oncall.rota import segments
from service import calendar_feed
from service.calendar_feed import Span, find_oncall_spans

# Weeks and months as a clock of the wall has them: whole local days, however long each is.


DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
LAST_YEAR = 2999


@dataclass(frozen=True, slots=True)
class DayRange:
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


def week_of(day: dt.date, zone: ZoneInfo) -> DayRange:
    """The week, from Monday, that a day lies in."""
    monday = day - day.weekday() * DAY
    return DayRange(monday, monday + WEEK, zone)


def month_of(day: dt.date, zone: ZoneInfo) -> DayRange:
    """The month that a day lies in."""
    first = day.replace(day=1)
    return DayRange(first, (first + 31 * DAY).replace(day=1), zone)


def weeks_of(month: DayRange) -> DayRange:
    """The whole weeks that a month touches."""
    first, last = (week_of(day, month.zone) for day in (month.first, month.after - DAY))
    return DayRange(first.first, last.after, month.zone)


def enclosing_period(spans: list[Span], zone: ZoneInfo, at_most: int) -> DayRange:
    """The days that these times touch, and one on either side; so many at most."""
    first = min(start for start, _ in spans).astimezone(zone).date() - DAY
    last = max(end for _, end in spans).astimezone(zone).date() + 2 * DAY
    return DayRange(first, min(last, first + at_most * DAY), zone)


def read_day(written: str | None, today: dt.date) -> dt.date:
    """The day that an address names, or today; none that a neighbouring month would lie outside
    what clocks can tell."""
    try:
        day = dt.date.fromisoformat(written or "")
    except ValueError:
        return today
    return day if 1971 <= day.year < LAST_YEAR else today


HEAD = 44.0
"""How high the days stand above the lanes."""

NAME = 26.0
"""How high the name of a lane is; along it a time is chosen."""

ROW = 26.0
"""How high a row of bars is."""

FOOT = 14.0
"""Room below a lane."""

BEYOND = dt.timedelta(days=14)
"""So far outside of what is drawn the beginning and the end of a shift are looked for."""


@dataclass(frozen=True, slots=True)
class ShiftBar:
    """One person's time in a lane: ``shift`` is all of it, also what lies outside the drawing."""

    person: str
    shift: Span
    x: float
    width: float
    row: int

    def holds(self, words: str) -> bool:
        """True when there is room for these words inside."""
        return self.width > len(words) * LETTER + LETTER


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody is on call."""

    span: Span
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class ScheduleLane:
    """A schedule from top to bottom."""

    schedule: Schedule
    bars: Sequence[ShiftBar]
    gaps: Sequence[Gap]
    y: float

    @property
    def rows(self) -> int:
        """As many as are on call at once, and one at least."""
        return max([bar.row + 1 for bar in self.bars] or [1])

    @property
    def height(self) -> float:
        """Name and rows."""
        return NAME + ROW * self.rows

    def top(self, row: int) -> float:
        """Where a row of bars begins."""
        return self.y + NAME + ROW * row


def draw_lanes(line: Line, period: DayRange, office: OfficeHours) -> list[ScheduleLane]:
    """The schedules of a line in their order, each below the one before."""
    found, y, scale = list[ScheduleLane](), HEAD, TimeScale(*period.span)
    for schedule in line.schedules:
        bars = _draw_bars(schedule, period.span, scale, office)
        empty = find_gaps(line, schedule, period.span, office)
        found.append(ScheduleLane(schedule, bars, [_draw_gap(one, scale) for one in empty], y))
        y += found[-1].height + FOOT
    return found


def _draw_gap(span: Span, scale: TimeScale) -> Gap:
    x = scale.x(span[0])
    return Gap(span, x, scale.x(span[1]) - x)


def _draw_bars(
    schedule: Schedule, span: Span, scale: TimeScale, office: OfficeHours
) -> list[ShiftBar]:
    wider = span[0] - BEYOND, span[1] + BEYOND
    people = {one for s in segments(schedule, *span, office) for one in s.on_call}
    shifts = sorted(
        (shift, person)
        for person in people
        for shift in find_oncall_spans(person, schedule, wider, office)
        if shift[0] < span[1] and span[0] < shift[1]
    )
    ends: list[dt.datetime] = []
    drawn = []
    for (start, end), person in shifts:
        row = next((at for at, over in enumerate(ends) if over <= start), len(ends))
        ends[row : row + 1] = [end]
        x, until = scale.x(start), scale.x(end)
        # What has no end in sight is taken for as much of it as is drawn.
        whole = (
            (max(start, span[0]) if start == wider[0] else start),
            (min(end, span[1]) if end == wider[1] else end),
        )
        drawn.append(ShiftBar(person, whole, x, until - x, row))
    return drawn


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """A day above the lanes; ``hours`` is how long it is where that is not 24."""

    date: dt.date
    x: float
    width: float
    hours: int | None
    holiday: bool


def draw_days(period: DayRange, office: OfficeHours) -> list[TimelineDay]:
    """Each day in its place: the one on which clocks go forward is narrower."""
    scale = TimeScale(*period.span)
    found = []
    for date in period.days:
        start, end = (midnight(date + dt.timedelta(days=n), period.zone) for n in (0, 1))
        hours = round((end - start) / dt.timedelta(hours=1))
        x, until = scale.x(start), scale.x(end)
        odd = hours if hours != 24 else None
        found.append(TimelineDay(date, x, until - x, odd, office.is_holiday(date)))
    return found


def find_place(period: DayRange, at: dt.datetime) -> float | None:
    """Where a moment lies, or None where it is not drawn."""
    start, end = period.span
    return TimeScale(start, end).x(at) if start <= at < end else None


# What is drawn of some schedules in some days: lanes, days, and the moment that it is now.


STOP = dt.timedelta(minutes=30)
"""To what a time is rounded that is chosen by hand."""

COLOURS = 8


@dataclass(frozen=True, slots=True)
class RotaDrawing:
    """The drawing."""

    line: Line
    period: DayRange
    lanes: Sequence[ScheduleLane]
    days: Sequence[TimelineDay]
    now: float | None

    @property
    def width(self) -> float:
        """Of the drawing, in its own units."""
        return WIDTH

    @property
    def height(self) -> float:
        """Down to the foot of the last lane."""
        return self.lanes[-1].y + self.lanes[-1].height + FOOT if self.lanes else HEAD

    @property
    def gaps(self) -> list[tuple[Schedule, Gap]]:
        """Whenever nobody is on call, lane by lane."""
        return [(lane.schedule, gap) for lane in self.lanes for gap in lane.gaps]

    @property
    def people(self) -> list[str]:
        """Everybody whose time is drawn, in the order of the file."""
        drawn = {bar.person for lane in self.lanes for bar in lane.bars}
        return [one.id for one in self.line.engineers if one.id in drawn]

    @property
    def stops(self) -> str:
        """The local times, in order, at which a time chosen by hand may begin or end."""
        start, end = self.period.span
        count = round((end - start) / STOP)
        moments = ((start + n * STOP).astimezone(self.period.zone) for n in range(count + 1))
        return " ".join(f"{at:%Y-%m-%dT%H:%M}" for at in moments)

    def name(self, person: str) -> str:
        """How somebody is called; whoever has left is called by the id."""
        engineer = self.line.engineer(person)
        return engineer.name if engineer else person

    def label(self, bar: ShiftBar) -> str:
        """As much of the name as there is room for."""
        words = self.name(bar.person).split()
        initials = "".join(word[0] for word in words)
        fits = (one for one in (" ".join(words), words[0], initials) if bar.holds(one))
        return next(fits, "")

    def colour(self, person: str) -> int:
        """Which of the colours is somebody's; the name stands beside it."""
        known = [one.id for one in self.line.engineers]
        return known.index(person) % COLOURS if person in known else COLOURS - 1

    def local(self, at: dt.datetime) -> str:
        """A moment as a field for times has it."""
        return f"{at.astimezone(self.period.zone):%Y-%m-%dT%H:%M}"


def draw_rota(line: Line, period: DayRange, now: dt.datetime) -> RotaDrawing:
    """Lay out the schedules of a line."""
    hours = build_office_hours(line)
    found = draw_lanes(line, period, hours)
    return RotaDrawing(line, period, found, draw_days(period, hours), find_place(period, now))


# Gaps that matter: when nobody is on call in a schedule that would be rung then.


def find_gaps(line: Line, schedule: Schedule, span: Span, office: OfficeHours) -> Iterator[Span]:
    """When nobody is on call: at any time where level 1 rings the schedule, in office hours where
    it sits at a desk, and never where nothing rings it."""
    empty = calendar_feed.find_gaps(schedule, span, office)
    if schedule.id in {one.id for one in rung_schedules(line)}:
        yield from empty
    elif schedule.id in _desk_schedules(line):
        parts = (part for gap in empty for part in split_at_changes(*gap, office))
        yield from (part for part in parts if office.is_open(part[0]))


def _desk_schedules(line: Line) -> set[str]:
    desks = (line.desk, line.signature_desk, *(route.desk for route in line.routes))
    return {name for desk in desks if desk is not None for name in desk.ring}
