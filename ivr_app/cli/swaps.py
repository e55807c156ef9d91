"""`swaps` lists the shifts that were changed by hand; `swaps undo` takes a change back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.context import (
    MomentType,
    Refusal,
    Task,
    TaskGroup,
    engineer_of,
    json_wanted,
    line_of,
    line_option,
    objects,
    oneself,
    ready_services,
    table,
)
from routing.line import Line, Override, Schedule
from routing.oncall.local_time import instant, shown_time
from service.bootstrap import now
from service.refusals import ChangeRefusedError, RefusalText
from service.shifts.change import ShiftChange, ShiftRequest
from service.shifts.exchange import ExchangeResult, ShiftExchange
from store.people.audit import AuditEntry
from store.people.overrides import StoredOverride, find_overrides

HEAD = ("swap", "schedule", "from", "to", "give", "take")


@click.group("swaps", cls=TaskGroup, example="swaps --all", invoke_without_command=True)
@line_option
@click.option("--all", "everything", is_flag=True, help="Include those that are over.")
@json_wanted
@click.pass_context
def swaps(context: click.Context, line_id: str | None, everything: bool, as_json: bool) -> None:
    """List swaps and overrides. Times are local to the schedule."""
    if context.invoked_subcommand is not None:
        return
    services, at = ready_services(), now()
    line = line_of(services.lines, line_id)
    kept = find_overrides(services.engine, line.id)
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


@swaps.command("undo", cls=Task, example="swaps undo UID")
@click.argument("uid")
@line_option
@json_wanted
def take_back(uid: str, line_id: str | None, as_json: bool) -> None:
    """Undo a swap or an override and notify the engineers."""
    services, at = ready_services(), now()
    line = line_of(services.lines, line_id)
    schedule = _schedule_of(uid, line, find_overrides(services.engine, line.id))
    exchange = ShiftExchange(services, line, schedule, at)
    with refused(schedule.timezone):
        done = exchange.undo(uid, by_command("oncall.undo"))
    _say(schedule, done.back, as_json=as_json)
    warn(schedule, done.remarks, exchange.notices.delivery_warnings())


def _schedule_of(uid: str, line: Line, kept: Mapping[str, Sequence[StoredOverride]]) -> Schedule:
    for name, rows in kept.items():
        if any(k.uid == uid and k.by_hand for k in rows):
            return scheduled(line, name)
    raise Refusal(RefusalText.of("unknown", uid=uid).render("en", line.timezone))


def _say(schedule: Schedule, back: Sequence[Override], *, as_json: bool) -> None:
    here = ZoneInfo(schedule.timezone)
    for one in back:
        start, end = one.start.astimezone(here), one.end.astimezone(here)
        if as_json:
            times = {"start": start.isoformat(), "end": end.isoformat()}
            objects([{"schedule": schedule.id, **times, "give": one.add, "take": one.remove}])
            continue
        since, until = (shown_time(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(f"{_who(one, schedule)}: {since} to {until} ({schedule.timezone})")


def _who(one: Override, schedule: Schedule) -> str:
    if one.remove and one.add:
        return f"{one.remove} has {schedule.id} back from {one.add}"
    if one.remove:
        return f"{one.remove} has {schedule.id} back"
    return f"{one.add} is not on call in {schedule.id} any more"


# `swap` and `override`: who is on call is changed for a time, and whom it concerns is told.


schedule_option = click.option("--schedule", "schedule_id", required=True)
from_option = click.option("--from", "from_", type=MomentType(), required=True)
to_option = click.option("--to", type=MomentType(), required=True)


@click.command(
    "swap",
    cls=Task,
    example="swap --schedule primary --from 2026-12-24T18:00 --to 2026-12-25T09:00 "
    "--give sanne --take joris",
)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--give", required=True, help="The engineer who gives the shift.")
@click.option("--take", required=True, help="The engineer who takes it.")
@json_wanted
def swap(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Give a shift to another engineer. A time without an offset is local to the schedule."""
    change(line_id, schedule_id, asked, as_json=as_json)


@click.command(
    "override",
    cls=Task,
    example="override --schedule primary --from 2026-12-24T18:00 --to 2026-12-25T09:00 --add joris",
)
@line_option
@schedule_option
@from_option
@to_option
@click.option("--add", "take", help="The engineer to put on call.")
@click.option("--remove", "give", help="The engineer to take off call; with --add, a swap.")
@json_wanted
def override(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Add an engineer to a schedule for a time, or remove one."""
    change(line_id, schedule_id, asked, as_json=as_json)


def change(line_id: str | None, schedule_id: str, asked: dict[str, Any], *, as_json: bool) -> None:
    """What both commands do."""
    services, at = ready_services(), now()
    line = line_of(services.lines, line_id)
    schedule = scheduled(line, schedule_id)
    exchange = ShiftExchange(services, line, schedule, at)
    with refused(schedule.timezone):
        changes = _wish(line, schedule, asked).changes(at)
        done = exchange.apply(changes, by_command(f"oncall.{changes[0].origin}"))
    _swap_say(changes[0], schedule, done, as_json=as_json)
    warn(schedule, done.remarks, exchange.notices.delivery_warnings())


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
    except ChangeRefusedError as error:
        raise Refusal(error.reason.render("en", zone)) from error


def by_command(word: str) -> AuditEntry:
    """A deed of whoever types, for the audit log."""
    return AuditEntry(now(), oneself(), "cli", word)


def warn(schedule: Schedule, *remarks: Iterable[RefusalText]) -> None:
    """What is odd about what was done."""
    for remark in chain(*remarks):
        click.echo(f"warning: {remark.render('en', schedule.timezone)}", err=True)


def _wish(line: Line, schedule: Schedule, asked: dict[str, Any]) -> ShiftRequest:
    give, take = (
        engineer_of(line, asked[role]) if asked[role] else None for role in ("give", "take")
    )
    start, end = (instant(asked[name], schedule.timezone) for name in ("from_", "to"))
    if start >= end:
        raise Refusal("--to must come after --from.")
    return ShiftRequest(give, take, (start, end))


def _swap_say(
    wanted: ShiftChange, schedule: Schedule, done: ExchangeResult, *, as_json: bool
) -> None:
    here = ZoneInfo(schedule.timezone)
    for start, end in done.given:
        if as_json:
            times = {"start": start.astimezone(here), "end": end.astimezone(here)}
            said = {name: at.isoformat() for name, at in times.items()}
            give, take = (one and one.id for one in (wanted.give, wanted.take))
            people = {"give": give, "take": take}
            objects([{"schedule": schedule.id, **said, **people, "uid": done.uid}])
            continue
        since, until = (shown_time(at, schedule.timezone, "minutes") for at in (start, end))
        click.echo(f"{_swap_who(wanted, schedule)}: {since} to {until} ({schedule.timezone})")
    if done.uid and not as_json:
        told = "Both are told." if wanted.give and wanted.take else "They are told."
        click.echo(f"{told} To take it back: priority-line swaps undo {done.uid}")


def _swap_who(wanted: ShiftChange, schedule: Schedule) -> str:
    if wanted.give and wanted.take:
        return f"{wanted.take.name} takes {schedule.id} from {wanted.give.name}"
    if wanted.take:
        return f"{wanted.take.name} is on call in {schedule.id} too"
    return f"{wanted.give.name if wanted.give else ''} is off call in {schedule.id}"
