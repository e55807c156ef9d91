"""What the page of figures asks for, and the table that answers it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from ivr_app.console import find_own_engineer
from ivr_app.context import current_services
from ivr_app.web import (
    format_day,
    format_duration,
    language,
    t,
    translate_names,
    zone,
)
from routing.line import Line
from routing.oncall.local_time import Period, month_of, months_until
from routing.service_levels import ServiceFigures
from service import figures
from service.figures import FigureColumn, FigureRow, Grouping
from store.log.exports import BYTE_ORDER_MARK, format_csv_cell
from store.people.contract_search import read_company_names

MONTH, YEAR, RANGE = PERIODS = ("month", "year", "range")
OWN_GROUPING = "own"
GROUPINGS = (*(one.value for one in Grouping), OWN_GROUPING)
LONGEST_PERIOD = dt.timedelta(days=10 * 366)
"""The longest range of one page."""

YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What the page asks for. ``period`` is None if the dates have mistakes. ``sort`` is a column,
    with a minus before it for the greatest first; empty for the order of the rows."""

    wanted: str
    period: Period | None
    by: str
    sort: str = ""
    days: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """True for the figures of the viewer."""
        return self.by == OWN_GROUPING

    @property
    def grouping(self) -> Grouping:
        """What a row stands for; the figures of the viewer are by month."""
        if self.own:
            return Grouping.MONTH
        return Grouping(self.by)

    @property
    def columns(self) -> tuple[FigureColumn, ...]:
        """The columns of the table."""
        if self.own:
            return figures.OWN_COLUMNS
        return figures.COLUMNS

    def address(self, **changes: str) -> dict[str, Any]:
        """Return the query of an address that asks for the same, with these changes."""
        query = {"period": self.wanted, **self.days, "by": self.by, "sort": self.sort} | changes
        return {name: value for name, value in query.items() if value}


def find_own_taker(line: Line) -> str | None:
    """Return the engineer whose figures the viewer may see as their own, if the line has those."""
    if not line.figures.per_person:
        return None
    return find_own_engineer(line)


def read_query(sent: Mapping[str, str], today: dt.date, line: Line) -> FigureQuery:
    """Return the query of an address; by default the last twelve months, by month."""
    wanted = _choose(PERIODS, sent.get("period"), YEAR)
    by = _choose(GROUPINGS, sent.get("by"), Grouping.MONTH.value)
    sort = _check_sort(sent.get("sort", ""))
    if wanted == MONTH:
        return FigureQuery(wanted, month_of(today, line.timezone), by, sort)
    if wanted == YEAR:
        return FigureQuery(wanted, months_until(today, 12, line.timezone), by, sort)
    days = {name: sent.get(name, "") for name in ("since", "until")}
    first, last = (_parse_day(text) for text in days.values())
    mistakes = _check_days(days, first, last)
    if mistakes or first is None or last is None:
        return FigureQuery(wanted, None, by, sort, days, mistakes)
    return FigureQuery(wanted, Period(first, last, line.timezone), by, sort, days)


def _choose(known: tuple[str, ...], wanted: str | None, default: str) -> str:
    if wanted in known:
        return wanted
    return default


def _check_sort(sort: str) -> str:
    """Return a sort order, or none for an unknown column."""
    if sort.removeprefix("-") in {column.name for column in figures.COLUMNS}:
        return sort
    return ""


def _check_days(
    days: Mapping[str, str], first: dt.date | None, last: dt.date | None
) -> dict[str, str]:
    """Return the text key of each mistake, by the name of the field."""
    if first is None or last is None:
        return {name: "figures.no_day" for name, text in days.items() if _parse_day(text) is None}
    if last < first:
        return {"until": "figures.backwards"}
    if last - first > LONGEST_PERIOD:
        return {"until": "figures.too_long"}
    return {}


def _parse_day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in YEARS:
        return None
    return day


Options = list[tuple[str, str]]


def list_options(query: FigureQuery, *, offers_own: bool) -> dict[str, Options]:
    """Return the options of each field; ``offers_own`` adds the figures of the viewer."""
    groupings = [one for one in GROUPINGS if offers_own or one != OWN_GROUPING]
    names = [(column.name, t(f"figures.head.{column.name}")) for column in query.columns]
    return {
        "period": [(one, t(f"figures.period.{one}")) for one in PERIODS],
        "by": [(one, t(f"figures.by.{one}")) for one in groupings],
        "sort": [
            ("", t("figures.sort.plain")),
            *((f"-{column}", t("figures.sort.most", name=name)) for column, name in names),
            *((column, t("figures.sort.least", name=name)) for column, name in names),
        ],
    }


ONE_MINUTE = dt.timedelta(minutes=1)
NO_VALUE = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: its value, its text, and the address of the calls that it counts."""

    column: FigureColumn
    value: figures.Number
    text: str
    address: str | None


@dataclass(frozen=True, slots=True)
class FigureTableRow:
    """One row; ``address`` is the page of what the row stands for."""

    name: str
    address: str | None
    service: ServiceFigures
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The table in the chosen order, and its rows in their own order for the charts. ``days`` are
    the names of the first and the last day."""

    head: str
    period: Period
    days: tuple[str, str]
    columns: Sequence[FigureColumn]
    rows: Sequence[FigureTableRow]
    drawn: Sequence[FigureTableRow]
    total: FigureTableRow


def build_table(
    line: Line, report: figures.ServiceReport, query: FigureQuery, taker: str | None
) -> FigureTable:
    """Return the table of a report."""
    search = {"line": line.id, "engineer": taker}
    names: Mapping[str, str] = {}
    if report.by is Grouping.CONTRACT:
        contracts = [str(row.key) for row in report.rows]
        names = read_company_names(current_services().engine, line.id, contracts)
    if report.by is Grouping.PLAN:
        names = {plan.id: plan.name(language()) for plan in line.plans}
    drawn = []
    for row in report.rows:
        name, address = _name_row(line, report.by, row, names)
        cells = build_cells(line, row, query, _build_search_query(report.by, row, search))
        drawn.append(FigureTableRow(name, address, row.service, cells))
    whole = FigureRow(None, report.period, report.total)
    total_cells = build_cells(line, whole, query, search)
    return FigureTable(
        t(f"figures.by.{report.by}"),
        report.period,
        _name_days(report.period),
        query.columns,
        _sort_rows(drawn, query.sort),
        drawn,
        FigureTableRow(t("figures.total"), None, report.total, total_cells),
    )


def build_cells(
    line: Line, row: FigureRow, query: FigureQuery, search: dict[str, Any] | None
) -> list[Cell]:
    """Return the cells of a row; ``search`` is the query that finds its calls, None if there is
    none."""
    values = figures.list_values(row.service, query.columns, line.figures)
    if search is not None:
        since, until = row.period.since, row.period.until - ONE_MINUTE
        search = search | {"since": _format_field(since), "until": _format_field(until)}
    cells = []
    for column in query.columns:
        value, address = values[column.name], None
        if value and column.outcome is not None and search is not None:
            address = url_for("calls.show", outcome=column.outcome or None, **search)
        cells.append(Cell(column, value, _format_value(column, value), address))
    if not cells[0].value:
        cells[0] = Cell(cells[0].column, cells[0].value, t("figures.no_calls"), None)
    return cells


def _format_field(at: dt.datetime) -> str:
    """Return a moment as the value of a field for times, in the viewer's zone."""
    return f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}"


def _format_value(column: FigureColumn, value: figures.Number) -> str:
    if value is None:
        return NO_VALUE
    if column.unit is figures.Unit.SECONDS:
        return format_duration(language(), float(value))
    if column.unit is figures.Unit.PERCENT:
        text = f"{value:.1f}".removesuffix(".0").replace(".", t("figures.point"))
        return t("figures.percent", value=text)
    return str(value)


def _name_row(
    line: Line, by: Grouping, row: FigureRow, names: Mapping[str, str]
) -> tuple[str, str | None]:
    """Return the name of a row, and the address of the contract for which it stands."""
    key = row.key
    if by is Grouping.PLAN:
        return _name_plan(key, names), None
    if isinstance(key, dt.date):
        month = translate_names(language(), "web.months")[key.month - 1]
        return f"{month} {key.year}", None
    if isinstance(key, str):
        name = key
        if key in names:
            name = f"{names[key]} ({key})"
        return name, url_for("incidents.show", line=line.id, contract=key)
    if key is None:
        return t("figures.no_level"), None
    return t("web.level", level=key), None


def _name_plan(key: figures.Key, names: Mapping[str, str]) -> str:
    """Return the name of a plan; the id of one that the line no longer has."""
    if key is None:
        return t("figures.no_plan")
    return names.get(str(key), str(key))


def _build_search_query(
    by: Grouping, row: FigureRow, search: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the query that finds the calls of a row. None for calls that ended before a level was
    chosen, and for those of a plan: no search finds only those."""
    if by is Grouping.PLAN:
        return None
    if by is Grouping.CONTRACT:
        return search | {"company": row.key}
    if by is not Grouping.LEVEL:
        return search
    if row.key is None:
        return None
    return search | {"level": row.key}


def _name_days(period: Period) -> tuple[str, str]:
    """Return the first and the last day in the zone of the line, not of the viewer."""
    zone = ZoneInfo(period.zone)
    last = period.until - ONE_MINUTE
    return format_day(language(), period.since, zone), format_day(language(), last, zone)


def _sort_rows(rows: Sequence[FigureTableRow], sort: str) -> Sequence[FigureTableRow]:
    """Sort by a column; a row without a value comes last in either order."""
    if not sort:
        return rows
    name, sign = sort.removeprefix("-"), 1
    if sort.startswith("-"):
        sign = -1

    def place(row: FigureTableRow) -> tuple[bool, float]:
        value = next((cell.value for cell in row.cells if cell.column.name == name), None)
        return value is None, sign * (value or 0.0)

    return sorted(rows, key=place)


def write_csv(table: FigureTable) -> str:
    """Return the table as CSV: times in seconds, shares in percent."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([table.head, *(t(f"figures.head.{one.name}") for one in table.columns)])
    for row in (*table.rows, table.total):
        values = [row.name, *(cell.value for cell in row.cells)]
        writer.writerow([format_csv_cell(value) for value in values])
    return buffer.getvalue()
