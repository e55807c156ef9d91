"""Service-level figures of a period, grouped by month, level, plan or contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import Connection, Engine

from routing.line import Line
from routing.oncall.local_time import Period, wall
from routing.service_levels import FigureRules, ServiceFigures, sum_figures
from store.db.engine import reading
from store.log.service_levels import (
    ServiceFilter,
    combine_parts,
    count_by_contract,
    count_by_plan,
    find_busiest_contracts,
    read_parts,
)

LEVELS = (1, 2, 3, 4)
MAX_CONTRACTS = 50
"""The contracts in a report at most: those with the most calls."""


class Grouping(StrEnum):
    """What a row of the report stands for."""

    MONTH = "month"
    LEVEL = "level"
    PLAN = "plan"
    CONTRACT = "contract"


Key = dt.date | int | str | None
"""The first day of a month, a level, the id of a plan or the number of a contract; None is no level
or no plan."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one month, level, plan or contract, and their period."""

    key: Key
    period: Period
    service: ServiceFigures


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """The rows of a report and their total."""

    by: Grouping
    period: Period
    rows: Sequence[FigureRow]
    total: ServiceFigures


def build_report(
    engine: Engine, line: Line, period: Period, by: Grouping, taker: str | None = None
) -> ServiceReport:
    """Build the report of a line; with ``taker``, only of the calls that this engineer took."""
    with reading(engine) as connection:
        total, rows = _READERS[by](connection, line, period, taker)
    return ServiceReport(by, period, rows, total)


def narrow_period(engine: Engine, line: Line, period: Period, most: int) -> Period:
    """Shorten a period to its last days with at most so many calls.

    The last part, which no daily rollup covers yet, is always included.
    """
    many, first = 0, period.first
    with reading(engine) as connection:
        found = list(read_parts(connection, _build_filter(line, period, None)))
    for part, after in reversed(list(pairwise(found))):
        many += after.calls
        if many + part.calls > most:
            first = wall(after.since, line.timezone).date()
            break
    return replace(period, first=first)


ReportParts = tuple[ServiceFigures, list[FigureRow]]


def _by_month(connection: Connection, line: Line, period: Period, taker: str | None) -> ReportParts:
    rows = [
        FigureRow(
            month.first, month, sum_figures(_sum_by_level(connection, line, month, taker).values())
        )
        for month in period.months()
    ]
    return sum_figures(row.service for row in rows), rows


def _by_level(connection: Connection, line: Line, period: Period, taker: str | None) -> ReportParts:
    found = _sum_by_level(connection, line, period, taker)
    keys: list[int | None] = [*LEVELS]
    if None in found:
        keys.append(None)
    rows = [FigureRow(level, period, found.get(level, ServiceFigures())) for level in keys]
    return sum_figures(found.values()), rows


def _by_plan(connection: Connection, line: Line, period: Period, taker: str | None) -> ReportParts:
    """The plans in the order of their ranks, then those without a contract."""
    found = count_by_plan(connection, _build_filter(line, period, taker))
    known = [plan.id for plan in sorted(line.plans, key=lambda plan: plan.rank)]
    gone = sorted(plan for plan in found if plan is not None and plan not in known)
    keys: list[str | None] = [*known, *gone]
    if None in found:
        keys.append(None)
    rows = [FigureRow(plan, period, found.get(plan, ServiceFigures())) for plan in keys]
    return sum_figures(found.values()), rows


def _by_contract(
    connection: Connection, line: Line, period: Period, taker: str | None
) -> ReportParts:
    asked = _build_filter(line, period, taker)
    which = find_busiest_contracts(connection, asked, MAX_CONTRACTS)
    found = count_by_contract(connection, asked, which)
    total = sum_figures(_sum_by_level(connection, line, period, taker).values())
    return total, [FigureRow(contract, period, found[contract]) for contract in which]


def _sum_by_level(
    connection: Connection, line: Line, period: Period, taker: str | None
) -> Mapping[int | None, ServiceFigures]:
    return combine_parts(read_parts(connection, _build_filter(line, period, taker)))


def _build_filter(line: Line, period: Period, taker: str | None) -> ServiceFilter:
    return ServiceFilter(line.id, period.since, period.until, taker)


_READERS: Mapping[Grouping, Callable[[Connection, Line, Period, str | None], ReportParts]] = {
    Grouping.MONTH: _by_month,
    Grouping.LEVEL: _by_level,
    Grouping.PLAN: _by_plan,
    Grouping.CONTRACT: _by_contract,
}


# The columns of the figures, in order, with the unit of each.


Number = int | float | None
"""None where no call counts for the figure."""


class Unit(StrEnum):
    """The unit of a figure."""

    TIMES = "times"
    SECONDS = "seconds"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """One figure; ``outcome`` filters the call list to the calls that it counts."""

    name: str
    unit: Unit
    of: Callable[[ServiceFigures, FigureRules], Number]
    outcome: str | None = None


def _round_share(share: float | None) -> float | None:
    if share is None:
        return None
    return round(share, 1)


COLUMNS = (
    FigureColumn("calls", Unit.TIMES, lambda it, _: it.calls, ""),
    FigureColumn("answered", Unit.TIMES, lambda it, _: it.answers, "connected"),
    FigureColumn("p50", Unit.SECONDS, lambda it, _: it.time_to_human(50)),
    FigureColumn("p90", Unit.SECONDS, lambda it, _: it.time_to_human(90)),
    FigureColumn("worst", Unit.SECONDS, lambda it, _: it.worst),
    FigureColumn("sl", Unit.PERCENT, lambda it, its: _round_share(it.level(its.answer_within))),
    FigureColumn("sl2", Unit.PERCENT, lambda it, its: _round_share(it.level_2(its.answer_within))),
    FigureColumn("abandoned", Unit.TIMES, lambda it, _: it.losses, "abandoned"),
    FigureColumn("promised", Unit.TIMES, lambda it, _: it.promised),
    FigureColumn("breached", Unit.TIMES, lambda it, _: it.breached),
    FigureColumn("premium", Unit.TIMES, lambda it, _: it.premium),
)

TEAM_COLUMNS = ("calls", "sl2", "abandoned")
"""Columns of a whole line: calls that nobody took belong to no engineer."""

OWN_COLUMNS = tuple(column for column in COLUMNS if column.name not in TEAM_COLUMNS)


def list_values(
    service: ServiceFigures, columns: Sequence[FigureColumn], rules: FigureRules
) -> dict[str, Number]:
    """Each figure by its name."""
    return {column.name: column.of(service, rules) for column in columns}
