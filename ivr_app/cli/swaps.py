"""`swaps` lists the shifts that were changed by hand; `swaps undo` takes a change back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.cli.swap import by_command, refused, scheduled, warn
from ivr_app.localtime import local
from ivr_app.remarks import Remark
from ivr_app.shifts.exchange import Exchange
from routing.line import Line, Override, Schedule
from store.kept import Kept
from store.overrides import kept_beside
from switchboard import now

HEAD = ("swap", "schedule", "from", "to", "give", "take")


@click.group("swaps", cls=TaskGroup, invoke_without_command=True)
@line_option
@click.option("--all", "everything", is_flag=True, help="Those that are over as well.")
@json_wanted
@click.pass_context
def swaps(context: click.Context, line_id: str | None, everything: bool, as_json: bool) -> None:
    """List the swaps and overrides that stand; times are local to the schedule."""
    if context.invoked_subcommand is not None:
        return
    board, at = ready_board(), now()
    line = line_of(board.people, line_id)
    kept = kept_beside(board.engine, line.id)
    rows = _rows(line, kept, dt.datetime.min.replace(tzinfo=dt.UTC) if everything else at)
    if as_json:
        objects(rows)
        return
    cells = (
        (r["uid"], r["schedule"], _clock(r["start"]), _clock(r["end"]), r["give"], r["take"])
        for r in rows
    )
    table(HEAD, cells)


def _rows(
    line: Line, kept: Mapping[str, Sequence[Kept]], since: dt.datetime
) -> Iterator[dict[str, str]]:
    found = [(k, s) for s in line.schedules for k in kept.get(s.id, ()) if k.by_hand]
    for one, schedule in sorted(found, key=lambda row: row[0].override.start):
        here, override = ZoneInfo(schedule.timezone), one.override
        if override.end > since:
            yield {
                "uid": one.uid,
                "schedule": schedule.id,
                "start": override.start.astimezone(here).isoformat(),
                "end": override.end.astimezone(here).isoformat(),
                "give": override.remove or "",
                "take": override.add or "",
            }


def _clock(moment: str) -> str:
    return moment[:16].replace("T", " ")


@swaps.command("undo", cls=Task)
@click.argument("uid")
@line_option
@json_wanted
def take_back(uid: str, line_id: str | None, as_json: bool) -> None:
    """Take swap or override UID back; everybody it concerns is told."""
    board, at = ready_board(), now()
    line = line_of(board.people, line_id)
    schedule = _schedule_of(uid, line, kept_beside(board.engine, line.id))
    exchange = Exchange(board, line, schedule, at)
    with refused(schedule.timezone):
        done = exchange.take_back(uid, by_command("oncall.undo"))
    _say(schedule, done.back, as_json=as_json)
    warn(schedule, done.remarks, exchange.mailbag.doubts())


def _schedule_of(uid: str, line: Line, kept: Mapping[str, Sequence[Kept]]) -> Schedule:
    for name, rows in kept.items():
        if any(k.uid == uid and k.by_hand for k in rows):
            return scheduled(line, name)
    raise Refusal(Remark.of("unknown", uid=uid).said("en", line.timezone))


def _say(schedule: Schedule, back: Sequence[Override], *, as_json: bool) -> None:
    here = ZoneInfo(schedule.timezone)
    for one in back:
        start, end = one.start.astimezone(here), one.end.astimezone(here)
        if as_json:
            times = {"start": start.isoformat(), "end": end.isoformat()}
            objects([{"schedule": schedule.id, **times, "give": one.add, "take": one.remove}])
            continue
        since, until = (local(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(f"{_who(one, schedule)}: {since} to {until} ({schedule.timezone})")


def _who(one: Override, schedule: Schedule) -> str:
    if one.remove and one.add:
        return f"{one.remove} has {schedule.id} back from {one.add}"
    if one.remove:
        return f"{one.remove} has {schedule.id} back"
    return f"{one.add} is not on call in {schedule.id} any more"
