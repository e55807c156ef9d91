"""`swap` and `override`: who is on call is changed for a time, and whom it concerns is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import engineer_of, line_of, ready_board
from ivr_app.cli.given import Moment, line_option
from ivr_app.cli.oneself import oneself
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Refusal, Task
from ivr_app.localtime import local
from ivr_app.remarks import Remark, UnchangedError
from ivr_app.shifts.change import Change
from ivr_app.shifts.exchange import Exchange, Outcome
from ivr_app.shifts.wishing import Wish
from routing.line import Line, Schedule
from routing.schedule.wallclock import instant
from store.staff.audit import Deed
from switchboard import now

schedule_option = click.option("--schedule", "schedule_id", required=True)
from_option = click.option("--from", "from_", type=Moment(), required=True)
to_option = click.option("--to", type=Moment(), required=True)


@click.command("swap", cls=Task)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--give", required=True, help="The engineer who gives the shift away.")
@click.option("--take", required=True, help="The engineer who takes it.")
@json_wanted
def swap(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Give a shift away; times without an offset are local to the schedule."""
    change(line_id, schedule_id, asked, as_json=as_json)


@click.command("override", cls=Task)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--add", "take", help="Who is on call then, beside the others.")
@click.option("--remove", "give", help="Who is not; with --add this is a swap.")
@json_wanted
def override(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Put somebody on call for a time, or take somebody off."""
    change(line_id, schedule_id, asked, as_json=as_json)


def change(line_id: str | None, schedule_id: str, asked: dict[str, Any], *, as_json: bool) -> None:
    """What both commands do."""
    board, at = ready_board(), now()
    line = line_of(board.people, line_id)
    schedule = scheduled(line, schedule_id)
    exchange = Exchange(board, line, schedule, at)
    with refused(schedule.timezone):
        changes = _wish(line, schedule, asked).changes(at)
        done = exchange.agree(changes, by_command(f"oncall.{changes[0].origin}"))
    _say(changes[0], schedule, done, as_json=as_json)
    warn(schedule, done.remarks, exchange.mailbag.doubts())


def scheduled(line: Line, wanted: str) -> Schedule:
    """The schedule of this id, or a refusal that names those that there are."""
    found = line.schedule(wanted)
    if found is None:
        known = ", ".join(schedule.id for schedule in line.schedules)
        raise Refusal(f"There is no schedule {wanted} on line {line.id}; there are: {known}")
    return found


@contextmanager
def refused(zone: str) -> Iterator[None]:
    """Whatever keeps things as they are is said at the terminal, with times of a zone."""
    try:
        yield
    except UnchangedError as error:
        raise Refusal(error.remark.said("en", zone)) from error


def by_command(word: str) -> Deed:
    """A deed of whoever types, for the audit log."""
    return Deed(now(), oneself(), "cli", word)


def warn(schedule: Schedule, *remarks: Iterable[Remark]) -> None:
    """What is odd about what was done."""
    for remark in chain(*remarks):
        click.echo(f"warning: {remark.said('en', schedule.timezone)}", err=True)


def _wish(line: Line, schedule: Schedule, asked: dict[str, Any]) -> Wish:
    give, take = (
        engineer_of(line, asked[role]) if asked[role] else None for role in ("give", "take")
    )
    start, end = (instant(asked[name], schedule.timezone) for name in ("from_", "to"))
    if start >= end:
        raise Refusal("--to must come after --from.")
    return Wish(give, take, (start, end))


def _say(wanted: Change, schedule: Schedule, done: Outcome, *, as_json: bool) -> None:
    here = ZoneInfo(schedule.timezone)
    for start, end in done.given:
        if as_json:
            times = {"start": start.astimezone(here), "end": end.astimezone(here)}
            said = {name: at.isoformat() for name, at in times.items()}
            give, take = (one and one.id for one in (wanted.give, wanted.take))
            people = {"give": give, "take": take}
            objects([{"schedule": schedule.id, **said, **people, "uid": done.uid}])
            continue
        since, until = (local(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(f"{_who(wanted, schedule)}: {since} to {until} ({schedule.timezone})")
    if done.uid and not as_json:
        told = "Both are told." if wanted.give and wanted.take else "They are told."
        click.echo(f"{told} To take it back: flask --app ivr_app swaps undo {done.uid}")


def _who(wanted: Change, schedule: Schedule) -> str:
    if wanted.give and wanted.take:
        return f"{wanted.take.name} takes {schedule.id} from {wanted.give.name}"
    if wanted.take:
        return f"{wanted.take.name} is on call in {schedule.id} too"
    return f"{wanted.give.name if wanted.give else ''} is off call in {schedule.id}"
