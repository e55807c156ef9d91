"""Who is on call, at a moment or over a period, and the current state of each line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from config.holidays import build_office_hours
from ivr_app.api import (
    ApiSection,
    EmptyBody,
    Id,
    LineQuery,
    OperationAnswer,
    RequestMoment,
    ResponseBody,
    find_line,
    not_found,
)
from ivr_app.context import current_call_service, current_services
from routing.line import Line, Schedule
from routing.oncall.rota import on_call, segments
from store.log.reports import count_callers, count_open_incidents

LONGEST_PERIOD = dt.timedelta(days=92)
"""The longest period in one response."""

section = ApiSection("on call")


class OnCallRow(ResponseBody):
    """The engineers on call on one schedule at one moment, sorted by id."""

    schedule: str
    at: dt.datetime
    on_call: list[str]


class OnCall(ResponseBody):
    """The engineers on call at one moment."""

    items: list[OnCallRow]


class SegmentBody(ResponseBody):
    """A period in which the same engineers are on call; in a gap there are none."""

    schedule: str
    start: dt.datetime
    end: dt.datetime
    on_call: list[str]


class SegmentList(ResponseBody):
    """The engineers on call over a period."""

    items: list[SegmentBody]
    next: dt.datetime | None = Field(
        description="Pass it as `from` for what follows; null at the end."
    )


class OpenCounts(ResponseBody):
    """How many incidents are open."""

    open: int = Field(description="Incidents that nobody has acknowledged.")
    acknowledged: int
    level_1: int = Field(description="Of both, those of level 1.")
    breached: int = Field(description="Of both, those whose response is overdue.")


class LineState(ResponseBody):
    """The current state of one line."""

    id: str
    name: str
    number: str
    timezone: str
    office_open: bool
    on_call: list[OnCallRow]
    incidents: OpenCounts
    callers: int = Field(description="Calls in progress.")


class LineStates(ResponseBody):
    """The current state of every line."""

    items: list[LineState]


class At(LineQuery):
    """A moment, and one schedule or all."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    at: RequestMoment | None = Field(None, description="Default: now.")


class FromTo(LineQuery):
    """A period, and one schedule or all."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    from_: RequestMoment = Field(alias="from")
    to: RequestMoment


@section.get("/oncall", OnCall, At)
def at(query: At) -> OperationAnswer:
    """Show who is on call at a moment."""
    line = find_line(query.line)
    moment = query.at or current_call_service().clock()
    schedules = _find_schedules(line, query.schedule)
    return OperationAnswer({"items": list_on_call(line, schedules, moment)})


@section.get("/oncall/segments", SegmentList, FromTo)
def from_to(query: FromTo) -> OperationAnswer:
    """Show who is on call over a period. Equal neighbours are joined, and gaps have nobody."""
    line = find_line(query.line)
    start, end = query.from_, min(query.to, query.from_ + LONGEST_PERIOD)
    following, rows = None, list[dict[str, Any]]()
    if start < end:
        for schedule in _find_schedules(line, query.schedule):
            rows += _list_segments(line, schedule, start, end)
    if end < query.to:
        following = _format_local(end, line)
    return OperationAnswer({"items": rows, "next": following})


@section.get("/lines", LineStates)
def lines(_: EmptyBody) -> OperationAnswer:
    """Show for every line who is on call, what is open, and how many calls are in progress."""
    found = current_services().lines.list_lines()
    return OperationAnswer({"items": [_render_line(line) for line in found]})


def list_on_call(
    line: Line, schedules: Sequence[Schedule], moment: dt.datetime
) -> list[dict[str, Any]]:
    """A row for each schedule."""
    office_hours = build_office_hours(line)
    return [
        {
            "schedule": schedule.id,
            "at": _format_local(moment, line),
            "on_call": sorted(on_call(schedule, moment, office_hours)),
        }
        for schedule in schedules
    ]


def _list_segments(
    line: Line, schedule: Schedule, start: dt.datetime, end: dt.datetime
) -> list[dict[str, Any]]:
    return [
        {
            "schedule": schedule.id,
            "start": _format_local(each.start, line),
            "end": _format_local(each.end, line),
            "on_call": list(each.on_call),
        }
        for each in segments(schedule, start, end, build_office_hours(line))
    ]


def _find_schedules(line: Line, wanted: str | None) -> Sequence[Schedule]:
    if wanted is None:
        return line.schedules
    found = line.schedule(wanted)
    if found is None:
        raise not_found(f"There is no schedule {wanted} on line {line.id}.")
    return (found,)


def _format_local(at: dt.datetime, line: Line) -> str:
    return at.astimezone(ZoneInfo(line.timezone)).isoformat()


def _render_line(line: Line) -> dict[str, Any]:
    now, engine = current_call_service().clock(), current_services().engine
    return {
        "id": line.id,
        "name": line.name,
        "number": line.number,
        "timezone": line.timezone,
        "office_open": build_office_hours(line).is_open(now),
        "on_call": list_on_call(line, line.schedules, now),
        "incidents": count_open_incidents(engine, line.id),
        "callers": count_callers(engine, line.id),
    }
