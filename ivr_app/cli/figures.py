"""`figures`: how well callers were served, by month, level or contract; never by person."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from typing import Any

import click

from ivr_app.cli.context import (
    MonthType,
    Task,
    json_wanted,
    line_of,
    line_option,
    objects,
    plain,
    ready_services,
    table,
)
from routing.line import Line
from routing.oncall.local_time import Period, month_of, months_until, wall
from service.bootstrap import now
from service.figures import COLUMNS, FigureRow, Grouping, ServiceReport, build_report, list_values

A_YEAR = 12
"""Months of which figures are told unless others are asked for."""

MOST = 120
NO_LEVEL = "none"


@click.command("figures", cls=Task, example="figures --from 2026-01 --to 2026-12 --by contract")
@line_option
@click.option("--from", "first", type=MonthType(), help="The first month. Default: a year back.")
@click.option("--to", "last", type=MonthType(), help="The last month. Default: the current one.")
@click.option("--by", type=click.Choice([one.value for one in Grouping]), default="month")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_wanted
def figures(
    line_id: str | None, *, as_csv: bool, as_json: bool, by: str, **months: dt.date | None
) -> None:
    """Show service levels by month, urgency level or contract, never by person.

    Times are in seconds from the first ring, rounded up; service levels are percentages.
    """
    services = ready_services()
    line = line_of(services.lines, line_id)
    found = build_report(
        services.engine, line, _period(line, months["first"], months["last"]), Grouping(by)
    )
    rows = [_row(line, found, row) for row in found.rows]
    if as_json:
        objects(rows)
        return
    head = [by, *(column.name for column in COLUMNS)]
    cells = ([plain(row[name]) for name in head] for row in rows)
    if not as_csv:
        table(head, cells)
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(head)
    sheet.writerows(cells)


def _period(line: Line, first: dt.date | None, last: dt.date | None) -> Period:
    ending = month_of(last or wall(now(), line.timezone).date(), line.timezone)
    if first is None:
        return months_until(ending.last, A_YEAR, line.timezone)
    if first > ending.last:
        raise click.UsageError("--to must not come before --from")
    if len(found := Period(first, ending.last, line.timezone).months()) > MOST:
        raise click.UsageError(
            f"at most {MOST} months are told at once, and these are {len(found)}"
        )
    return Period(first, ending.last, line.timezone)


def _row(line: Line, found: ServiceReport, row: FigureRow) -> dict[str, Any]:
    key = f"{row.key:%Y-%m}" if isinstance(row.key, dt.date) else row.key
    told = NO_LEVEL if key is None else key
    return {
        "line": line.id,
        found.by.value: told,
        **list_values(row.service, COLUMNS, line.figures),
    }
