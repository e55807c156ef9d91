"""Handovers: when the people of a schedule change, who comes on call, and who goes off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from routing.line import Line, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import OnCall, segments

_JUST_BEFORE = dt.timedelta.resolution
_LOOKS_AHEAD = tuple(dt.timedelta(days=days) for days in (2, 16, 128, 731))


@dataclass(frozen=True, slots=True)
class DutyChange:
    """At an instant, in UTC, ``on`` come on call and ``off`` go off call."""

    schedule: str
    at: dt.datetime
    on: OnCall
    off: OnCall


def handovers(
    schedule: Schedule, start: dt.datetime, end: dt.datetime, office: OfficeHours
) -> Iterator[DutyChange]:
    """The handovers at which somebody comes on, from one aware moment to just before another."""
    for before, after in pairwise(segments(schedule, start - _JUST_BEFORE, end, office)):
        on = tuple(person for person in after.on_call if person not in before.on_call)
        off = tuple(person for person in before.on_call if person not in after.on_call)
        if on:
            yield DutyChange(schedule.id, after.start, on, off)


def handover_at(schedule: Schedule, at: dt.datetime, office: OfficeHours) -> DutyChange | None:
    """The handover at this instant, by the current schedule."""
    return next(handovers(schedule, at, at + _JUST_BEFORE, office), None)


def stays_until(
    schedule: Schedule, person: str, at: dt.datetime, office: OfficeHours
) -> dt.datetime | None:
    """When a person who is on call goes off again. None when that is years away."""
    for ahead in _LOOKS_AHEAD:
        for segment in segments(schedule, at, at + ahead, office):
            if person not in segment.on_call:
                return segment.start
    return None


def rung_schedules(line: Line) -> tuple[Schedule, ...]:
    """The schedules that are rung for level 1 or at all hours, by the line, a route or a plan. The
    others need no confirmation: an engineer at the desk does not confirm each morning."""
    orders = (line.escalation, *(route.escalation for route in line.routes))
    rung = {name for order in orders if order for step in order.steps for name in step.ring}
    rung = rung.union(*(plan.called_out for plan in line.plans))
    return tuple(schedule for schedule in line.schedules if schedule.id in rung)
