"""A line at one glance: who is on call in each schedule, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from plan.holidays import office
from routing.line import Line, Schedule
from routing.schedule.escalation import name_of
from routing.schedule.rota import segments

AHEAD = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call in a schedule now; ``until`` is None where that lasts for weeks."""

    schedule: str
    people: Sequence[str]
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Glance:
    """A line and who is on call."""

    line: Line
    duties: Sequence[Duty]


def glances(line: Line, now: dt.datetime) -> Glance:
    """The line as it is at this moment."""
    return Glance(line, [_duty(line, schedule, now) for schedule in line.schedules])


def _duty(line: Line, schedule: Schedule, now: dt.datetime) -> Duty:
    first = next(iter(segments(schedule, now, now + AHEAD, office(line))))
    until = first.end if first.end < now + AHEAD else None
    return Duty(schedule.id, [name_of(line, one) for one in first.on_call], until)
