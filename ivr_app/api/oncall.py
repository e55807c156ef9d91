"""Who is on call: at a moment, or from one moment to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field

from config.holidays import office
from ivr_app.api.openapi import ApiSection, EmptyBody, OperationAnswer
from ivr_app.api.problems import missing
from ivr_app.api.schemas import (
    AskingMoment,
    Id,
    LineQuery,
    LineStates,
    OnCall,
    SegmentList,
    line_of,
)
from ivr_app.context import board, desk
from routing.line import Line, Schedule
from routing.oncall.rota import on_call, segments
from store.log.live import callers, open_counts
from store.log.rows import Row

AT_ONCE = dt.timedelta(days=92)
"""So much of a calendar in one answer."""

room = ApiSection("on call")


class At(LineQuery):
    """A moment, and one schedule or all of them."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    at: AskingMoment | None = Field(None, description="Default: now.")


class FromTo(LineQuery):
    """A stretch of time, and one schedule or all of them."""

    schedule: Id | None = Field(None, description="Default: every schedule.")
    from_: AskingMoment = Field(alias="from")
    to: AskingMoment


@room.get("/oncall", OnCall, At)
def at(asked: At) -> OperationAnswer:
    """Who is on call at a moment."""
    line = line_of(asked.line)
    then = asked.at or desk().clock()
    return OperationAnswer({"items": on_call_rows(line, _schedules(line, asked.schedule), then)})


@room.get("/oncall/segments", SegmentList, FromTo)
def from_to(asked: FromTo) -> OperationAnswer:
    """Who is on call from a moment to another; equal neighbours are one, gaps have nobody."""
    line = line_of(asked.line)
    until = min(asked.to, asked.from_ + AT_ONCE)
    chosen = _schedules(line, asked.schedule) if asked.from_ < until else ()
    rows = [row for each in chosen for row in _segments(line, each, asked.from_, until)]
    more = asked.to > until
    return OperationAnswer({"items": rows, "next": _local(until, line) if more else None})


def on_call_rows(line: Line, schedules: Sequence[Schedule], then: dt.datetime) -> list[Row]:
    """A row for each schedule."""
    opening = office(line)
    return [
        {
            "schedule": schedule.id,
            "at": _local(then, line),
            "on_call": sorted(on_call(schedule, then, opening)),
        }
        for schedule in schedules
    ]


def _segments(line: Line, schedule: Schedule, start: dt.datetime, end: dt.datetime) -> list[Row]:
    return [
        {
            "schedule": schedule.id,
            "start": _local(each.start, line),
            "end": _local(each.end, line),
            "on_call": list(each.on_call),
        }
        for each in segments(schedule, start, end, office(line))
    ]


def _schedules(line: Line, wanted: str | None) -> Sequence[Schedule]:
    if wanted is None:
        return line.schedules
    found = line.schedule(wanted)
    if found is None:
        raise missing(f"There is no schedule {wanted} on line {line.id}.")
    return (found,)


def _local(at: dt.datetime, line: Line) -> str:
    return at.astimezone(ZoneInfo(line.timezone)).isoformat()


# Lines as they stand at this moment.


@room.get("/lines", LineStates)
def lines(_: EmptyBody) -> OperationAnswer:
    """Every line: who is on call, what is open, how many are on the telephone."""
    found = board().people.all_lines()
    return OperationAnswer({"items": [_state(line) for line in found]})


def _state(line: Line) -> Row:
    now, engine = desk().clock(), board().engine
    return {
        "id": line.id,
        "name": line.name,
        "number": line.number,
        "timezone": line.timezone,
        "office_open": office(line).is_open(now),
        "on_call": on_call_rows(line, line.schedules, now),
        "incidents": open_counts(engine, line.id),
        "callers": callers(engine, line.id),
    }
