"""`swap` and `override` change who is on call; `swaps` lists and undoes such changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    MomentType,
    Refusal,
    build_audit_entry,
    find_engineer,
    find_schedule,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
)
from ivr_app.cli.main import PROGRAM
from routing.line import Line, Override, Schedule
from routing.oncall.local_time import format_local, instant
from service.bootstrap import now
from service.refusals import ChangeRefusedError, RefusalText
from service.shifts.change import ShiftChange, ShiftRequest
from service.shifts.exchange import ExchangeResult, ShiftExchange
from store.people.overrides import StoredOverride, find_overrides

HEAD = ("swap", "schedule", "from", "to", "give", "take")


@click.group("swaps", cls=LineCommandGroup, example="swaps --all", invoke_without_command=True)
@line_option
@click.option("--all", "everything", is_flag=True, help="Include those that are over.")
@json_option
@click.pass_context
def swaps(context: click.Context, line_id: str | None, everything: bool, as_json: bool) -> None:
    """List swaps and overrides. Times are local to the schedule."""
    if context.invoked_subcommand is not None:
        return
    (services, line), at = open_line(line_id), now()
    kept = find_overrides(services.engine, line.id)
    since = at
    if everything:
        since = dt.datetime.min.replace(tzinfo=dt.UTC)
    rows = _rows(line, kept, since)
    if as_json:
        print_objects(rows)
        return
    cells = (
        (r["uid"], r["schedule"], _clock(r["start"]), _clock(r["end"]), r["give"], r["take"])
        for r in rows
    )
    print_table(HEAD, cells)


def _rows(
    line: Line, kept: Mapping[str, Sequence[StoredOverride]], since: dt.datetime
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


@swaps.command("undo", cls=LineCommand, example="swaps undo UID")
@click.argument("uid")
@line_option
@json_option
def take_back(uid: str, line_id: str | None, as_json: bool) -> None:
    """Undo a swap or an override and notify the engineers."""
    (services, line), at = open_line(line_id), now()
    schedule = _schedule_of(uid, line, find_overrides(services.engine, line.id))
    exchange = ShiftExchange(services, line, schedule, at)
    with report_refusals(schedule.timezone):
        done = exchange.undo(uid, build_audit_entry("oncall.undo"))
    _print_undone(schedule, done.back, as_json=as_json)
    print_warnings(schedule, done.remarks, exchange.notices.delivery_warnings())


def _schedule_of(uid: str, line: Line, kept: Mapping[str, Sequence[StoredOverride]]) -> Schedule:
    for name, rows in kept.items():
        if any(k.uid == uid and k.by_hand for k in rows):
            return find_schedule(line, name)
    raise Refusal(RefusalText.of("unknown", uid=uid).render("en", line.timezone))


def _print_undone(schedule: Schedule, back: Sequence[Override], *, as_json: bool) -> None:
    here = ZoneInfo(schedule.timezone)
    for one in back:
        start, end = one.start.astimezone(here), one.end.astimezone(here)
        if as_json:
            times = {"start": start.isoformat(), "end": end.isoformat()}
            print_objects([{"schedule": schedule.id, **times, "give": one.add, "take": one.remove}])
            continue
        since, until = (format_local(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(f"{_describe_undone(one, schedule)}: {since} to {until} ({schedule.timezone})")


def _describe_undone(one: Override, schedule: Schedule) -> str:
    if one.remove and one.add:
        return f"{one.remove} has {schedule.id} back from {one.add}"
    if one.remove:
        return f"{one.remove} has {schedule.id} back"
    return f"{one.add} is no longer on call in {schedule.id}"


# `swap` and `override`: change who is on call for a time, and notify the engineers.


schedule_option = click.option("--schedule", "schedule_id", required=True)
from_option = click.option("--from", "from_", type=MomentType(), required=True)
to_option = click.option("--to", type=MomentType(), required=True)


@click.command(
    "swap",
    cls=LineCommand,
    example="swap --schedule primary --from 2026-12-24T18:00 --to 2026-12-25T09:00 "
    "--give sanne --take joris",
)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--give", required=True, help="The engineer who gives the shift.")
@click.option("--take", required=True, help="The engineer who takes it.")
@json_option
def swap(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Give a shift to another engineer. A time without an offset is local to the schedule."""
    change_shift(line_id, schedule_id, asked, as_json=as_json)


@click.command(
    "override",
    cls=LineCommand,
    example="override --schedule primary --from 2026-12-24T18:00 --to 2026-12-25T09:00 --add joris",
)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--add", "take", help="The engineer to put on call.")
@click.option("--remove", "give", help="The engineer to take off call; with --add, a swap.")
@json_option
def override(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Add an engineer to a schedule for a time, or remove one."""
    change_shift(line_id, schedule_id, asked, as_json=as_json)


def change_shift(
    line_id: str | None, schedule_id: str, asked: dict[str, Any], *, as_json: bool
) -> None:
    """Change a shift, as both commands do."""
    (services, line), at = open_line(line_id), now()
    schedule = find_schedule(line, schedule_id)
    exchange = ShiftExchange(services, line, schedule, at)
    with report_refusals(schedule.timezone):
        changes = _build_request(line, schedule, asked).changes(at)
        done = exchange.apply(changes, build_audit_entry(f"oncall.{changes[0].origin}"))
    _print_change(changes[0], schedule, done, as_json=as_json)
    print_warnings(schedule, done.remarks, exchange.notices.delivery_warnings())


@contextmanager
def report_refusals(zone: str) -> Iterator[None]:
    """Turn a refused change into a Refusal, with times in this zone."""
    try:
        yield
    except ChangeRefusedError as error:
        raise Refusal(error.reason.render("en", zone)) from error


def print_warnings(schedule: Schedule, *remarks: Iterable[RefusalText]) -> None:
    """Print warnings about a change."""
    for remark in chain(*remarks):
        click.echo(f"warning: {remark.render('en', schedule.timezone)}", err=True)


def _build_request(line: Line, schedule: Schedule, asked: dict[str, Any]) -> ShiftRequest:
    give, take = (
        find_engineer(line, asked[role]) if asked[role] else None for role in ("give", "take")
    )
    start, end = (instant(asked[name], schedule.timezone) for name in ("from_", "to"))
    if start >= end:
        raise Refusal("--to must come after --from.")
    return ShiftRequest(give, take, (start, end))


def _print_change(
    wanted: ShiftChange, schedule: Schedule, done: ExchangeResult, *, as_json: bool
) -> None:
    here = ZoneInfo(schedule.timezone)
    for start, end in done.given:
        if as_json:
            times = {"start": start.astimezone(here), "end": end.astimezone(here)}
            said = {name: at.isoformat() for name, at in times.items()}
            give, take = (one and one.id for one in (wanted.give, wanted.take))
            people = {"give": give, "take": take}
            print_objects([{"schedule": schedule.id, **said, **people, "uid": done.uid}])
            continue
        since, until = (format_local(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(
            f"{_describe_change(wanted, schedule)}: {since} to {until} ({schedule.timezone})"
        )
    if done.uid and not as_json:
        click.echo(f"The engineers are notified. To undo it: {PROGRAM} swaps undo {done.uid}")


def _describe_change(wanted: ShiftChange, schedule: Schedule) -> str:
    if wanted.give and wanted.take:
        return f"{wanted.take.name} takes {schedule.id} from {wanted.give.name}"
    if wanted.give:
        return f"{wanted.give.name} is off call in {schedule.id}"
    return f"{wanted.take and wanted.take.name} is on call in {schedule.id} too"
