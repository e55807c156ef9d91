"""A month as a grid of weeks: of each day who is on call, since when, and when nobody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.calendars.stretches import Span, stretches
from ivr_app.console.oncall.missed import missed
from ivr_app.console.oncall.period import DAY, Period, midnight, weeks_of
from routing.line import Line, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments


@dataclass(frozen=True, slots=True)
class Turn:
    """One person on one day; a moment is None where it lies on another day."""

    person: str
    since: dt.datetime | None
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One schedule on one day."""

    schedule: str
    turns: Sequence[Turn]
    gaps: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the grid; ``inside`` the month or of a neighbour of it."""

    date: dt.date
    inside: bool
    holiday: bool
    duties: Sequence[Duty]


def grid(line: Line, month: Period, office: Office) -> list[list[Day]]:
    """The weeks that the month touches, Monday first."""
    found = [_day(line, day, month, office) for day in weeks_of(month).days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]


def _day(line: Line, date: dt.date, month: Period, office: Office) -> Day:
    span = midnight(date, month.zone), midnight(date + DAY, month.zone)
    duties = [_duty(line, schedule, span, office) for schedule in line.schedules]
    return Day(date, month.first <= date < month.after, office.is_holiday(date), duties)


def _duty(line: Line, schedule: Schedule, span: Span, office: Office) -> Duty:
    people = {one for s in segments(schedule, *span, office) for one in s.on_call}
    turns = sorted(
        (*shift, who) for who in people for shift in stretches(who, schedule, span, office)
    )
    return Duty(
        schedule.id,
        [Turn(who, _on(start, span[0]), _on(end, span[1])) for start, end, who in turns],
        list(missed(line, schedule, span, office)),
    )


def _on(at: dt.datetime, edge: dt.datetime) -> dt.datetime | None:
    """A shift that changes hands at midnight sharp is told as one that goes on."""
    return None if at == edge else at
