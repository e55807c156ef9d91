"""The schedules of a line as a drawing of lanes, and as a month grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.holidays import build_office_hours
from config.staffing import split_at_changes
from ivr_app.console.drawing import LETTER, WIDTH, TimeScale
from routing.line import Line, Schedule
from routing.oncall import handover, local_time, policy, rota
from routing.oncall.hours import OfficeHours
from service.calendar_feed import Span, join_turns

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
YEARS = range(1971, 2999)


@dataclass(frozen=True, slots=True)
class DayRange:
    """Consecutive days of a time zone, from ``first`` to the day before ``after``."""

    first: dt.date
    after: dt.date
    zone: ZoneInfo

    @property
    def days(self) -> list[dt.date]:
        """Each day."""
        return [self.first + n * DAY for n in range((self.after - self.first).days)]

    @property
    def span(self) -> Span:
        """From midnight to midnight, in UTC."""
        return find_midnight(self.first, self.zone), find_midnight(self.after, self.zone)


def find_midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the moment at which a day begins."""
    return local_time.instant(dt.datetime.combine(day, dt.time()), zone.key)


def find_week(day: dt.date, zone: ZoneInfo) -> DayRange:
    """Return the week of a day, from Monday."""
    monday = day - day.weekday() * DAY
    return DayRange(monday, monday + WEEK, zone)


def find_month(day: dt.date, zone: ZoneInfo) -> DayRange:
    """Return the month of a day."""
    first = day.replace(day=1)
    return DayRange(first, (first + 31 * DAY).replace(day=1), zone)


def find_whole_weeks(month: DayRange) -> DayRange:
    """Return the whole weeks that include a month."""
    first, last = (find_week(day, month.zone) for day in (month.first, month.after - DAY))
    return DayRange(first.first, last.after, month.zone)


def enclose_period(spans: list[Span], zone: ZoneInfo, at_most: int) -> DayRange:
    """Return the days of these times with one day on each side, ``at_most`` days in all."""
    first = min(start for start, _ in spans).astimezone(zone).date() - DAY
    last = max(end for _, end in spans).astimezone(zone).date() + 2 * DAY
    return DayRange(first, min(last, first + at_most * DAY), zone)


def read_day(text: str | None, today: dt.date) -> dt.date:
    """Return the day of an address, or today for anything else. The years are limited, so that the
    months before and after can be shown."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return today
    if day.year in YEARS:
        return day
    return today


HEAD = 44.0
"""Height of the days above the lanes."""

NAME = 26.0
"""Height of the name of a lane; a drag along it chooses a time."""

ROW = 26.0
"""Height of a row of bars."""

FOOT = 14.0
"""Space below a lane."""

BEYOND = dt.timedelta(days=14)
"""How far outside the drawing the start and end of a shift are searched."""


@dataclass(frozen=True, slots=True)
class ShiftBar:
    """A shift of a person in a lane; ``shift`` includes the time outside the drawing."""

    person: str
    shift: Span
    x: float
    width: float
    row: int

    def holds(self, words: str) -> bool:
        """Return True if these words fit inside."""
        return self.width > len(words) * LETTER + LETTER


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without anybody on call."""

    span: Span
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class ScheduleLane:
    """A schedule with its bars and gaps."""

    schedule: Schedule
    bars: Sequence[ShiftBar]
    gaps: Sequence[Gap]
    y: float

    @property
    def rows(self) -> int:
        """The number of people on call at once, at least one."""
        return max((bar.row + 1 for bar in self.bars), default=1)

    @property
    def height(self) -> float:
        """The height of the name and the rows."""
        return NAME + ROW * self.rows

    def top(self, row: int) -> float:
        """Return the top of a row of bars."""
        return self.y + NAME + ROW * row


def draw_lanes(line: Line, period: DayRange, office: OfficeHours) -> list[ScheduleLane]:
    """Return the schedules of a line in their order, from top to bottom."""
    lanes, y, scale = list[ScheduleLane](), HEAD, TimeScale(*period.span)
    for schedule in line.schedules:
        bars = _draw_bars(schedule, period.span, scale, office)
        parts = list(rota.segments(schedule, *period.span, office))
        empty = find_gaps(line, schedule, parts, office)
        lanes.append(ScheduleLane(schedule, bars, [_draw_gap(span, scale) for span in empty], y))
        y += lanes[-1].height + FOOT
    return lanes


def _draw_gap(span: Span, scale: TimeScale) -> Gap:
    x = scale.x(span[0])
    return Gap(span, x, scale.x(span[1]) - x)


def _draw_bars(
    schedule: Schedule, span: Span, scale: TimeScale, office: OfficeHours
) -> list[ShiftBar]:
    wider = span[0] - BEYOND, span[1] + BEYOND
    found = _list_turns(list(rota.segments(schedule, *wider, office)))
    ends: list[dt.datetime] = []
    drawn = []
    for start, end, person in found:
        if start >= span[1] or end <= span[0]:
            continue
        row = next((at for at, over in enumerate(ends) if over <= start), len(ends))
        ends[row : row + 1] = [end]
        x, until = scale.x(start), scale.x(end)
        # A shift without a start or end in sight is cut at the edge of the drawing.
        if start == wider[0]:
            start = span[0]
        if end == wider[1]:
            end = span[1]
        drawn.append(ShiftBar(person, (start, end), x, until - x, row))
    return drawn


def _list_turns(parts: Sequence[rota.Segment]) -> list[tuple[dt.datetime, dt.datetime, str]]:
    """Return from when until when each person is on call in these segments, in order of time."""
    people = {person for part in parts for person in part.on_call}
    return sorted((*turn, person) for person in people for turn in join_turns(person, parts))


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """A day above the lanes, and its length in hours."""

    date: dt.date
    x: float
    width: float
    hours: int
    holiday: bool


def draw_days(period: DayRange, office: OfficeHours) -> list[TimelineDay]:
    """Return the days with their places: the day on which clocks go forward is narrower."""
    scale = TimeScale(*period.span)
    found = []
    for date in period.days:
        start, end = (find_midnight(date + dt.timedelta(days=n), period.zone) for n in (0, 1))
        hours = round((end - start) / dt.timedelta(hours=1))
        x, until = scale.x(start), scale.x(end)
        found.append(TimelineDay(date, x, until - x, hours, office.is_holiday(date)))
    return found


def find_place(period: DayRange, at: dt.datetime) -> float | None:
    """Return the place of a moment, or None if it is outside the drawing."""
    start, end = period.span
    if start <= at < end:
        return TimeScale(start, end).x(at)
    return None


STOP = dt.timedelta(minutes=30)
"""A time that is chosen by dragging is rounded to this."""

COLOURS = 8


@dataclass(frozen=True, slots=True)
class RotaDrawing:
    """The schedules of a line in some days, and the place of the present moment."""

    line: Line
    period: DayRange
    lanes: Sequence[ScheduleLane]
    days: Sequence[TimelineDay]
    now: float | None

    @property
    def width(self) -> float:
        """The width of the drawing in its own units."""
        return WIDTH

    @property
    def height(self) -> float:
        """The height of the drawing, down to the foot of the last lane."""
        return max((lane.y + lane.height + FOOT for lane in self.lanes), default=HEAD)

    @property
    def gaps(self) -> list[tuple[Schedule, Gap]]:
        """The gaps, lane by lane."""
        return [(lane.schedule, gap) for lane in self.lanes for gap in lane.gaps]

    @property
    def people(self) -> list[str]:
        """The people in the drawing, in the order of the file."""
        drawn = {bar.person for lane in self.lanes for bar in lane.bars}
        return [one.id for one in self.line.engineers if one.id in drawn]

    @property
    def stops(self) -> str:
        """The local times, in order, at which a dragged time can start or end."""
        start, end = self.period.span
        count = round((end - start) / STOP)
        moments = ((start + n * STOP).astimezone(self.period.zone) for n in range(count + 1))
        return " ".join(f"{at:%Y-%m-%dT%H:%M}" for at in moments)

    def name(self, person: str) -> str:
        """Return the name of a person, or the id of somebody who has left."""
        engineer = self.line.engineer(person)
        if engineer is None:
            return person
        return engineer.name

    def label(self, bar: ShiftBar) -> str:
        """Return the name, the first name or the initials, as far as they fit."""
        words = self.name(bar.person).split()
        initials = "".join(word[0] for word in words)
        fits = (one for one in (" ".join(words), words[0], initials) if bar.holds(one))
        return next(fits, "")

    def colour(self, person: str) -> int:
        """Return the colour of a person. The drawing also shows the name."""
        known = [engineer.id for engineer in self.line.engineers]
        if person not in known:
            return COLOURS - 1
        return known.index(person) % COLOURS

    def local(self, at: dt.datetime) -> str:
        """Return a moment as the value of a field for times."""
        return f"{at.astimezone(self.period.zone):%Y-%m-%dT%H:%M}"


def draw_rota(line: Line, period: DayRange, now: dt.datetime) -> RotaDrawing:
    """Return the drawing of the schedules of a line."""
    office = build_office_hours(line)
    lanes, days = draw_lanes(line, period, office), draw_days(period, office)
    return RotaDrawing(line, period, lanes, days, find_place(period, now))


def find_gaps(
    line: Line, schedule: Schedule, parts: Sequence[rota.Segment], office: OfficeHours
) -> Iterator[Span]:
    """Return the gaps that matter: all gaps of a schedule that level 1 rings, the gaps in office
    hours of a schedule of a desk, and none of a schedule that nothing rings."""
    empty = [(part.start, part.end) for part in parts if not part.on_call]
    if schedule.id in {one.id for one in handover.rung_schedules(line)}:
        yield from empty
    elif schedule.id in _list_desk_schedules(line):
        pieces = (piece for gap in empty for piece in split_at_changes(*gap, office))
        yield from (piece for piece in pieces if office.is_open(piece[0]))


def _list_desk_schedules(line: Line) -> set[str]:
    desks = (line.desk, line.signature_desk, *(route.desk for route in line.routes))
    known = (desk for desk in (*desks, *policy.list_plan_desks(line)) if desk is not None)
    return {name for desk in known for name in desk.ring}


@dataclass(frozen=True, slots=True)
class DayTurn:
    """One person on one day; a start or end on another day is None."""

    person: str
    since: dt.datetime | None
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DayDuty:
    """One schedule on one day."""

    schedule: str
    turns: Sequence[DayTurn]
    gaps: Sequence[Span]


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the grid; ``inside`` is False for a day of the month before or after."""

    date: dt.date
    inside: bool
    holiday: bool
    duties: Sequence[DayDuty]


def build_grid(line: Line, month: DayRange, office: OfficeHours) -> list[list[MonthDay]]:
    """Return the weeks of a month, Monday first."""
    found = [_build_day(line, day, month, office) for day in find_whole_weeks(month).days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]


def _build_day(line: Line, date: dt.date, month: DayRange, office: OfficeHours) -> MonthDay:
    span = find_midnight(date, month.zone), find_midnight(date + DAY, month.zone)
    duties = [_build_duty(line, schedule, span, office) for schedule in line.schedules]
    return MonthDay(date, month.first <= date < month.after, office.is_holiday(date), duties)


def _build_duty(line: Line, schedule: Schedule, span: Span, office: OfficeHours) -> DayDuty:
    parts = list(rota.segments(schedule, *span, office))
    turns = [
        DayTurn(person, _hide_edge(start, span), _hide_edge(end, span))
        for start, end, person in _list_turns(parts)
    ]
    return DayDuty(schedule.id, turns, list(find_gaps(line, schedule, parts, office)))


def _hide_edge(at: dt.datetime, day: Span) -> dt.datetime | None:
    """Return None at midnight: a shift that ends there looks like one that goes on."""
    if at in day:
        return None
    return at
