"""Service figures of a line: counted in the database from calls and incidents, and added up by day.

``routing.service_levels`` says what each figure means. A period is read from the rollups of its
days, and counted where a day has none, so that the answer is the same in a log of any length.

A rollup has a row before it is computed. From then on triggers mark the day as stale when a call or
an incident of it changes. Changes that were marked before the day was counted are in the rollup; a
day with later marks is not read until it is computed again.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Row,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from routing.call import CallOutcome
from routing.line import Line
from routing.oncall.local_time import DAY, Period, wall
from routing.service_levels import ServiceFigures, sum_figures
from store.db.engine import reading, writing
from store.db.sql_types import build_insert
from store.tables.log import Levels, calls, daily_rollups, incidents, stale_days
from store.tables.people import contracts
from store.work.metrics import LONGEST_CALL

ByLevel = Mapping[int | None, ServiceFigures]
"""Figures by urgency level; None is a call that ended before a level was chosen."""

Key = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """A line from one moment to just before another, or only what ``taker`` took in that time."""

    line: str
    since: dt.datetime
    until: dt.datetime
    taker: str | None = None


# Counting from the log.


def count_service(connection: Connection, wanted: ServiceFilter) -> ByLevel:
    """Count calls and incidents by level."""
    answered = count_calls(connection, wanted)
    opened = _count_incidents(connection, incidents.c.urgency, [_opened_in(wanted)])
    none = ServiceFigures()
    return {
        level: answered.get(level, none) + opened.get(level, none) for level in answered | opened
    }


def count_calls(connection: Connection, wanted: ServiceFilter) -> dict[int | None, ServiceFigures]:
    """Count only the calls, by level."""
    return _count_calls(connection, calls.c.level, [_ended_in(wanted)])


def find_busiest_contracts(
    connection: Connection, wanted: ServiceFilter, most: int
) -> Sequence[str]:
    """The contracts with the most calls or the most incidents, highest first."""
    counted = func.count().label("counted")
    found: Counter[str] = Counter()
    sources = ((calls.c.contract, _ended_in(wanted)), (incidents.c.contract, _opened_in(wanted)))
    for column, which in sources:
        grouped = select(column, counted).where(which).group_by(column)
        best = grouped.order_by(counted.desc(), column).limit(most + 1)
        for contract, count in connection.execute(best):
            # skipped here: with "IS NOT NULL" SQLite would read every other row
            if contract is not None:
                found[contract] = max(found[contract], count)
    return sorted(found, key=lambda contract: (-found[contract], contract))[:most]


def count_by_contract(
    connection: Connection, wanted: ServiceFilter, numbers: Sequence[str]
) -> Mapping[str, ServiceFigures]:
    """Count calls and incidents of each of these contracts."""
    of_calls, of_incidents = calls.c.contract.in_(numbers), incidents.c.contract.in_(numbers)
    answered = _count_calls(connection, calls.c.contract, [_ended_in(wanted), of_calls])
    opened = _count_incidents(connection, incidents.c.contract, [_opened_in(wanted), of_incidents])
    none = ServiceFigures()
    return {one: answered.get(one, none) + opened.get(one, none) for one in numbers}


def count_by_plan(
    connection: Connection, wanted: ServiceFilter
) -> Mapping[str | None, ServiceFigures]:
    """Count calls and incidents by the plan that their contract has now; None is for those without
    a contract."""
    answered = _count_calls(connection, _plan_of(calls), [_ended_in(wanted)])
    opened = _count_incidents(connection, _plan_of(incidents), [_opened_in(wanted)])
    none = ServiceFigures()
    return {plan: answered.get(plan, none) + opened.get(plan, none) for plan in answered | opened}


def _plan_of(table: Table) -> ColumnElement[str | None]:
    theirs = and_(contracts.c.line == table.c.line, contracts.c.number == table.c.contract)
    return select(contracts.c.plan).where(theirs).correlate(table).scalar_subquery()


def _ended_in(wanted: ServiceFilter) -> ColumnElement[bool]:
    """Calls of customers that have ended."""
    conditions = [
        calls.c.line == wanted.line,
        calls.c.started_at >= wanted.since,
        calls.c.started_at < wanted.until,
        calls.c.ended_at.is_not(None),
        calls.c.engineer.is_(None),
    ]
    if wanted.taker is not None:
        conditions.append(calls.c.taker == wanted.taker)
    return and_(*conditions)


def _opened_in(wanted: ServiceFilter) -> ColumnElement[bool]:
    """Incidents of the period, without those that were merged: one matter counts once. The index on
    the time alone must serve it, because most incidents may be of one line."""
    conditions = [
        incidents.c.merged_into.is_(None),
        incidents.c.opened_at >= wanted.since,
        incidents.c.opened_at < wanted.until,
    ]
    if wanted.taker is None:
        return and_(*conditions, incidents.c.line.concat("") == wanted.line)
    its = (incidents.c.line == wanted.line, incidents.c.taker == wanted.taker)
    return and_(*conditions, *its)


def _count_calls(
    connection: Connection, key: Key, which: Sequence[Key]
) -> dict[Any, ServiceFigures]:
    answered = calls.c.answered_at.is_not(None)
    abandoned = and_(calls.c.answered_at.is_(None), calls.c.outcome == CallOutcome.ABANDONED)
    waited = case((or_(answered, abandoned), Waited()))
    columns = (key.label("key"), answered.label("answered"), waited.label("waited"))
    grouped = select(*columns, func.count().label("calls")).where(*which).group_by(*columns)
    counts: Counter[Any] = Counter()
    waits: dict[tuple[Any, bool], dict[int, int]] = defaultdict(dict)
    for row in connection.execute(grouped):
        counts[row.key] += row.calls
        if row.waited is not None:
            waits[row.key, bool(row.answered)][row.waited] = row.calls
    return {
        one: ServiceFigures(count, waits[one, True], waits[one, False])
        for one, count in counts.items()
    }


def _count_incidents(
    connection: Connection, key: Key, which: Sequence[Key]
) -> dict[Any, ServiceFigures]:
    counts = {
        "incidents": true(),
        "promised": incidents.c.promised,
        "breached": incidents.c.breached,
        "premium": incidents.c.premium,
    }
    columns = (func.sum(case((one, 1), else_=0)).label(name) for name, one in counts.items())
    grouped = select(key.label("key"), *columns).where(*which).group_by(key)
    found = connection.execute(grouped).mappings()
    return {row["key"]: ServiceFigures(**{name: row[name] for name in counts}) for row in found}


# Reading a period from its rollups.


@dataclass(frozen=True, slots=True)
class RollupPart:
    """The figures of a part of a period, mostly of a day."""

    since: dt.datetime
    levels: ByLevel

    @property
    def calls(self) -> int:
        """The number of calls."""
        return sum(one.calls for one in self.levels.values())


def read_parts(connection: Connection, wanted: ServiceFilter) -> Iterator[RollupPart]:
    """The parts of a period in order: its rollups, and what lies between them counted."""
    since = wanted.since
    for day in _read_rollups(connection, wanted):
        if day.since < since:
            continue
        if since < day.since:
            yield _count_part(connection, replace(wanted, since=since, until=day.since))
        yield RollupPart(day.since, dict(day.value))
        since = day.until
    if since < wanted.until:
        yield _count_part(connection, replace(wanted, since=since))


def combine_parts(parts: Iterable[RollupPart]) -> ByLevel:
    """The figures of all parts together."""
    found: dict[int | None, list[ServiceFigures]] = defaultdict(list)
    for part in parts:
        for level, figures in part.levels.items():
            found[level].append(figures)
    return {level: sum_figures(each) for level, each in found.items()}


def _count_part(connection: Connection, wanted: ServiceFilter) -> RollupPart:
    return RollupPart(wanted.since, count_service(connection, wanted))


def _read_rollups(
    connection: Connection, wanted: ServiceFilter
) -> Iterator[Row[dt.datetime, dt.datetime, Levels]]:
    """The computed days of the period that are not stale; none for one taker."""
    if wanted.taker is not None:
        return
    day, mark = daily_rollups.c, stale_days.c
    in_period = (mark.line == wanted.line, mark.at >= wanted.since, mark.at < wanted.until)
    marks = connection.scalars(select(mark.at).where(*in_period).order_by(mark.at)).all()
    within = (day.until > wanted.since, day.until <= wanted.until, day.since >= wanted.since)
    computed = select(day.since, day.until, day.value).where(
        day.line == wanted.line, *within, day.value.is_not(None)
    )
    for row in connection.execute(computed.order_by(day.until)):
        if bisect_left(marks, row.since) == bisect_left(marks, row.until):
            yield row


# Rollups are computed by any process. The first result that is stored counts; a second one is
# dropped.

AT_ONCE = 30
"""Days that are computed in one run; the next run continues."""

SETTLED = dt.timedelta(minutes=10)
"""No transaction lasts so long: every writer of a change has seen the row of the day since."""

_MARKS = 1000
"""Marks that one run reads."""


@dataclass(frozen=True, slots=True)
class DailyRollup:
    """A computed day: the version that it replaces, and the ids of the marks that it includes."""

    line: str
    until: dt.datetime
    version: int
    levels: Levels
    marks: Sequence[int]


def update_rollups(engine: Engine, line: Line, now: dt.datetime) -> int:
    """Compute rollups of the line that are missing or stale; return how many were stored."""
    create_days(engine, line, now)
    with reading(engine) as connection:
        untils = list(_find_due_days(connection, line.id, now))[:AT_ONCE]
    return sum(store_rollup(engine, compute_rollup(engine, line.id, until)) for until in untils)


def create_days(engine: Engine, line: Line, now: dt.datetime) -> None:
    """Create a row for each past day of the line, in its present time zone."""
    day = daily_rollups.c
    of_line, zone_changed = day.line == line.id, day.timezone != line.timezone
    with reading(engine) as connection:
        changed = connection.scalar(select(day.line).where(of_line, zone_changed)) is not None
        first = None
        if not changed:
            first = connection.scalar(select(func.max(day.until)).where(of_line))
        if first is None:
            oldest = select(func.min(calls.c.started_at)).where(calls.c.line == line.id)
            first = connection.scalar(oldest)
    if first is None:
        return
    last = wall(now - LONGEST_CALL, line.timezone).date() - DAY
    days = Period(wall(first, line.timezone).date(), last, line.timezone).days()
    rows = [_row(line, day, now) for day in days]
    if changed or rows:
        with writing(engine) as connection:
            _replace_days(connection, line, rows)


def compute_rollup(engine: Engine, line: str, until: dt.datetime) -> DailyRollup:
    """Count the day that ends then; nothing is written."""
    day, mark = daily_rollups.c, stale_days.c
    with reading(engine) as connection:
        its = select(day.since, day.version).where(day.line == line, day.until == until)
        row = connection.execute(its).one()
        within = (mark.line == line, mark.at >= row.since, mark.at < until)
        marks = connection.scalars(select(mark.id).where(*within)).all()
        found = count_service(connection, ServiceFilter(line, row.since, until))
        return DailyRollup(line, until, row.version, tuple(found.items()), marks)


def store_rollup(engine: Engine, found: DailyRollup) -> bool:
    """Store a rollup; False when another process stored one since, which may know of more."""
    its = (daily_rollups.c.line == found.line, daily_rollups.c.until == found.until)
    same = update(daily_rollups).where(*its, daily_rollups.c.version == found.version)
    with writing(engine) as connection:
        stored = same.values(value=found.levels, version=found.version + 1)
        if connection.execute(stored).rowcount != 1:
            return False
        if found.marks:
            done = delete(stale_days).where(stale_days.c.id == bindparam("mark"))
            connection.execute(done, [{"mark": mark} for mark in found.marks])
    return True


def _row(line: Line, day: Period, now: dt.datetime) -> dict[str, Any]:
    return {
        "line": line.id,
        "since": day.since,
        "until": day.until,
        "timezone": day.zone,
        "created_at": now,
        "version": 1,
    }


def _replace_days(connection: Connection, line: Line, rows: Sequence[dict[str, Any]]) -> None:
    """Insert days. When the time zone of the line changed, every day begins at another moment."""
    day = daily_rollups.c
    other_zone = delete(daily_rollups).where(day.line == line.id, day.timezone != line.timezone)
    if connection.execute(other_zone).rowcount:
        connection.execute(delete(stale_days).where(stale_days.c.line == line.id))
    if rows:
        new = build_insert(connection, daily_rollups)
        connection.execute(new.on_conflict_do_nothing(), rows)


def _find_due_days(connection: Connection, line: str, now: dt.datetime) -> Iterator[dt.datetime]:
    """The ends of stale days, then of days never computed; the latest first."""
    day, mark = daily_rollups.c, stale_days.c
    settled = (day.line == line, day.created_at <= now - SETTLED)
    marks = select(mark.at).where(mark.line == line).order_by(mark.at.desc()).limit(_MARKS)
    since = None
    for at in connection.scalars(marks).all():
        if since is not None and at >= since:
            continue
        containing = select(day.since, day.until).where(*settled, day.until > at)
        found = connection.execute(containing.order_by(day.until).limit(1)).first()
        if found is not None and found.since <= at:
            since = found.since
            yield found.until
    new = select(day.until).where(*settled, day.value.is_(None))
    yield from connection.scalars(new.order_by(day.until.desc()).limit(AT_ONCE))


# Waits are counted in started seconds, as
# ``routing.service_levels.count_started_seconds`` does.


class Waited(FunctionElement[int]):
    """Started seconds from a call's first ring until a person took it, or until its end."""

    type = Integer()
    inherit_cache = True


@compiles(Waited)
def _of_sqlite(element: Waited, compiler: Any, **_: Any) -> str:
    """Both are texts in UTC with six decimals: the whole seconds between them, and one more where
    the decimals of the end are greater."""
    end = "COALESCE(answered_at, ended_at)"
    seconds = "CAST(strftime('%s', substr({}, 1, 19)) AS INTEGER)"
    apart = f"{seconds.format(end)} - {seconds.format('started_at')}"
    return f"max(0, {apart} + (substr({end}, 21, 6) > substr(started_at, 21, 6)))"


@compiles(Waited, "postgresql")
def _of_postgresql(element: Waited, compiler: Any, **_: Any) -> str:
    apart = "COALESCE(answered_at, ended_at) - started_at"
    return f"CAST(GREATEST(0, CEIL(EXTRACT(EPOCH FROM ({apart})))) AS INTEGER)"
