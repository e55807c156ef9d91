"""The table of figures: what stands in each cell, in words and as a number, and where it leads."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from ivr_app.console import (
    BYTE_ORDER_MARK,
    csv_cell,
    format_day,
    format_duration,
    language,
    t,
    translated_names,
    zone,
)
from ivr_app.console.figures.query import FigureQuery
from ivr_app.context import current_services
from routing.line import Line
from routing.oncall.local_time import Period
from routing.service_levels import ServiceFigures
from service.figures import (
    FigureColumn,
    FigureRow,
    Grouping,
    Number,
    ServiceReport,
    Unit,
    list_values,
)
from store.people.contract_search import customers

# What stands in a row of the table of figures, and where each number leads.


ONE_MINUTE = dt.timedelta(minutes=1)
NO_VALUE = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: the number, its words, and the address of the calls that it counts."""

    column: FigureColumn
    value: Number
    words: str
    address: str | None


def build_cells(
    line: Line,
    service: ServiceFigures,
    period: Period,
    wish: FigureQuery,
    asked: dict[str, Any] | None,
) -> list[Cell]:
    """The cells of one row; ``asked`` is what the search for calls is asked to find those of it,
    None where it cannot be asked."""
    its = list_values(service, wish.columns, line.figures)
    here = zone()
    when: dict[str, Any] = {
        "since": f"{period.since.astimezone(here):%Y-%m-%dT%H:%M}",
        "until": f"{(period.until - ONE_MINUTE).astimezone(here):%Y-%m-%dT%H:%M}",
    }
    found = []
    for column in wish.columns:
        value, address = its[column.name], None
        if value and column.outcome is not None and asked is not None:
            address = url_for("calls.show", **when, outcome=column.outcome or None, **asked)
        words = _format_value(column, value)
        if column is wish.columns[0] and not value:
            words = t("figures.no_calls")
        found.append(Cell(column, value, words, address))
    return found


def _format_value(column: FigureColumn, value: Number) -> str:
    if value is None:
        return NO_VALUE
    if column.unit is Unit.SECONDS:
        return format_duration(language(), float(value))
    if column.unit is Unit.PERCENT:
        said = f"{value:.1f}".removesuffix(".0").replace(".", t("figures.point"))
        return t("figures.percent", value=said)
    return str(value)


@dataclass(frozen=True, slots=True)
class FigureTableRow:
    """One row under its name; ``address`` is that of what the name stands for."""

    name: str
    address: str | None
    service: ServiceFigures
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The table as it is shown, and the same rows in their own order, as they are drawn; ``days``
    are the first and the last of its time."""

    head: str
    period: Period
    days: tuple[str, str]
    columns: Sequence[FigureColumn]
    rows: Sequence[FigureTableRow]
    drawn: Sequence[FigureTableRow]
    total: FigureTableRow


def build_table(
    line: Line, found: ServiceReport, wish: FigureQuery, taker: str | None
) -> FigureTable:
    """Everything in words."""
    known: Mapping[str, str] = {}
    if found.by is Grouping.CONTRACT:
        known = customers(current_services().engine, line.id, [str(row.key) for row in found.rows])
    asked = {"line": line.id, "engineer": taker}
    drawn = [
        _build_row(line, row, wish, _search_address(found.by, row, asked), known)
        for row in found.rows
    ]
    total = FigureTableRow(
        t("figures.total"),
        None,
        found.total,
        build_cells(line, found.total, found.period, wish, asked),
    )
    head = t(f"figures.by.{found.by}")
    rows = _sort_rows(drawn, wish.sort)
    return FigureTable(
        head, found.period, _format_days(found.period), wish.columns, rows, drawn, total
    )


def write_csv(of: FigureTable) -> str:
    """The same rows for a spreadsheet: times in seconds, shares in percent."""
    page = io.StringIO()
    writer = csv.writer(page)
    page.write(BYTE_ORDER_MARK)
    writer.writerow([of.head, *(t(f"figures.head.{column.name}") for column in of.columns)])
    for row in (*of.rows, of.total):
        writer.writerow([csv_cell(row.name), *(csv_cell(cell.value) for cell in row.cells)])
    return page.getvalue()


def _format_days(period: Period) -> tuple[str, str]:
    """Their names by the clock of the line, which need not be the viewer's."""
    clock = ZoneInfo(period.zone)
    last = period.until - ONE_MINUTE
    return format_day(language(), period.since, clock), format_day(language(), last, clock)


def _build_row(
    line: Line,
    row: FigureRow,
    wish: FigureQuery,
    asked: dict[str, Any] | None,
    known: Mapping[str, str],
) -> FigureTableRow:
    name, address = _name_row(row), None
    if isinstance(row.key, str):
        address = url_for("incidents.show", line=line.id, contract=row.key)
        name = f"{known[row.key]} ({row.key})" if row.key in known else row.key
    return FigureTableRow(
        name, address, row.service, build_cells(line, row.service, row.period, wish, asked)
    )


def _name_row(row: FigureRow) -> str:
    if isinstance(row.key, dt.date):
        return f"{translated_names(language(), 'console.months')[row.key.month - 1]} {row.key.year}"
    return t("console.level", level=row.key) if row.key else t("figures.no_level")


def _search_address(by: Grouping, row: FigureRow, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What the search for calls is asked, so that it finds those of the row; None for those that
    ended before a level was chosen, which it cannot be asked for."""
    if by is Grouping.CONTRACT:
        return asked | {"company": row.key}
    if by is Grouping.LEVEL:
        return asked | {"level": row.key} if row.key else None
    return asked


def _sort_rows(rows: Sequence[FigureTableRow], sort: str) -> Sequence[FigureTableRow]:
    """By one column; a row without a figure in it comes last either way."""
    if not sort:
        return rows
    down, name = sort.startswith("-"), sort.removeprefix("-")

    def place(row: FigureTableRow) -> tuple[bool, float]:
        value = next((cell.value for cell in row.cells if cell.column.name == name), None)
        return value is None, 0.0 if value is None else -value if down else value

    return sorted(rows, key=place)
