"""Who is on call: at a moment, or from one moment to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field

from config.holidays import build_office_hours
from ivr_app.api.openapi import ApiSection, EmptyBody, OperationAnswer
from ivr_app.api.problems import not_found
from ivr_app.api.schemas import (
    Id,
    LineQuery,
    LineStates,
    OnCall,
    RequestMoment,
    SegmentList,
    find_line,
)
from ivr_app.context import current_call_service, current_services
from routing.line import Line, Schedule
from routing.oncall.rota import on_call, segments
from store.log.live import callers, open_counts
from store.log.rows import Row

LONGEST_PERIOD = dt.timedelta(days=92)
"""So much of a calendar in one answer."""

section = ApiSection("on call")


class At(LineQuery):
    """A moment, and one schedule or all of them."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    at: RequestMoment | None = Field(None, description="Default: now.")


class FromTo(LineQuery):
    """A stretch of time, and one schedule or all of them."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    from_: RequestMoment = Field(alias="from")
    to: RequestMoment


@section.get("/oncall", OnCall, At)
def at(asked: At) -> OperationAnswer:
    """Who is on call at a moment."""
    line = find_line(asked.line)
    then = asked.at or current_call_service().clock()
    return OperationAnswer(
        {"items": list_on_call(line, _find_schedules(line, asked.schedule), then)}
    )


@section.get("/oncall/segments", SegmentList, FromTo)
def from_to(asked: FromTo) -> OperationAnswer:
    """Who is on call from a moment to another; equal neighbours are one, gaps have nobody."""
    line = find_line(asked.line)
    until = min(asked.to, asked.from_ + LONGEST_PERIOD)
    chosen = _find_schedules(line, asked.schedule) if asked.from_ < until else ()
    rows = [row for each in chosen for row in _list_segments(line, each, asked.from_, until)]
    more = asked.to > until
    return OperationAnswer({"items": rows, "next": _format_local(until, line) if more else None})


def list_on_call(line: Line, schedules: Sequence[Schedule], then: dt.datetime) -> list[Row]:
    """A row for each schedule."""
    opening = build_office_hours(line)
    return [
        {
            "schedule": schedule.id,
            "at": _format_local(then, line),
            "on_call": sorted(on_call(schedule, then, opening)),
        }
        for schedule in schedules
    ]


def _list_segments(
    line: Line, schedule: Schedule, start: dt.datetime, end: dt.datetime
) -> list[Row]:
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


# Lines as they stand at this moment.


@section.get("/lines", LineStates)
def lines(_: EmptyBody) -> OperationAnswer:
    """Every line: who is on call, what is open, how many are on the telephone."""
    found = current_services().lines.all_lines()
    return OperationAnswer({"items": [_render_line(line) for line in found]})


def _render_line(line: Line) -> Row:
    now, engine = current_call_service().clock(), current_services().engine
    return {
        "id": line.id,
        "name": line.name,
        "number": line.number,
        "timezone": line.timezone,
        "office_open": build_office_hours(line).is_open(now),
        "on_call": list_on_call(line, line.schedules, now),
        "incidents": open_counts(engine, line.id),
        "callers": callers(engine, line.id),
    }
