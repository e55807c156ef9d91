"""Hours in which a step rings nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from zoneinfo import ZoneInfo

from plan.rounds import Remark, desk_steps, escalation_steps
from routing.line import Line, Step
from routing.schedule.hours import Office
from routing.schedule.rota import segments

AHEAD = dt.timedelta(days=90)

Stretch = tuple[dt.datetime, dt.datetime]
"""From one instant to a later one, in UTC."""


def unattended(line: Line, office: Office, now: dt.datetime) -> Iterator[Remark]:
    """The steps that ring nobody at some time in the next 90 days; the desk in office hours."""
    start, end = now.astimezone(dt.UTC), now.astimezone(dt.UTC) + AHEAD
    opened = _opening_hours(office, start, end)
    asked = [(field, step, [(start, end)]) for field, step in escalation_steps(line)]
    asked += [(field, step, opened) for field, step in desk_steps(line)]
    for field, step, within in asked:
        empty = _empty(step, line, within, office)
        if empty:
            yield field, _nobody(empty, ZoneInfo(line.timezone))


def _empty(step: Step, line: Line, within: list[Stretch], office: Office) -> list[Stretch]:
    if not within or any(line.engineer(one) for one in step.ring):
        return []
    start, end = within[0][0], within[-1][1]
    gaps = (
        [(s.start, s.end) for s in segments(schedule, start, end, office) if not s.on_call]
        for schedule in line.schedules
        if schedule.id in step.ring
    )
    return reduce(_overlaps, gaps, within)


def _opening_hours(office: Office, start: dt.datetime, end: dt.datetime) -> list[Stretch]:
    edges = [start, *office.changes(start, end), end]
    return [(since, until) for since, until in pairwise(edges) if office.is_open(since)]


def _overlaps(these: list[Stretch], those: list[Stretch]) -> list[Stretch]:
    return [
        (max(start, since), min(end, until))
        for start, end in these
        for since, until in those
        if max(start, since) < min(end, until)
    ]


def _nobody(empty: list[Stretch], zone: ZoneInfo) -> str:
    start, end = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in empty[0])
    more = f", and {len(empty) - 1} more times in the next 90 days" if len(empty) > 1 else ""
    return f"nobody is on call from {start} to {end}{more}"
