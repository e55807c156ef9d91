"""`oncall`: who is on call, at a moment or from one moment to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import account, ready_board
from ivr_app.cli.given import Moment, Month, at_option, file_option, line_option, moment
from ivr_app.cli.payroll import DAY, Payroll, report
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Refusal, Task
from ivr_app.localtime import local
from plan.holidays import office
from plan.standby import month_of
from routing.line import Line, Schedule
from routing.schedule.rota import on_call, segments
from store.callouts import call_outs
from switchboard import now

Span = tuple[dt.datetime, dt.datetime]


@click.command("oncall", cls=Task)
@file_option
@line_option
@click.option("--schedule", "schedule_id", help="Default: every schedule.")
@at_option
@click.option("--from", "from_", type=Moment(), help="With --to: everybody from then on.")
@click.option("--to", type=Moment(), help="With --from: everybody until then.")
@click.option("--report", "month", type=Month(), help="Hours and call-outs of a month, as CSV.")
@json_wanted
def oncall(file: Path | None, line_id: str | None, as_json: bool, **asked: Any) -> None:
    """Say who is on call; a moment without an offset is local to the line."""
    line = account(file, line_id).line
    span = _span(asked["at"], asked["from_"], asked["to"], line.timezone)
    schedules = _schedules(line, asked["schedule_id"])
    if asked["month"] is not None:
        if span or asked["at"]:
            raise click.UsageError("--report goes without --at, --from and --to")
        month = month_of(asked["month"], line.timezone)
        outs = None if file else call_outs(ready_board().engine, line.id, month[0] - DAY, month[1])
        report(Payroll(line, month, outs).rows(schedules), as_json=as_json)
    elif span is None:
        at = moment(asked["at"], now(), line.timezone)
        _at(line, schedules, at, as_json=as_json)
    else:
        _from_to(line, schedules, span, as_json=as_json)


def _span(
    at: dt.datetime | None, start: dt.datetime | None, end: dt.datetime | None, zone: str
) -> Span | None:
    if start is None and end is None:
        return None
    if start is None or end is None or at is not None:
        raise click.UsageError("--from and --to go together, and without --at")
    span = moment(start, start, zone), moment(end, end, zone)
    if span[0] >= span[1]:
        raise click.UsageError("--to must come after --from")
    return span


def _schedules(line: Line, wanted: str | None) -> tuple[Schedule, ...]:
    if wanted is None:
        return line.schedules
    found = line.schedule(wanted)
    if found is None:
        known = ", ".join(schedule.id for schedule in line.schedules)
        raise Refusal(f"There is no schedule {wanted} on line {line.id}; there are: {known}")
    return (found,)


def _at(line: Line, schedules: tuple[Schedule, ...], at: dt.datetime, *, as_json: bool) -> None:
    found = [(schedule.id, on_call(schedule, at, office(line))) for schedule in schedules]
    if as_json:
        then = _iso(at, line)
        objects({"schedule": name, "at": then, "on_call": list(ids)} for name, ids in found)
        return
    click.echo(f"On call at {local(at, line.timezone)} ({line.timezone}):")
    table(("schedule", "on call"), ((name, _named(line, ids)) for name, ids in found))


def _from_to(line: Line, schedules: tuple[Schedule, ...], span: Span, *, as_json: bool) -> None:
    found = _segments(line, schedules, span)
    if as_json:
        objects(found)
        return
    click.echo(f"Times are local to {line.timezone}.")
    rows = (
        (
            row["schedule"],
            local(row["start"], line.timezone),
            local(row["end"], line.timezone),
            _named(line, row["on_call"]),
        )
        for row in found
    )
    table(("schedule", "from", "to", "on call"), rows)


def _segments(line: Line, schedules: tuple[Schedule, ...], span: Span) -> Iterator[dict[str, Any]]:
    for schedule in schedules:
        for segment in segments(schedule, *span, office(line)):
            yield {
                "schedule": schedule.id,
                "start": _iso(segment.start, line),
                "end": _iso(segment.end, line),
                "on_call": list(segment.on_call),
            }


def _iso(at: dt.datetime, line: Line) -> str:
    return at.astimezone(ZoneInfo(line.timezone)).isoformat()


def _named(line: Line, ids: tuple[str, ...] | list[str]) -> str:
    people = (line.engineer(one) for one in ids)
    return ", ".join(f"{p.name} ({p.id})" for p in people if p) or "nobody"
