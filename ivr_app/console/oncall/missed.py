"""Gaps that matter: when nobody is on call in a schedule that would be rung then."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_app.calendars.stretches import Span, gaps
from plan.standby import even
from routing.line import Line, Schedule
from routing.schedule.handover import rung_schedules
from routing.schedule.hours import Office


def missed(line: Line, schedule: Schedule, span: Span, office: Office) -> Iterator[Span]:
    """When nobody is on call: at any time where level 1 rings the schedule, in office hours where
    it sits at a desk, and never where nothing rings it."""
    empty = gaps(schedule, span, office)
    if schedule.id in {one.id for one in rung_schedules(line)}:
        yield from empty
    elif schedule.id in _desks(line):
        parts = (part for gap in empty for part in even(*gap, office))
        yield from (part for part in parts if office.is_open(part[0]))


def _desks(line: Line) -> set[str]:
    desks = (line.desk, line.signature_desk, *(route.desk for route in line.routes))
    return {name for desk in desks if desk is not None for name in desk.ring}
