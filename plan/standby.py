"""Hours on call, as they count for wages and for the law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from plan.gaps import Stretch
from routing.line import EVERY_DAY, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments
from routing.schedule.wallclock import instant, wall

NOTHING = dt.timedelta(0)
_WEEKEND = EVERY_DAY[5:]


@dataclass(frozen=True, slots=True)
class Standby:
    """How long somebody was on call: in all, and how much of it at hours that are paid apart."""

    total: dt.timedelta = NOTHING
    outside_office: dt.timedelta = NOTHING
    weekend: dt.timedelta = NOTHING
    holiday: dt.timedelta = NOTHING


def month_of(first: dt.date, zone: str) -> Stretch:
    """The month of a first day, from midnight in a zone to the midnight that ends it."""
    after = (first + dt.timedelta(days=31)).replace(day=1)
    start, end = (instant(dt.datetime.combine(day, dt.time()), zone) for day in (first, after))
    return start, end


def standby(schedule: Schedule, span: Stretch, office: Office) -> dict[str, Standby]:
    """How long each person was on call in a schedule; real hours, also where clocks are changed.

    Weekend and holiday are whole days, from midnight to midnight in the office's zone.
    """
    found: dict[str, Standby] = {}
    for segment in segments(schedule, *span, office):
        for start, end in even(segment.start, segment.end, office):
            for person in segment.on_call:
                sofar = found.get(person, Standby())
                found[person] = _with(sofar, start, end - start, office)
    return found


def even(start: dt.datetime, end: dt.datetime, office: Office) -> Iterator[Stretch]:
    """A stretch cut where a day begins and where the office opens or closes."""
    if start < end:
        yield from pairwise(sorted({start, end, *office.changes(start, end)}))


def joined(stretches: list[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as it takes, in order."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _with(sofar: Standby, start: dt.datetime, length: dt.timedelta, office: Office) -> Standby:
    day = wall(start, office.timezone).date()
    return Standby(
        sofar.total + length,
        sofar.outside_office + (NOTHING if office.is_open(start) else length),
        sofar.weekend + (length if EVERY_DAY[day.weekday()] in _WEEKEND else NOTHING),
        sofar.holiday + (length if office.is_holiday(day) else NOTHING),
    )
