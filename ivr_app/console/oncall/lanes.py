"""Schedules as lanes: who is on call as bars, and when nobody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.calendars.stretches import Span, stretches
from ivr_app.console.calls.drawing import LETTER, Scale
from ivr_app.console.oncall.missed import missed
from ivr_app.console.oncall.period import Period, midnight
from routing.line import Line, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments

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
class Bar:
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
class Lane:
    """A schedule from top to bottom."""

    schedule: Schedule
    bars: Sequence[Bar]
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


def lanes(line: Line, period: Period, office: Office) -> list[Lane]:
    """The schedules of a line in their order, each below the one before."""
    found, y, scale = list[Lane](), HEAD, Scale(*period.span)
    for schedule in line.schedules:
        bars = _bars(schedule, period.span, scale, office)
        empty = missed(line, schedule, period.span, office)
        found.append(Lane(schedule, bars, [_gap(one, scale) for one in empty], y))
        y += found[-1].height + FOOT
    return found


def _gap(span: Span, scale: Scale) -> Gap:
    x = scale.x(span[0])
    return Gap(span, x, scale.x(span[1]) - x)


def _bars(schedule: Schedule, span: Span, scale: Scale, office: Office) -> list[Bar]:
    wider = span[0] - BEYOND, span[1] + BEYOND
    people = {one for s in segments(schedule, *span, office) for one in s.on_call}
    shifts = sorted(
        (shift, person)
        for person in people
        for shift in stretches(person, schedule, wider, office)
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
        drawn.append(Bar(person, whole, x, until - x, row))
    return drawn


@dataclass(frozen=True, slots=True)
class Day:
    """A day above the lanes; ``hours`` is how long it is where that is not 24."""

    date: dt.date
    x: float
    width: float
    hours: int | None
    holiday: bool


def days(period: Period, office: Office) -> list[Day]:
    """Each day in its place: the one on which clocks go forward is narrower."""
    scale = Scale(*period.span)
    found = []
    for date in period.days:
        start, end = (midnight(date + dt.timedelta(days=n), period.zone) for n in (0, 1))
        hours = round((end - start) / dt.timedelta(hours=1))
        x, until = scale.x(start), scale.x(end)
        odd = hours if hours != 24 else None
        found.append(Day(date, x, until - x, odd, office.is_holiday(date)))
    return found


def place(period: Period, at: dt.datetime) -> float | None:
    """Where a moment lies, or None where it is not drawn."""
    start, end = period.span
    return Scale(start, end).x(at) if start <= at < end else None
