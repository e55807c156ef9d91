"""`calls`, `incidents`, `show`, `route` and `figures`: what the line has done, and why."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ivr_app.cli.context import (
    LineCommand,
    MonthType,
    Refusal,
    at_option,
    file_option,
    find_line,
    format_cell,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
    read_line,
    ready_services,
    resolve_moment,
)
from routing.incident import IncidentKind, IncidentSource
from routing.incidents.columns import CALL_COLUMNS, INCIDENT_COLUMNS, LogColumn, list_table
from routing.line import Line
from routing.oncall.local_time import Period, format_local, month_of, months_until, wall
from service.bootstrap import Services, now
from service.dry_run import CallerRole, DryRun
from service.figures import COLUMNS, FigureRow, Grouping, ServiceReport, build_report, list_values
from store.log.reports import Reports

line_wanted = click.option("--line", "line_id", help="Default: every line.")


@click.command("calls", cls=LineCommand, example="calls --json")
@line_wanted
@json_option
def calls(line_id: str | None, as_json: bool) -> None:
    """List the calls, oldest first."""
    _list(Reports.calls, CALL_COLUMNS, line_id, as_json=as_json)


@click.command("incidents", cls=LineCommand, example="incidents --source portal --json")
@line_wanted
@click.option("--source", type=click.Choice([one.value for one in IncidentSource]))
@click.option("--kind", type=click.Choice([one.value for one in IncidentKind]))
@json_option
def incidents(line_id: str | None, source: str | None, kind: str | None, as_json: bool) -> None:
    """List the incidents, oldest first: all, or those of a source or a kind."""
    wanted_source = next((one for one in IncidentSource if one == source), None)
    wanted_kind = next((one for one in IncidentKind if one == kind), None)

    def report(reports: Reports, line: str | None) -> Iterator[dict[str, Any]]:
        return reports.incidents(line, wanted_source, wanted_kind)

    _list(report, INCIDENT_COLUMNS, line_id, as_json=as_json)


@click.command("show", cls=LineCommand, example="show 1042")
@click.argument("which", metavar="ID")
@json_option
def show(which: str, as_json: bool) -> None:
    """Print the timeline of a call (its sid) or an incident (its number), with reasons."""
    services = ready_services()
    found = Reports(services.engine).show(which)
    if found is None:
        raise Refusal(f"There is no incident {which} and no call {which}.")
    if as_json:
        print_objects(found)
        return
    zones = set(_zones(services).values())
    if len(zones) != 1:
        zones = {"UTC"}
    print_timeline(found, zones.pop())


def _list(
    report: Callable[[Reports, str | None], Iterator[dict[str, Any]]],
    columns: Sequence[LogColumn],
    line_id: str | None,
    *,
    as_json: bool,
) -> None:
    services = ready_services()
    if line_id is not None:
        find_line(services.lines, line_id)
    rows = report(Reports(services.engine), line_id)
    if as_json:
        print_objects(rows)
        return
    zones = _zones(services)
    said = ", ".join(f"{zone} (line {line})" for line, zone in zones.items()) or "UTC"
    click.echo(f"Times are local to {said}.")
    shown = list_table(columns)
    cells = ([_cell(row, column, zones) for column in shown] for row in rows)
    print_table([column.name.removesuffix("_at").replace("_", " ") for column in shown], cells)


def _cell(row: dict[str, Any], column: LogColumn, zones: dict[str, str]) -> str:
    value = row[column.name]
    if column.is_moment:
        return format_local(value, zones.get(row["line"], "UTC"))
    return format_cell(value)


def _zones(services: Services) -> dict[str, str]:
    return {line.id: line.timezone for line in services.lines.list_lines()}


# `route`: a dry run of one call.


@click.command(
    "route", cls=LineCommand, example="route --file line.yaml --contract 100234 --urgency 1"
)
@file_option
@line_option
@click.option("--contract", "number", required=True, help="The number of the contract.")
@click.option("--urgency", type=click.IntRange(1, 4), default=1, show_default=True)
@at_option
@json_option
def route(file: Path | None, line_id: str | None, as_json: bool, **asked: Any) -> None:
    """Show what the line would do if the contract's first contact called and nobody
    answered.
    """
    found = read_line(file, line_id)
    line, contract = found.line, found.contract(asked["number"])
    at = resolve_moment(asked["at"], now(), line.timezone)
    story = DryRun(line, CallerRole.of(contract, asked["urgency"], at, line), at).play()
    if as_json:
        print_objects(story)
        return
    who = "a caller without a contract"
    if contract is not None:
        who = contract.customer
    click.echo(f"{who} calls {line.name} about level {asked['urgency']}.")
    print_timeline(story, line.timezone)


# The timeline: events, each with its reason.


TIMELINE_HEAD = ("at", "event", "engineer", "by", "to", "result", "reason")
TIMELINE_COLUMNS = ("event", "engineer", "channel", "to", "result", "reason")


def print_timeline(rows: Sequence[dict[str, Any]], zone: str) -> None:
    """Print a timeline to the millisecond, in local time of the zone."""
    click.echo(f"Times are local to {zone}.")
    cells = (
        [
            format_local(row["at"], zone, "milliseconds"),
            *(format_cell(row[name]) for name in TIMELINE_COLUMNS),
        ]
        for row in rows
    )
    print_table(TIMELINE_HEAD, cells)


# `figures`: service levels, never by person.


DEFAULT_MONTHS = 12

MAX_MONTHS = 120
NO_KEY = "none"


@click.command(
    "figures", cls=LineCommand, example="figures --from 2026-01 --to 2026-12 --by contract"
)
@line_option
@click.option("--from", "first", type=MonthType(), help="The first month. Default: a year back.")
@click.option("--to", "last", type=MonthType(), help="The last month. Default: the current one.")
@click.option("--by", type=click.Choice([one.value for one in Grouping]), default="month")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
def figures(
    line_id: str | None, *, as_csv: bool, as_json: bool, by: str, **months: dt.date | None
) -> None:
    """Show service levels by month, urgency level, plan or contract, never by person.

    Times are in seconds from the first ring, rounded up; service levels are percentages.
    """
    services, line = open_line(line_id)
    found = build_report(
        services.engine, line, _period(line, months["first"], months["last"]), Grouping(by)
    )
    rows = [_row(line, found, row) for row in found.rows]
    if as_json:
        print_objects(rows)
        return
    head = [by, *(column.name for column in COLUMNS)]
    cells = ([format_cell(row[name]) for name in head] for row in rows)
    if not as_csv:
        print_table(head, cells)
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(head)
    sheet.writerows(cells)


def _period(line: Line, first: dt.date | None, last: dt.date | None) -> Period:
    ending = month_of(last or wall(now(), line.timezone).date(), line.timezone)
    if first is None:
        return months_until(ending.last, DEFAULT_MONTHS, line.timezone)
    if first > ending.last:
        raise click.UsageError("--to must not come before --from")
    if len(found := Period(first, ending.last, line.timezone).months()) > MAX_MONTHS:
        raise click.UsageError(
            f"a report has at most {MAX_MONTHS} months, and these are {len(found)}"
        )
    return Period(first, ending.last, line.timezone)


def _row(line: Line, found: ServiceReport, row: FigureRow) -> dict[str, Any]:
    key: str | int = NO_KEY
    if isinstance(row.key, dt.date):
        key = f"{row.key:%Y-%m}"
    elif row.key is not None:
        key = row.key
    return {
        "line": line.id,
        found.by.value: key,
        **list_values(row.service, COLUMNS, line.figures),
    }
