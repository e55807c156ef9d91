"""`handovers`: who came on and confirmed it when, and who comes on next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import Moment, line_option, moment
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Task
from ivr_app.cli.swap import scheduled
from ivr_app.localtime import local
from plan.holidays import office
from routing.line import Line
from routing.relief import Relief
from routing.schedule.handover import handovers as handovers_of
from routing.schedule.handover import rung_schedules, stays_until
from switchboard import now

WEEK = dt.timedelta(weeks=1)
HEAD = ("at", "schedule", "engineer", "before", "until", "standing", "told_at", "confirmed_at")
TIMES = ("at", "until", "told_at", "confirm_by", "confirmed_at", "warned_at")


@click.command("handovers", cls=Task)
@line_option
@click.option("--schedule", "schedule_id", help="Default: every schedule.")
@click.option("--from", "from_", type=Moment(), help="Default: a week ago.")
@click.option("--to", type=Moment(), help="Default: in a week.")
@json_wanted
def handovers(line_id: str | None, schedule_id: str | None, as_json: bool, **asked: Any) -> None:
    """List handovers: who was told and who confirmed it when, and who comes on next."""
    board, at = ready_board(), now()
    line = line_of(board.people, line_id)
    if schedule_id is not None:
        scheduled(line, schedule_id)
    start = moment(asked["from_"], at - WEEK, line.timezone)
    end = moment(asked["to"], at + WEEK, line.timezone)
    kept = board.desk.book.reliefs(line.id, start, end)
    told = {_key(one) for one in kept}
    coming = [one for one in _coming(line, max(start, at), end) if _key(one) not in told]
    found = [(one, one.standing.value) for one in kept]
    found += [(one, "planned" if line.handover.tell else "untold") for one in coming]
    rows = [_row(*one, line) for one in found if schedule_id in (None, one[0].schedule)]
    if as_json:
        objects(rows)
    else:
        _print(rows, line)


def _coming(line: Line, start: dt.datetime, end: dt.datetime) -> Iterator[Relief]:
    """Who comes on as the schedules now stand; nobody has been told yet."""
    hours = office(line)
    found = [
        Relief("", line.id, schedule.id, one.at, engineer, one.off, until, code=0)
        for schedule in rung_schedules(line)
        for one in handovers_of(schedule, start, end, hours)
        for engineer in one.on
        for until in (stays_until(schedule, engineer, one.at, hours),)
    ]
    yield from sorted(found, key=lambda one: (one.at, one.schedule, one.engineer))


def _key(relief: Relief) -> tuple[str, dt.datetime, str]:
    return relief.schedule, relief.at, relief.engineer


def _row(relief: Relief, standing: str, line: Line) -> dict[str, Any]:
    here = ZoneInfo(line.timezone)
    moments = {name: getattr(relief, name) for name in TIMES}
    times = {name: at and at.astimezone(here).isoformat() for name, at in moments.items()}
    who = {"schedule": relief.schedule, "engineer": relief.engineer, "before": list(relief.before)}
    return {"line": line.id, **who, "standing": standing, **times}


def _print(rows: Sequence[dict[str, Any]], line: Line) -> None:
    click.echo(f"Times are local to {line.timezone}.")
    table([name.removesuffix("_at") for name in HEAD], (_cells(row, line) for row in rows))


def _cells(row: dict[str, Any], line: Line) -> list[str]:
    before = ", ".join(row["before"]) or "nobody"
    times = {name: local(row[name], line.timezone, "minutes") for name in TIMES}
    return [str({**row, **times, "before": before}[name]) for name in HEAD]
