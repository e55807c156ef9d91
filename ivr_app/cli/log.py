"""`calls`, `incidents` and `show`: what the line has done, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ivr_app.cli.context import (
    Refusal,
    Task,
    account,
    at_option,
    file_option,
    json_wanted,
    line_of,
    line_option,
    moment,
    objects,
    plain,
    ready_services,
    table,
)
from routing.incidents.columns import CALL_COLUMNS, INCIDENT_COLUMNS, LogColumn, list_table
from routing.oncall.local_time import shown_time
from service.bootstrap import Services, now
from service.dry_run import CallerRole, DryRun
from store.log.reports import Reports

line_wanted = click.option("--line", "line_id", help="Default: every line.")


@click.command("calls", cls=Task, example="calls --json")
@line_wanted
@json_wanted
def calls(line_id: str | None, as_json: bool) -> None:
    """List the calls, oldest first."""
    _list(Reports.calls, CALL_COLUMNS, line_id, as_json=as_json)


@click.command("incidents", cls=Task, example="incidents --json")
@line_wanted
@json_wanted
def incidents(line_id: str | None, as_json: bool) -> None:
    """List the incidents, oldest first."""
    _list(Reports.incidents, INCIDENT_COLUMNS, line_id, as_json=as_json)


@click.command("show", cls=Task, example="show 1042")
@click.argument("which", metavar="ID")
@json_wanted
def show(which: str, as_json: bool) -> None:
    """Print the timeline of a call (its sid) or an incident (its number), with reasons."""
    services = ready_services()
    found = Reports(services.engine).show(which)
    if found is None:
        raise Refusal(f"There is no incident {which} and no call {which}.")
    if as_json:
        objects(found)
        return
    zones = set(_zones(services).values())
    tell(found, zones.pop() if len(zones) == 1 else "UTC")


def _list(
    report: Callable[[Reports, str | None], Iterator[dict[str, Any]]],
    columns: Sequence[LogColumn],
    line_id: str | None,
    *,
    as_json: bool,
) -> None:
    services = ready_services()
    if line_id is not None:
        line_of(services.lines, line_id)
    rows = report(Reports(services.engine), line_id)
    if as_json:
        objects(rows)
        return
    zones = _zones(services)
    said = ", ".join(f"{zone} (line {line})" for line, zone in zones.items()) or "UTC"
    click.echo(f"Times are local to {said}.")
    shown = list_table(columns)
    cells = ([_cell(row, column, zones) for column in shown] for row in rows)
    table([column.name.removesuffix("_at").replace("_", " ") for column in shown], cells)


def _cell(row: dict[str, Any], column: LogColumn, zones: dict[str, str]) -> str:
    value = row[column.name]
    if column.is_moment:
        return shown_time(value, zones.get(row["line"], "UTC"))
    return plain(value)


def _zones(services: Services) -> dict[str, str]:
    return {line.id: line.timezone for line in services.lines.all_lines()}


# `route`: a dry run of one call.


@click.command("route", cls=Task, example="route --file line.yaml --contract 100234 --urgency 1")
@file_option
@line_option
@click.option("--contract", "number", required=True, help="The number of the contract.")
@click.option("--urgency", type=click.IntRange(1, 4), default=1, show_default=True)
@at_option
@json_wanted
def route(file: Path | None, line_id: str | None, as_json: bool, **asked: Any) -> None:
    """Show what the line would do if the contract's first contact called and nobody
    answered.
    """
    found = account(file, line_id)
    line, contract = found.line, found.contract(asked["number"])
    at = moment(asked["at"], now(), line.timezone)
    story = DryRun(line, CallerRole.of(contract, asked["urgency"], at, line), at).play()
    if as_json:
        objects(story)
        return
    who = contract.customer if contract else "a caller without a contract"
    click.echo(f"{who} calls {line.name} about level {asked['urgency']}.")
    tell(story, line.timezone)


# What happened, event by event, each with the reason for it.


HEAD = ("at", "event", "engineer", "by", "to", "result", "reason")
COLUMNS = ("event", "engineer", "channel", "to", "result", "reason")


def tell(rows: Sequence[dict[str, Any]], zone: str) -> None:
    """Print a timeline to the millisecond, as clocks of the zone show it."""
    click.echo(f"Times are local to {zone}.")
    cells = (
        [shown_time(row["at"], zone, "milliseconds"), *(plain(row[name]) for name in COLUMNS)]
        for row in rows
    )
    table(HEAD, cells)
