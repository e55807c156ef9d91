"""What stands in a row of the table of figures, and where each number leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import url_for

from ivr_app.console.clockface import length
from ivr_app.console.figures.asked import Wish
from ivr_app.console.viewer import language, zone
from ivr_app.console.wardrobe import t
from ivr_app.figures.columns import Column, Number, Unit, numbers
from routing.line import Line
from routing.schedule.period import Period
from routing.service import Service

A_MINUTE = dt.timedelta(minutes=1)
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: the number, its words, and the address of the calls that it counts."""

    column: Column
    value: Number
    words: str
    address: str | None


def cells(
    line: Line, service: Service, period: Period, wish: Wish, asked: dict[str, Any] | None
) -> list[Cell]:
    """The cells of one row; ``asked`` is what the search for calls is asked to find those of it,
    None where it cannot be asked."""
    its = numbers(service, wish.columns, line.figures)
    here = zone()
    when: dict[str, Any] = {
        "since": f"{period.since.astimezone(here):%Y-%m-%dT%H:%M}",
        "until": f"{(period.until - A_MINUTE).astimezone(here):%Y-%m-%dT%H:%M}",
    }
    found = []
    for column in wish.columns:
        value, address = its[column.name], None
        if value and column.outcome is not None and asked is not None:
            address = url_for("calls.show", **when, outcome=column.outcome or None, **asked)
        words = _words(column, value)
        if column is wish.columns[0] and not value:
            words = t("figures.no_calls")
        found.append(Cell(column, value, words, address))
    return found


def _words(column: Column, value: Number) -> str:
    if value is None:
        return NOTHING
    if column.unit is Unit.SECONDS:
        return length(language(), float(value))
    if column.unit is Unit.PERCENT:
        said = f"{value:.1f}".removesuffix(".0").replace(".", t("figures.point"))
        return t("figures.percent", value=said)
    return str(value)
