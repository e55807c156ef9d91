"""`phones` and `handovers`: the engineers' numbers, and who confirmed to be on call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import click

from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    MomentType,
    build_audit_entry,
    find_engineer,
    find_line,
    find_schedule,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
    ready_services,
    resolve_moment,
)
from ivr_app.cli.swaps import report_refusals
from routing.line import Line
from routing.oncall.local_time import format_local
from service.bootstrap import now
from service.engineer_phones import EngineerPhones, PhoneEntry
from service.shifts.handovers import TIMES, list_handovers
from store.log.rows import format_moment as rows_moment


@click.group("phones", cls=LineCommandGroup, example="phones", invoke_without_command=True)
@line_option
@json_option
@click.pass_context
def phones(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """List the engineers' numbers: their source, and when each last reached its engineer."""
    context.obj = line_id
    if context.invoked_subcommand is not None:
        return
    phones = _open(line_id)
    rows = [_row(entry) for entry in phones.entries()]
    if as_json:
        print_objects(rows)
        return
    zone = phones.line.timezone
    cells = (
        (
            *(str(row[name]) for name in ("engineer", "number", "from")),
            *(format_local(row[at], zone, "minutes") for at in ("verified_at", "last_tried")),
        )
        for row in rows
    )
    print_table(("engineer", "number", "from", "verified", "last tried"), cells)


@phones.command("add", cls=LineCommand, example="phones add joris +31612345699")
@click.argument("engineer")
@click.argument("number")
@click.pass_obj
def add(line_id: str | None, engineer: str, number: str) -> None:
    """Send a code to a new number. The line rings it once the code is given back."""
    phones = _open(line_id)
    person = find_engineer(phones.line, engineer)
    with report_refusals(phones.line.timezone):
        to = phones.add(person, number, now())
    click.echo(f"A code has been sent to {to}. Within 15 minutes, run:")
    click.echo(f"priority-line phones verify {person.id} {to} CODE")


@phones.command("verify", cls=LineCommand, example="phones verify joris +31612345699 123456")
@click.argument("engineer")
@click.argument("number")
@click.argument("code")
@click.pass_obj
def verify(line_id: str | None, engineer: str, number: str, code: str) -> None:
    """Confirm a number with its code. The line rings it after those of the file."""
    phones = _open(line_id)
    person = find_engineer(phones.line, engineer)
    with report_refusals(phones.line.timezone):
        own = phones.verify(person, number, code, now())
    click.echo(f"{own} is verified and rung for {person.name} from now on.")


@phones.command("remove", cls=LineCommand, example="phones remove joris +31612345699")
@click.argument("engineer")
@click.argument("number")
@click.pass_obj
def remove(line_id: str | None, engineer: str, number: str) -> None:
    """Remove a number that was added here; the file lists its own numbers."""
    phones = _open(line_id)
    with report_refusals(phones.line.timezone):
        own = phones.remove(engineer, number, now())
    click.echo(f"{own} is no longer a number of {engineer}.")


def _open(line_id: str | None) -> EngineerPhones:
    services = ready_services()
    return EngineerPhones.of(
        services, find_line(services.lines, line_id), build_audit_entry("mine")
    )


def _row(entry: PhoneEntry) -> dict[str, str | None]:
    return {
        "engineer": entry.engineer,
        "number": entry.number,
        "from": "added" if entry.added else "file",
        "verified_at": rows_moment(entry.verified_at),
        "last_tried": rows_moment(entry.last_tried),
    }


# `handovers`: who confirmed to be on call and when, and who is next.


WEEK = dt.timedelta(weeks=1)
HEAD = ("at", "schedule", "engineer", "before", "until", "standing", "told_at", "confirmed_at")


@click.command("handovers", cls=LineCommand, example="handovers --schedule primary")
@line_option
@click.option("--schedule", "schedule_id", help="Default: every schedule.")
@click.option("--from", "from_", type=MomentType(), help="Default: a week ago.")
@click.option("--to", type=MomentType(), help="Default: in a week.")
@json_option
def handovers(line_id: str | None, schedule_id: str | None, as_json: bool, **asked: Any) -> None:
    """List handovers: who was notified, who confirmed when, and who is on call next."""
    (services, line), at = open_line(line_id), now()
    if schedule_id is not None:
        find_schedule(line, schedule_id)
    start = resolve_moment(asked["from_"], at - WEEK, line.timezone)
    end = resolve_moment(asked["to"], at + WEEK, line.timezone)
    found = list_handovers(services, line, (start, end), at)
    rows = [row for row in found if schedule_id in (None, row["schedule"])]
    if as_json:
        print_objects(rows)
    else:
        _print(rows, line)


def _print(rows: Sequence[dict[str, Any]], line: Line) -> None:
    click.echo(f"Times are local to {line.timezone}.")
    print_table([name.removesuffix("_at") for name in HEAD], (_cells(row, line) for row in rows))


def _cells(row: dict[str, Any], line: Line) -> list[str]:
    before = ", ".join(row["before"]) or "nobody"
    times = {name: format_local(row[name], line.timezone, "minutes") for name in TIMES}
    return [str({**row, **times, "before": before}[name]) for name in HEAD]
