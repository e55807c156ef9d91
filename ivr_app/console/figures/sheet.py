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

from ivr_app.console.cells import MARK, shown
from ivr_app.console.clockface import day
from ivr_app.console.figures.asked import Wish
from ivr_app.console.figures.cells import A_MINUTE, Cell, cells
from ivr_app.console.viewer import language
from ivr_app.console.wardrobe import t
from ivr_app.console.words import names
from ivr_app.figures.columns import Column
from ivr_app.figures.reckoning import By, Figures, Row
from ivr_app.switch import board
from routing.line import Line
from routing.schedule.period import Period
from routing.service import Service
from store.companies import customers


@dataclass(frozen=True, slots=True)
class Entry:
    """One row under its name; ``address`` is that of what the name stands for."""

    name: str
    address: str | None
    service: Service
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table as it is shown, and the same rows in their own order, as they are drawn; ``days``
    are the first and the last of its time."""

    head: str
    period: Period
    days: tuple[str, str]
    columns: Sequence[Column]
    rows: Sequence[Entry]
    drawn: Sequence[Entry]
    total: Entry


def sheet(line: Line, found: Figures, wish: Wish, taker: str | None) -> Sheet:
    """Everything in words."""
    known: Mapping[str, str] = {}
    if found.by is By.CONTRACT:
        known = customers(board().engine, line.id, [str(row.key) for row in found.rows])
    asked = {"line": line.id, "engineer": taker}
    drawn = [_entry(line, row, wish, _found_by(found.by, row, asked), known) for row in found.rows]
    total = Entry(
        t("figures.total"), None, found.total, cells(line, found.total, found.period, wish, asked)
    )
    head = t(f"figures.by.{found.by}")
    rows = _sorted(drawn, wish.sort)
    return Sheet(head, found.period, _days(found.period), wish.columns, rows, drawn, total)


def as_csv(of: Sheet) -> str:
    """The same rows for a spreadsheet: times in seconds, shares in percent."""
    page = io.StringIO()
    writer = csv.writer(page)
    page.write(MARK)
    writer.writerow([of.head, *(t(f"figures.head.{column.name}") for column in of.columns)])
    for row in (*of.rows, of.total):
        writer.writerow([shown(row.name), *(shown(cell.value) for cell in row.cells)])
    return page.getvalue()


def _days(period: Period) -> tuple[str, str]:
    """Their names by the clock of the line, which need not be the viewer's."""
    clock = ZoneInfo(period.zone)
    last = period.until - A_MINUTE
    return day(language(), period.since, clock), day(language(), last, clock)


def _entry(
    line: Line, row: Row, wish: Wish, asked: dict[str, Any] | None, known: Mapping[str, str]
) -> Entry:
    name, address = _name(row), None
    if isinstance(row.key, str):
        address = url_for("incidents.show", line=line.id, contract=row.key)
        name = f"{known[row.key]} ({row.key})" if row.key in known else row.key
    return Entry(name, address, row.service, cells(line, row.service, row.period, wish, asked))


def _name(row: Row) -> str:
    if isinstance(row.key, dt.date):
        return f"{names(language(), 'console.months')[row.key.month - 1]} {row.key.year}"
    return t("console.level", level=row.key) if row.key else t("figures.no_level")


def _found_by(by: By, row: Row, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What the search for calls is asked, so that it finds those of the row; None for those that
    ended before a level was chosen, which it cannot be asked for."""
    if by is By.CONTRACT:
        return asked | {"company": row.key}
    if by is By.LEVEL:
        return asked | {"level": row.key} if row.key else None
    return asked


def _sorted(rows: Sequence[Entry], sort: str) -> Sequence[Entry]:
    """By one column; a row without a figure in it comes last either way."""
    if not sort:
        return rows
    down, name = sort.startswith("-"), sort.removeprefix("-")

    def place(row: Entry) -> tuple[bool, float]:
        value = next((cell.value for cell in row.cells if cell.column.name == name), None)
        return value is None, 0.0 if value is None else -value if down else value

    return sorted(rows, key=place)
